import { createServer, type Server } from 'node:http';
import { digestOf, isModelOpsError, type ModelOpsError } from '@modelops/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDockerProvider } from './docker-provider.ts';
import { freePort, type RunningRegistry, startRegistry, USER, whyNoRegistry } from './docker-registry.fixture.ts';
import { describeBundleProvider } from './provider-contract.fixture.ts';
import type { Credentials } from './registry-auth.ts';
import { createRegistryHttp } from './registry-http.ts';

const NESTED = 'team/nested/epi-sim';
const BYTES = new TextEncoder().encode('a layer');
const missing = whyNoRegistry();
if (missing !== undefined) console.log(`not run: ${missing}`);

const open = (host: string, user?: Credentials) =>
  createDockerProvider(createRegistryHttp({ host, isInsecure: true, credentials: async () => user, sleep: async () => {} }));

async function failureOf(action: Promise<unknown>): Promise<ModelOpsError> {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (isModelOpsError(error)) return error;
  throw new Error(`no ModelOpsError but ${String(error)}`);
}

describe.skipIf(missing !== undefined)('a real registry', () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry?.stop());

  describeBundleProvider('docker-registry', async () => open(registry.host));
});

describe.skipIf(missing !== undefined)('a real registry with passwords', () => {
  let registry: RunningRegistry;
  beforeAll(async () => {
    registry = await startRegistry({ hasAuth: true });
  });
  afterAll(() => registry?.stop());

  describeBundleProvider('docker-registry, signed in', async () => open(registry.host, USER));

  it('refuses a wrong password without telling it', async () => {
    const error = await failureOf(open(registry.host, { ...USER, password: 'verkehrt' }).pushBlob(NESTED, digestOf(BYTES), BYTES));
    expect(error.code).toBe('UNAUTHORISED');
    expect(`${error.message} ${error.hint}`).not.toContain('verkehrt');
  });

  it('asks for credentials where there are none', async () => {
    const error = await failureOf(open(registry.host).resolveTag(NESTED, 'latest'));
    expect(error).toMatchObject({ code: 'UNAUTHORISED', hint: expect.stringContaining('docker login') });
  });
});

describe('a server that is no registry', () => {
  let server: Server;
  let host: string;
  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>Welcome</title></html>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each([
    ['listing tags', () => open(host).listTags(NESTED)],
    ['fetching a manifest', () => open(host).fetchManifest(NESTED, digestOf(BYTES))],
    ['pushing a blob', () => open(host).pushBlob(NESTED, digestOf(BYTES), BYTES)],
  ])('is refused with URL, status and first bytes when %s', async (_, action) => {
    const { code, message } = await failureOf(action());
    expect(code).toBe('REGISTRY_REFUSED');
    expect(message).toContain(`http://${host}/v2/${NESTED}/`);
    expect(message).toContain('status 200');
    expect(message).toContain('<html><title>Welcome');
  });

  it('is refused when resolving a tag', async () => {
    const { code, message } = await failureOf(open(host).resolveTag(NESTED, 'latest'));
    expect(code).toBe('REGISTRY_REFUSED');
    expect(message).toContain(`http://${host}/v2/${NESTED}/manifests/latest`);
  });

  it('is not taken for one that holds a blob', async () => {
    await expect(open(host).hasBlob(NESTED, digestOf(BYTES))).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' });
  });
});

it('says that nobody listens', async () => {
  const host = `127.0.0.1:${await freePort()}`;
  const error = await failureOf(open(host).listTags(NESTED));
  expect(error).toMatchObject({ code: 'REGISTRY_UNREACHABLE', message: expect.stringContaining(host) });
});
