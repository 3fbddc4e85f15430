import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type BundleEnvironment, localEnvironment, reveal, Secret } from '@modelops/contracts';
import { makeFolder } from '@modelops/model-host/testing';
import { describe, expect, it } from 'vitest';
import { environmentNamed, environmentNames, loadEnvironment, saveEnvironment } from './environments.ts';
import { initProject } from './project.ts';

const dev: BundleEnvironment = {
  environment: 'dev',
  registry: { provider: 'docker', login_server: 'registry.example:5000', requires_auth: true, insecure: false },
  storage: { provider: 'azure', container: 'results', connection_string: new Secret('AccountKey=secret') },
};

describe('environments', () => {
  it('are saved to a file that only their owner can read, and read from it', async () => {
    const home = join(makeFolder(), 'home');
    const file = await saveEnvironment(dev, home);
    expect(file).toBe(join(home, 'bundle-env/dev.yaml'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await loadEnvironment('dev', { home, cwd: home })).toEqual(dev);
    expect(reveal((await loadEnvironment('dev', { home, cwd: home })).storage.connection_string!)).toBe('AccountKey=secret');
    await saveEnvironment({ ...dev, storage: { provider: 'fs', path: '/x' } }, home);
    expect((await loadEnvironment('dev', { home, cwd: home })).storage).toEqual({ provider: 'fs', path: '/x' });
    expect(readdirSync(join(home, 'bundle-env'))).toEqual(['dev.yaml']);
  });

  it('are resolved by name, otherwise from the project, otherwise local, which needs no file', async () => {
    const home = makeFolder();
    const cwd = makeFolder();
    await saveEnvironment(dev, home);
    expect(await loadEnvironment(undefined, { home, cwd })).toEqual(localEnvironment(home));
    await initProject(cwd, 'epi', dev);
    mkdirSync(join(cwd, 'deep'));
    expect((await loadEnvironment(undefined, { home, cwd: join(cwd, 'deep') })).environment).toBe('dev');
    expect((await loadEnvironment('local', { home, cwd })).environment).toBe('local');
  });

  it('may be JSON with unknown fields, as other tools write', async () => {
    const home = makeFolder();
    mkdirSync(join(home, 'bundle-env'));
    writeFileSync(join(home, 'bundle-env/x.yaml'), JSON.stringify({ ...dev, environment: 'x', written_by: 'terraform' }));
    expect(await loadEnvironment('x', { home, cwd: home })).toMatchObject({ environment: 'x', written_by: 'terraform' });
  });

  it('are not replaced by others if the name of the project cannot be read, or their folder', async () => {
    const [home, cwd] = [makeFolder(), makeFolder()];
    await initProject(cwd, 'epi', dev);
    const name = join(cwd, '.modelops-bundle/env');
    rmSync(name);
    expect((await loadEnvironment(undefined, { home, cwd })).environment).toBe('local');
    mkdirSync(name); // where a file belongs
    const unread = { code: 'CONFIG_INVALID', message: expect.stringMatching(/^cannot read .*\.modelops-bundle\/env: EISDIR/) };
    await expect(loadEnvironment(undefined, { home, cwd })).rejects.toMatchObject(unread);
    writeFileSync(join(home, 'bundle-env'), '');
    const unlisted = { code: 'CONFIG_INVALID', message: expect.stringMatching(/^cannot list the environments in .*: ENOTDIR/) };
    await expect(environmentNames(home)).rejects.toMatchObject(unlisted);
  });

  it('that do not exist are an error that lists the existing ones', async () => {
    const home = makeFolder();
    await saveEnvironment(dev, home);
    await expect(loadEnvironment('prod', { home, cwd: home })).rejects.toMatchObject({
      code: 'ENVIRONMENT_NOT_FOUND',
      exit: 3,
      hint: expect.stringContaining('use one of dev, local'),
    });
    await expect(loadEnvironment('../x', { home, cwd: home })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('that are invalid are reported with every problem', async () => {
    const home = makeFolder();
    mkdirSync(join(home, 'bundle-env'));
    writeFileSync(join(home, 'bundle-env/x.yaml'), 'environment: x\nregistry: { provider: ftp }\n');
    await expect(loadEnvironment('x', { home, cwd: home })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ path: 'registry.provider' }, { path: 'registry.login_server' }, { path: 'storage' }],
    });
    writeFileSync(join(home, 'bundle-env/x.yaml'), 'a: b: c: d\n  - e');
    await expect(loadEnvironment('x', { home, cwd: home })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('not valid YAML'),
    });
  });

  it('quotes no line of an invalid file, which may contain a secret', async () => {
    const home = makeFolder();
    mkdirSync(join(home, 'bundle-env'));
    writeFileSync(join(home, 'bundle-env/x.yaml'), 'storage: {connection_string: "s3cr3t-K3Y" "x"\n');
    const error: unknown = await environmentNamed('x', home).catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 9 })).not.toContain('s3cr3t');
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(/not valid YAML at line 1, column \d+$/) });
  });
  it('must use absolute paths, because workers run in other folders', async () => {
    const [home, file] = [makeFolder(), 'bundle-env/near.yaml'];
    mkdirSync(join(home, 'bundle-env'));
    const registry = { provider: 'oci-layout', login_server: 'local', path: 'C:\\registry' };
    writeFileSync(join(home, file), JSON.stringify({ environment: 'near', registry, storage: { provider: 'fs', path: './store' } }));
    await expect(loadEnvironment('near', { home, cwd: home })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [{ path: 'storage.path', message: expect.stringMatching(/absolute path/) }],
    });
  });
});
