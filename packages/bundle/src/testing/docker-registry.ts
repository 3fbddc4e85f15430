import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeFolder } from '@modelops/model-host/testing';

/** Why the real registry cannot be started here, or undefined. */
export const registryMissing = ((): string | undefined => {
  try {
    execFileSync('docker-registry', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'Debian’s docker-registry is not installed: apt-get install docker-registry';
  }
})();

export const USER = { username: 'alice', password: 'correct horse' };
/** {@link USER} with a bcrypt hash, as htpasswd -B prints. */
const HTPASSWD = 'alice:$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e\n';

export interface RunningRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** Requires {@link USER}. */
  readonly isPrivate?: boolean;
  /** Requires tokens: `auth.token` of its configuration. */
  readonly token?: Readonly<Record<'realm' | 'service' | 'issuer' | 'rootcertbundle', string>>;
}

/** Debian's docker-registry on a free loopback port, with its files in a new folder. */
export async function startDockerRegistry({ isPrivate = false, token }: RegistryOptions = {}): Promise<RunningRegistry> {
  const dir = makeFolder();
  const host = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(dir, 'htpasswd'), HTPASSWD);
  const config = {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(dir, 'data') }, delete: { enabled: true } },
    http: { addr: host, relativeurls: true },
    ...(isPrivate ? { auth: { htpasswd: { realm: 'test', path: join(dir, 'htpasswd') } } } : {}),
    ...(token === undefined ? {} : { auth: { token } }),
  };
  writeFileSync(join(dir, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child, host);
  return {
    host,
    stop: async () => {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function listening(child: ChildProcess, host: string): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (bytes: Buffer) => {
      output += bytes.toString();
      if (output.includes(`listening on ${host}`)) resolve();
    });
    child.once('close', () => reject(new Error(`docker-registry ended: ${output}`)));
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
