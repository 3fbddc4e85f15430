import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ModelOpsError } from '@modelops/contracts';
import type { Credentials } from './registry-auth.ts';

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly username?: string; readonly password?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** What Docker's configuration (`DOCKER_CONFIG`, else `~/.docker`) has for a registry: from its helper, or from `auths`. @throws CONFIG_INVALID for a file that is no JSON */
export async function readDockerCredentials(
  host: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credentials | undefined> {
  const file = join(env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'), 'config.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let config: DockerConfig;
  try {
    config = JSON.parse(text) as DockerConfig;
  } catch (cause) {
    throw new ModelOpsError('CONFIG_INVALID', `${file} is not valid JSON`, { cause });
  }
  const helper = config.credHelpers?.[host] ?? (config.auths?.[host]?.auth === undefined ? config.credsStore : undefined);
  if (helper !== undefined) return askHelper(helper, host);
  const entry = config.auths?.[host] ?? config.auths?.[`https://${host}`];
  if (entry?.username !== undefined && entry.password !== undefined) return { username: entry.username, password: entry.password };
  if (entry?.auth === undefined) return undefined;
  const pair = Buffer.from(entry.auth, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** Docker's credential helpers take the host on stdin and answer with JSON; they say by their status that they have none. */
function askHelper(helper: string, host: string): Promise<Credentials | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${helper}`, ['get'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    child.once('error', (cause) =>
      reject(
        new ModelOpsError('UNAUTHORISED', `docker-credential-${helper} did not start`, { cause, hint: 'Docker’s config.json names it' }),
      ),
    );
    child.once('close', (status) => {
      if (status !== 0) return resolve(undefined);
      const { Username, Secret } = JSON.parse(text) as { Username: string; Secret: string };
      resolve({ username: Username, password: Secret });
    });
    child.stdin.end(host);
  });
}
