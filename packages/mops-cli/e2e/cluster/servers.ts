import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
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

/** Debian's docker-registry on an address of this machine, with its blobs in a temporary folder. */
export async function startRegistry(address: string): Promise<Server> {
  const dir = await mkdtemp(join(tmpdir(), 'registry-'));
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: dir }, delete: { enabled: true } },
    http: { addr: address },
  };
  await writeFile(join(dir, 'config.yml'), JSON.stringify(config));
  return startServer('docker-registry', ['serve', join(dir, 'config.yml')], address, {
    cleanUp: () => rm(dir, { recursive: true, force: true }),
  });
}

export interface Azurite extends Server {
  readonly connectionString: string;
}

/** A storage account of Azurite with a random key, on a free port. */
export async function startAzurite(ip: string): Promise<Azurite> {
  const port = await freePort(ip);
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const flags = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent'];
  const args = [program, '--blobHost', ip, '--blobPort', String(port), ...flags];
  // Not the well-known key: it is part of the SDK, so a leak could not be detected.
  const key = randomBytes(64).toString('base64');
  const server = await startServer(process.execPath, args, `${ip}:${port}`, { env: { AZURITE_ACCOUNTS: `team:${key}` } });
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=team;AccountKey=${key};BlobEndpoint=http://${ip}:${port}/team;`;
  return { ...server, connectionString };
}

async function startServer(
  program: string,
  args: readonly string[],
  address: string,
  { env = {}, cleanUp = async () => undefined }: { readonly env?: NodeJS.ProcessEnv; readonly cleanUp?: () => Promise<void> } = {},
): Promise<Server> {
  const [host = '', port = ''] = address.split(':');
  if (await answers(host, Number(port))) throw new Error(`something else listens on ${address}`);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  // Always drained. A registry logs an error for each blob that it does not have yet.
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-2000);
  });
  while (!(await answers(host, Number(port)))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${output}`);
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
