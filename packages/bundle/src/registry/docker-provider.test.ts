import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@modelops/contracts';
import { makeFolder } from '@modelops/model-host/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeBundleProvider } from '../testing/describe-bundle-provider.ts';
import { type RunningRegistry, registryMissing, startDockerRegistry, USER } from '../testing/docker-registry.ts';
import { createDockerProvider } from './docker-provider.ts';
import { openBundleProvider } from './open-bundle-provider.ts';
import { createRegistryHttp } from './registry-http.ts';

if (registryMissing !== undefined) console.warn(`left out: ${registryMissing}`);

describe.skipIf(registryMissing !== undefined)('a real docker-registry', () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterAll(() => registry.stop());

  describeBundleProvider('docker', () =>
    openBundleProvider({ provider: 'docker', login_server: registry.host, requires_auth: false, insecure: false }),
  );

  it('passes on the registry’s message if it refuses a manifest', async () => {
    const provider = createDockerProvider(
      createRegistryHttp({ host: registry.host, isInsecure: true, credentials: async () => undefined }),
    );
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: {}, layers: [] });
    await expect(provider.pushManifest('team/bad', digestOf(manifest), Buffer.from(manifest), ['t'])).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: expect.stringMatching(/team\/bad\/manifests\/t: status 400, application\/json.*"errors"/),
    });
  });
});

describe.skipIf(registryMissing !== undefined)('a real docker-registry that requires a password', () => {
  let registry: RunningRegistry;
  const before = process.env.DOCKER_CONFIG;
  const open = () => openBundleProvider({ provider: 'docker', login_server: registry.host, requires_auth: true, insecure: true });
  const logIn = (password: string) => {
    const folder = makeFolder();
    mkdirSync(folder, { recursive: true });
    const auth = Buffer.from(`${USER.username}:${password}`).toString('base64');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    process.env.DOCKER_CONFIG = folder;
  };
  beforeAll(async () => {
    registry = await startDockerRegistry({ isPrivate: true });
    logIn(USER.password);
  });
  afterAll(async () => {
    await registry.stop();
    if (before === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = before;
  });

  describeBundleProvider('docker with basic authentication', async () => open());

  it('gives a hint without credentials, and with wrong ones', async () => {
    process.env.DOCKER_CONFIG = makeFolder();
    await expect((await open()).listTags('team/epi')).rejects.toMatchObject({
      code: 'UNAUTHORISED',
      exit: 5,
      hint: expect.stringContaining(`docker login ${registry.host}`),
    });
    logIn('wrong horse');
    const error = await (await open()).listTags('team/epi').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UNAUTHORISED', message: expect.stringContaining('status 401') });
    expect(JSON.stringify(error)).not.toContain('wrong horse');
    logIn(USER.password);
  });
});
