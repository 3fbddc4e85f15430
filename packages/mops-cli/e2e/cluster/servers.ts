import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Server {
  stop(): Promise<void>;
}

/** Debian's docker-registry on an address of this machine, with its blobs in a folder that goes with it. */
export async function startRegistry(address: string): Promise<Server> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-'));
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: dir }, delete: { enabled: true } },
    http: { addr: address },
  };
  await writeFile(join(dir, 'config.yml'), JSON.stringify(config));
  return startServer('docker-registry', ['serve', join(dir, 'config.yml')], address, () => rm(dir, { recursive: true, force: true }));
}

export interface Azurite extends Server {
  readonly connectionString: string;
}

/** The storage account of Azurite, on a free port. */
export async function startAzurite(ip: string): Promise<Azurite> {
  const port = await freePort(ip);
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const flags = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const server = await startServer(process.execPath, [program, '--blobHost', ip, '--blobPort', String(port), ...flags], `${ip}:${port}`);
  const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};BlobEndpoint=http://${ip}:${port}/devstoreaccount1;`;
  return { ...server, connectionString };
}

async function startServer(
  program: string,
  args: readonly string[],
  address: string,
  cleanUp: () => Promise<void> = async () => undefined,
): Promise<Server> {
  const [host = '', port = ''] = address.split(':');
  if (await answers(host, Number(port))) throw new Error(`something else listens on ${address}`);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  // Always drained; a registry calls each blob that it does not have yet an error.
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  while (!(await answers(host, Number(port)))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${said}`);
    await pause(50);
  }
  return { stop: () => stopChild(child).then(cleanUp) };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
