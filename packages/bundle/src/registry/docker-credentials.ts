import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ModelOpsError, Secret } from '@modelops/contracts';
import * as z from 'zod';
import type { Credentials } from './registry-auth.ts';

const secret = z.string().transform((text) => new Secret(text));
const configSchema = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: secret.optional(),
        username: z.string().optional(),
        password: secret.optional(),
        identitytoken: secret.optional(),
      }),
    )
    .default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
});
const helperSchema = z.object({ Username: z.string(), Secret: secret });
type DockerConfig = z.output<typeof configSchema>;
type Env = Readonly<Record<string, string | undefined>>;

const HELPER_TIMEOUT_MS = 30_000;
/** The user name that marks a helper's secret as an identity token, not a password. */
const IDENTITY_TOKEN = '<token>';

/**
 * The credentials in Docker's configuration (`DOCKER_CONFIG`, otherwise `~/.docker`) for a registry: from its own helper, from `auths`, or from the
 * default store. @throws CONFIG_INVALID for an invalid configuration file, UNAUTHORISED for a helper that fails
 */
export async function readDockerCredentials(host: string, env: Env): Promise<Credentials | undefined> {
  const file = join(env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'), 'config.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new ModelOpsError('CONFIG_INVALID', `cannot read ${file}: ${error.message}`, { cause: error });
  });
  if (text === undefined) return undefined;
  const config = parseConfig(text, file, host);
  const own = config.credHelpers[host];
  if (own !== undefined) return runHelper(own, host, env);
  return entryOf(config, host) ?? (config.credsStore === undefined ? undefined : runHelper(config.credsStore, host, env));
}

/** Errors contain neither text of the file nor the parser's message: both may contain a password. */
function parseConfig(text: string, file: string, host: string): DockerConfig {
  const hint = `create it with docker login ${host}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ModelOpsError('CONFIG_INVALID', `${file} is not valid JSON`, { hint });
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, code }) => ({ path: path.join('.'), message: code.replaceAll('_', ' ') }));
  throw new ModelOpsError('CONFIG_INVALID', `${file} is not a Docker configuration`, { hint, problems });
}

/** Docker stores a host as it was typed at login: with or without a scheme and path. */
function entryOf({ auths }: DockerConfig, host: string): Credentials | undefined {
  const [, entry] = Object.entries(auths).find(([key]) => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '') === host) ?? [];
  if (entry?.identitytoken !== undefined && entry.identitytoken.reveal() !== '') return { identityToken: entry.identitytoken };
  if (entry?.username !== undefined && entry.password !== undefined) return { username: entry.username, password: entry.password };
  if (entry?.auth === undefined || entry.auth.reveal() === '') return undefined;
  const pair = Buffer.from(entry.auth.reveal(), 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { username: pair.slice(0, colon), password: new Secret(pair.slice(colon + 1).replace(/\0+$/, '')) };
}

/** Docker's credential helpers read the host from stdin and print JSON; they exit with a status other than 0 when they have no credentials. */
function runHelper(helper: string, host: string, env: Env): Promise<Credentials | undefined> {
  const name = `docker-credential-${helper}`;
  const failed = (what: string, cause?: unknown) =>
    new ModelOpsError('UNAUTHORISED', `${name}, the helper for ${host} in Docker's config.json, ${what}`, {
      cause,
      hint: `docker login ${host}`,
    });
  return new Promise((resolve, reject) => {
    const child = spawn(name, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], timeout: HELPER_TIMEOUT_MS, env: { ...env } });
    const output: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    child.stdin.on('error', () => undefined); // a helper that exits before it reads fails by its status
    child.once('error', (cause) => reject(failed('cannot be started', cause)));
    child.once('close', (status, signal) => {
      if (signal !== null) return reject(failed(`did not respond within ${HELPER_TIMEOUT_MS / 1000} s`));
      if (status !== 0) return resolve(undefined);
      try {
        const { Username, Secret: given } = helperSchema.parse(JSON.parse(Buffer.concat(output).toString('utf8')));
        resolve(Username === IDENTITY_TOKEN ? { identityToken: given } : { username: Username, password: given });
      } catch {
        reject(failed('printed no user name and secret')); // the output may hold the secret: it is not shown
      }
    });
    child.stdin.end(host);
  });
}
