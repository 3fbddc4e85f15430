import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';

const ACCOUNT = 'devstoreaccount1';
/** The published key of the emulator. */
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface AzuriteOptions {
  /** Folder for its blobs, so that it can be started again. Default: in memory. */
  readonly folder?: string;
  /** Default: a free port. */
  readonly port?: number;
}

export interface RunningAzurite {
  readonly connectionString: string;
  readonly port: number;
  /** Waits until it has written its blobs, if it has a folder. */
  stop(): Promise<void>;
}

/** Starts a real Azurite blob service on a loopback port. Resolves when it is ready; it ends with this process. */
export async function startAzurite({ folder, port = 0 }: AzuriteOptions = {}): Promise<RunningAzurite> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const storage = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
  const flags = [...storage, '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const child = spawn(process.execPath, [program, '--blobHost', '127.0.0.1', '--blobPort', String(port), ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const address = await listening(child);
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${address}/${ACCOUNT};`,
    port: Number(new URL(address).port),
    async stop() {
      process.off('exit', kill);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill(folder === undefined ? 'SIGKILL' : 'SIGTERM');
      await ended;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const read = (bytes: Buffer) => {
      output += bytes.toString();
      const match = /listens on (http:\/\/127\.0\.0\.1:\d+)\s/.exec(output);
      if (match !== null) resolve(match[1]!);
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('error', reject);
    child.once('close', () => reject(new Error(`azurite ended: ${output}`)));
  });
}
