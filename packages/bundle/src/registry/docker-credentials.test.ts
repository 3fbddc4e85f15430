import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reveal } from '@modelops/contracts';
import { makeFolder } from '@modelops/model-host/testing';
import { describe, expect, it } from 'vitest';
import { readDockerCredentials } from './docker-credentials.ts';

const host = 'registry.example:5000';
const alice = { username: 'alice', password: 'a:b' };
const auth = Buffer.from('alice:a:b').toString('base64');

function configured(config: unknown, helpers: Record<string, string> = {}) {
  const folder = makeFolder();
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  for (const [name, script] of Object.entries(helpers)) {
    writeFileSync(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, `docker-credential-${name}`), 0o755);
  }
  return { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH}` };
}

/** The credentials with the secret as text. */
async function read(host: string, env: Record<string, string | undefined>) {
  const found = await readDockerCredentials(host, env);
  if (found === undefined) return undefined;
  expect(JSON.stringify(found)).toContain('***');
  return Object.fromEntries(Object.entries(found).map(([field, value]) => [field, reveal(value)]));
}

const answering = (name: string) => `read host; echo "{\\"ServerURL\\":\\"$host\\",\\"Username\\":\\"${name}\\",\\"Secret\\":\\"$host\\"}"`;

describe('readDockerCredentials', () => {
  it.each([
    [{ [host]: { auth } }],
    [{ [`https://${host}`]: { auth } }],
    [{ [`https://${host}/v1/`]: { auth } }],
    [{ [host]: { username: 'alice', password: 'a:b' } }],
  ])('reads auths as Docker writes them: %j', async (auths) => {
    expect(await read(host, configured({ auths }))).toEqual(alice);
  });

  it('prefers an identity token, as az acr login writes it, to the empty password', async () => {
    const empty = Buffer.from('00000000-0000-0000-0000-000000000000:').toString('base64');
    const auths = { [host]: { auth: empty, identitytoken: 'of-the-registry' } };
    expect(await read(host, configured({ auths }))).toEqual({ identityToken: 'of-the-registry' });
    const helped = configured({ credsStore: 'desk' }, { desk: answering('<token>') });
    expect(await read(host, helped)).toEqual({ identityToken: host });
  });

  it('returns none for another host, an empty entry, or without a file', async () => {
    expect(await read('other.example', configured({ auths: { [host]: { auth } } }))).toBeUndefined();
    expect(await read(host, configured({ auths: { [host]: {} } }))).toBeUndefined();
    expect(await read(host, { DOCKER_CONFIG: makeFolder() })).toBeUndefined();
    expect(await read(host, { HOME: makeFolder() })).toBeUndefined();
  });

  it('uses the helper of the host before auths, and the default store last', async () => {
    const helpers = { own: answering('by-helper'), all: answering('by-store') };
    const both = configured({ credHelpers: { [host]: 'own' }, credsStore: 'all', auths: { [host]: { auth } } }, helpers);
    expect(await read(host, both)).toEqual({ username: 'by-helper', password: host });
    expect(await read(host, configured({ credsStore: 'all', auths: { [host]: {} } }, helpers))).toEqual({
      username: 'by-store',
      password: host,
    });
  });

  it('treats a helper that fails as one without credentials', async () => {
    expect(await read(host, configured({ credsStore: 'none' }, { none: 'exit 1' }))).toBeUndefined();
  });

  it('reports a helper that is missing or prints invalid output, without the output', async () => {
    await expect(readDockerCredentials(host, configured({ credsStore: 'gone' }))).rejects.toMatchObject({
      code: 'UNAUTHORISED',
      message: expect.stringContaining('docker-credential-gone'),
    });
    const error = await readDockerCredentials(host, configured({ credsStore: 'bad' }, { bad: 'echo top-secret' })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'UNAUTHORISED' });
    expect(`${(error as Error).message}`).not.toContain('top-secret');
  });

  it('reports a file that is not a Docker configuration', async () => {
    await expect(readDockerCredentials(host, configured('{"auths":'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(readDockerCredentials(host, configured({ auths: 3 }))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
