import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export const USER = { username: 'ada', password: 'geheim' };
/** bcrypt of {@link USER}'s password. */
const HTPASSWD = 'ada:$2b$04$RTr75R6JjA/aJqkYCH1o0O3zL7swMIL.dNYUOn/Cp7sBqtXDwHmdO\n';

/** Why the tests against a real registry cannot run here, or undefined. */
export function whyNoRegistry(): string | undefined {
  const found = (process.env.PATH ?? '').split(delimiter).some((dir) => existsSync(join(dir, 'docker-registry')));
  return found ? undefined : 'docker-registry is not on PATH (Debian: apt-get install docker-registry)';
}

export interface RunningRegistry {
  readonly host: string;
  stop(): Promise<void>;
}

/** A registry of its own on a free loopback port, with its files in a temporary folder. */
export async function startRegistry({ hasAuth = false }: { readonly hasAuth?: boolean } = {}): Promise<RunningRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'modelops-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  await writeFile(join(dir, 'htpasswd'), HTPASSWD);
  const auth = hasAuth ? `auth: { htpasswd: { realm: test, path: ${join(dir, 'htpasswd')} } }\n` : '';
  const storage = `storage: { filesystem: { rootdirectory: ${join(dir, 'data')} } }`;
  await writeFile(join(dir, 'config.yml'), `version: 0.1\nlog: { level: info }\n${storage}\nhttp: { addr: '${host}' }\n${auth}`);
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async () => {
    await ended(child);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await listening(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr!.on('data', (bytes: Buffer) => {
      log += bytes.toString();
      if (log.includes('listening on')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`docker-registry ended: ${log}`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
