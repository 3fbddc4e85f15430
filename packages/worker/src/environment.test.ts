import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWorkerEnvironment, removeSecrets } from './environment.ts';

const freshFolder = () => mkdtempSync(join(tmpdir(), 'worker-environment-'));

describe('the environment of a worker', () => {
  it('is the file that MODELOPS_ENVIRONMENT_FILE names, else the local environment', async () => {
    const dir = freshFolder();
    const file = join(dir, 'environment.yaml');
    writeFileSync(
      file,
      'environment: team\nregistry: { provider: docker, login_server: "r:5000" }\nstorage: { provider: azure, container: c }\n',
    );
    expect((await readWorkerEnvironment({ MODELOPS_ENVIRONMENT_FILE: file, MODELOPS_HOME: dir })).environment.storage.container).toBe('c');
    expect((await readWorkerEnvironment({ MODELOPS_HOME: dir })).environment.environment).toBe('local');
  });

  it('takes an empty MODELOPS_HOME for none, as every command does', async () => {
    expect((await readWorkerEnvironment({ MODELOPS_HOME: '' })).cacheDir).toBe(join(homedir(), '.modelops/cache'));
  });

  it('names a missing file', async () => {
    const reading = readWorkerEnvironment({ MODELOPS_ENVIRONMENT_FILE: '/none.yaml' });
    await expect(reading).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND', message: expect.stringContaining('/none.yaml') });
  });

  it('quotes no text of a file that is not YAML, because it may hold a secret', async () => {
    const file = join(freshFolder(), 'environment.yaml');
    writeFileSync(file, 'storage:\n  connection_string: "AccountKey=hush-hush;\n  provider: [\n');
    const error = await readWorkerEnvironment({ MODELOPS_ENVIRONMENT_FILE: file }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(file) });
    expect(`${(error as Error).stack}${JSON.stringify(error)}${String((error as Error).cause)}`).not.toContain('hush');
  });
});

describe('removeSecrets', () => {
  it('empties the secrets folder', async () => {
    const dir = freshFolder();
    mkdirSync(join(dir, 'deeper'));
    for (const name of ['environment.yaml', 'config.json', 'deeper/key']) writeFileSync(join(dir, name), 'secret', { mode: 0o440 });
    await removeSecrets({ MODELOPS_SECRETS_DIR: dir });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('deletes nothing if no secrets folder is set', async () => {
    const dir = freshFolder();
    writeFileSync(join(dir, 'environment.yaml'), 'kept');
    await removeSecrets({ MODELOPS_ENVIRONMENT_FILE: join(dir, 'environment.yaml') });
    expect(readdirSync(dir)).toEqual(['environment.yaml']);
  });

  it('fails if the secrets cannot be removed, so no model runs with them present', async () => {
    await expect(removeSecrets({ MODELOPS_SECRETS_DIR: '/none' })).rejects.toThrow('/none');
  });
});
