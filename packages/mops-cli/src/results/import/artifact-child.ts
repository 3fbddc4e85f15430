import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ModelOpsError } from '@modelops/contracts';
import { residentBytes } from '@modelops/model-host';
import { modelEnvironment } from '@modelops/system';
import type { Artifact, ArtifactRequest } from './artifact.ts';

export type ArtifactReply = { readonly artifact: Artifact } | { readonly refusal: string };

/** Reads files of outputs, each within limits of time and memory. */
export interface ArtifactReader {
  /** @throws FILE_INVALID with the reason, without the file's name */
  read(request: ArtifactRequest): Promise<Artifact>;
  close(): void;
}

export interface ReaderLimits {
  /** Time limit for one file. */
  readonly seconds: number;
  /** Maximum resident memory of the reading process. */
  readonly megabytes: number;
}

const POLL_MS = 20;

/** A reader in a child process, started for the first file and restarted after a file that exceeds a limit or crashes it. Reads one file at a time. */
export function openArtifactReader({ seconds, megabytes }: ReaderLimits = { seconds: 120, megabytes: 3_000 }): ArtifactReader {
  let child: ChildProcess | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const readNext = (request: ArtifactRequest) =>
    new Promise<Artifact>((resolve, reject) => {
      child ??= startChild();
      const reader = child;
      const end = (settle: () => void) => {
        clearInterval(guard);
        clearTimeout(timer);
        reader.removeAllListeners();
        settle();
      };
      const refuse = (reason: string) => reject(new ModelOpsError('FILE_INVALID', reason));
      const stop = (reason: string) =>
        end(() => {
          child = undefined;
          reader.kill('SIGKILL');
          refuse(reason);
        });
      const timer = setTimeout(() => stop(`cannot be read within ${seconds} s`), seconds * 1000);
      const guard = setInterval(() => {
        if (residentBytes(reader.pid) > megabytes * 1e6) stop(`needs more than ${megabytes} MB of memory to be read`);
      }, POLL_MS);
      reader.once('message', (reply: ArtifactReply) => end(() => ('artifact' in reply ? resolve(reply.artifact) : refuse(reply.refusal))));
      reader.once('error', ({ message }) => stop(`cannot be read: ${message}`));
      reader.once('exit', (code, signal) => stop(`cannot be read: the process that read it ended with ${signal ?? `exit status ${code}`}`));
      reader.send(request);
    });

  return {
    read(request) {
      const result = queue.then(() => readNext(request));
      queue = result.catch(() => undefined);
      return result;
    },
    close() {
      child?.removeAllListeners();
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}

function startChild(): ChildProcess {
  return fork(programFile(), [], {
    serialization: 'advanced',
    execArgv: [],
    env: modelEnvironment(process.env),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

function programFile(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../../../dist/artifact-reader.js' : './artifact-reader.js', here));
}
