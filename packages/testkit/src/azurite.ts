import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';

const ACCOUNT = 'devstoreaccount1';
/** Published with Azurite; it opens nothing but an emulator. */
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface AzuriteOptions {
  /** Where it keeps its blobs, for one that is to be started again; in memory when left out. */
  readonly folder?: string;
  /** A free one when left out. */
  readonly port?: number;
}

export interface RunningAzurite {
  readonly connectionString: string;
  readonly port: number;
  /** With a folder, it is given the time to write. */
  stop(): Promise<void>;
}

/** A real Azurite blob service on a loopback port; ready when this resolves. Ends with this process at the latest. */
export async function startAzurite({ folder, port = 0 }: AzuriteOptions = {}): Promise<RunningAzurite> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const place = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
  const flags = [...place, '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
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
  let said = '';
  return new Promise((resolve, reject) => {
    const hear = (bytes: Buffer) => {
      said += bytes.toString();
      const match = /listens on (http:\/\/127\.0\.0\.1:\d+)\s/.exec(said);
      if (match !== null) resolve(match[1]!);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('error', reject);
    child.once('close', () => reject(new Error(`azurite ended: ${said}`)));
  });
}
