import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWorkerEnvironment, removeSecrets } from './environment.ts';

const freshFolder = () => mkdtempSync(join(tmpdir(), 'worker-environment-'));

describe('the environment of a worker', () => {
  it('is the file that it is told, else the local one of its home', async () => {
    const dir = freshFolder();
    const file = join(dir, 'environment.yaml');
    writeFileSync(
      file,
      'environment: team\nregistry: { provider: docker, login_server: "r:5000" }\nstorage: { provider: azure, container: c }\n',
    );
    expect((await readWorkerEnvironment({ MODELOPS_ENVIRONMENT_FILE: file, MODELOPS_HOME: dir })).environment.storage.container).toBe('c');
    expect((await readWorkerEnvironment({ MODELOPS_HOME: dir })).environment.environment).toBe('local');
  });

  it('names a file that is not there', async () => {
    const reading = readWorkerEnvironment({ MODELOPS_ENVIRONMENT_FILE: '/none.yaml' });
    await expect(reading).rejects.toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND', message: expect.stringContaining('/none.yaml') });
  });
});

describe('removeSecrets', () => {
  it('empties the folder that was filled for this worker', async () => {
    const dir = freshFolder();
    mkdirSync(join(dir, 'deeper'));
    for (const name of ['environment.yaml', 'config.json', 'deeper/key']) writeFileSync(join(dir, name), 'secret', { mode: 0o440 });
    await removeSecrets({ MODELOPS_SECRETS_DIR: dir });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('touches nothing where no such folder is named, be there a file of the environment or not', async () => {
    const dir = freshFolder();
    writeFileSync(join(dir, 'environment.yaml'), 'kept');
    await removeSecrets({ MODELOPS_ENVIRONMENT_FILE: join(dir, 'environment.yaml') });
    expect(readdirSync(dir)).toEqual(['environment.yaml']);
  });

  it('fails where the secrets cannot be removed, so that no model runs beside them', async () => {
    await expect(removeSecrets({ MODELOPS_SECRETS_DIR: '/none' })).rejects.toThrow('/none');
  });
});
