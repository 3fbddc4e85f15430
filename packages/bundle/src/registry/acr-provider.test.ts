import { digestOf } from '@modelops/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AzureRegistry, startAzureRegistry } from '../testing/azure-registry.ts';
import { describeBundleProvider } from '../testing/describe-bundle-provider.ts';
import { registryMissing } from '../testing/docker-registry.ts';
import { startServer } from '../testing/http-server.ts';
import { createAcrProvider } from './acr-provider.ts';

if (registryMissing !== undefined) console.warn(`left out: ${registryMissing}`);

describe.skipIf(registryMissing !== undefined)('a registry with the authentication of Azure Container Registry', () => {
  let registry: AzureRegistry;
  let clock = 0;
  const open = (token = 'push:alice') =>
    createAcrProvider({ host: registry.host, isInsecure: false, entraToken: async () => token, now: () => clock });
  beforeAll(async () => {
    registry = await startAzureRegistry();
    registry.accepted.add('push:alice').add('pull:bob');
  });
  afterAll(() => registry.stop());

  describeBundleProvider('acr', async () => open());

  it('exchanges the Entra token once per hour, and the registry’s token once per scope', async () => {
    const provider = open();
    registry.requests.length = 0;
    for (let n = 0; n < 3; n++) await provider.listTags('team/a');
    expect(registry.requests).toEqual(['POST /oauth2/exchange', 'POST /oauth2/token']);
    await provider.listTags('team/b');
    expect(registry.requests.slice(2)).toEqual(['POST /oauth2/token']);
    clock += 3_700_000;
    await provider.listTags('team/c');
    expect(registry.requests.slice(3)).toEqual(['POST /oauth2/exchange', 'POST /oauth2/token']);
  });

  it('allows an identity with the role to pull only to pull', async () => {
    const bytes = Buffer.from('a blob');
    await open().pushBlob('team/a', digestOf(bytes), bytes);
    expect(await open('pull:bob').hasBlob('team/a', digestOf(bytes))).toBe(true);
    await expect(open('pull:bob').pushBlob('team/a', digestOf('b'), Buffer.from('b'))).rejects.toMatchObject({ code: 'UNAUTHORISED' });
  });

  it('suggests a role for a refused identity, without showing its token', async () => {
    const error: unknown = await open('push:mallory')
      .listTags('team/a')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UNAUTHORISED', exit: 5, hint: expect.stringContaining('AcrPull') });
    expect(JSON.stringify(error) + (error as Error).message).not.toContain('mallory');
  });

  it('requests the identity again after it was refused', async () => {
    const provider = open('push:late');
    await expect(provider.listTags('team/a')).rejects.toMatchObject({ code: 'UNAUTHORISED' });
    registry.accepted.add('push:late');
    expect(await provider.listTags('team/a')).toEqual([]);
  });
});

describe('a failing Azure registry', () => {
  const trouble = async (status: number, body: string) => {
    const server = await startServer((request, response, { host }) => {
      if (request.url === '/oauth2/exchange') return void response.writeHead(status, { 'content-type': 'text/html' }).end(body);
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/oauth2/token",service="${host}"` }).end();
    });
    const provider = createAcrProvider({ host: server.host, isInsecure: false, entraToken: async () => 'token', now: () => 0 });
    try {
      return await provider.listTags('team/a').catch((error: unknown) => error);
    } finally {
      await server.stop();
    }
  };

  it('is unreachable while its exchange fails, and a web page is an invalid response', async () => {
    expect(await trouble(503, 'later')).toMatchObject({ code: 'REGISTRY_UNREACHABLE', message: expect.stringContaining('503') });
    expect(await trouble(200, '<html>')).toMatchObject({ code: 'REGISTRY_REFUSED', message: expect.stringContaining('/oauth2/exchange') });
  });
});
