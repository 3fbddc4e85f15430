import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOf, Secret } from '@modelops/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../testing/docker-registry.ts';
import { type RunningServer, startServer } from '../testing/http-server.ts';
import { createDockerProvider } from './docker-provider.ts';
import type { Credentials } from './registry-auth.ts';
import { createRegistryHttp } from './registry-http.ts';

const servers: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

type Answer = (request: IncomingMessage, response: ServerResponse, server: RunningServer) => void;

async function serve(answer: Answer): Promise<RunningServer> {
  const server = await startServer(answer);
  servers.push(server);
  return server;
}

const alice: Credentials = { username: 'alice', password: new Secret('hush-hush') };
const scope = 'repository:a:pull';

function client(host: string, credentials?: Credentials) {
  const pauses: number[] = [];
  const http = createRegistryHttp({
    host,
    isInsecure: true,
    credentials: async () => credentials,
    sleep: async (ms) => void pauses.push(ms),
  });
  return { http, pauses };
}

const json = (response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
};

describe('bearer tokens', () => {
  const tokens: Answer = (request, response, { host }) => {
    const url = new URL(request.url!, `http://${host}`);
    if (url.pathname === '/token') {
      const isAlice = request.headers.authorization === `Basic ${Buffer.from('alice:hush-hush').toString('base64')}`;
      const wanted = url.searchParams.get('scope')!;
      if (wanted.endsWith('push') && !isAlice) return json(response, { errors: ['who?'] }, 401);
      return json(response, { token: Buffer.from(`${url.searchParams.get('service')} ${wanted}`).toString('base64') });
    }
    const needed = request.method === 'GET' ? 'repository:a:pull' : 'repository:a:pull,push';
    const given = Buffer.from(request.headers.authorization?.replace('Bearer ', '') ?? '', 'base64').toString();
    if (given === `reg ${needed}`) return json(response, { tags: ['v1'] }, request.method === 'GET' ? 200 : 202, { location: '/v2/up' });
    response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token",service="reg",scope="${needed}"` }).end();
  };

  it('are requested once, from the registry’s realm and for its scope', async () => {
    const { host, seen } = await serve(tokens);
    const { http } = client(host);
    for (let i = 0; i < 3; i++) await http.request('GET', '/v2/a/tags/list', { accepts: [200], maxBytes: 1000, scope });
    expect(seen.map(({ url }) => url.split('?')[0])).toEqual([
      '/v2/a/tags/list',
      '/token',
      '/v2/a/tags/list',
      '/v2/a/tags/list',
      '/v2/a/tags/list',
    ]);
  });

  it('are requested with credentials, if any', async () => {
    const { host } = await serve(tokens);
    const request = { accepts: [202], maxBytes: 1000, scope: 'repository:a:pull,push' };
    expect((await client(host, alice).http.request('POST', '/v2/a/blobs/uploads/', request)).status).toBe(202);
    await expect(client(host).http.request('POST', '/v2/a/blobs/uploads/', request)).rejects.toMatchObject({
      code: 'UNAUTHORISED',
      message: expect.stringContaining('/token refused a token: status 401'),
    });
  });

  it('are renewed when they expire', async () => {
    let isExpired = true;
    const { host } = await serve((request, response, server) => {
      if (request.url!.startsWith('/v2') && request.headers.authorization !== undefined && isExpired) {
        isExpired = false;
        return void response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${server.host}/token",service="reg"` }).end();
      }
      tokens(request, response, server);
    });
    const { http } = client(host);
    await http.request('GET', '/v2/a/tags/list', { accepts: [200, 401], maxBytes: 1000, scope }).catch(() => undefined);
    expect((await http.request('GET', '/v2/a/tags/list', { accepts: [200], maxBytes: 1000, scope })).status).toBe(200);
  });

  it('must be in the response', async () => {
    const { host } = await serve((request, response, server) => {
      if (request.url!.startsWith('/token')) response.end('<html>');
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${server.host}/token"` }).end();
    });
    await expect(client(host, alice).http.request('GET', '/v2/', { accepts: [200], maxBytes: 1000, scope })).rejects.toMatchObject({
      code: 'UNAUTHORISED',
    });
  });
});

describe('credentials', () => {
  it('are not sent to another host, by a redirect or an upload URL', async () => {
    const other = await serve((request, response) => response.writeHead(request.method === 'PUT' ? 201 : 200).end('blob'));
    const registry = await serve((request, response) => {
      if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
      else if (request.method === 'POST') response.writeHead(202, { location: `http://${other.host}/upload?state=1` }).end();
      else response.writeHead(307, { location: `http://${other.host}/elsewhere` }).end();
    });
    const provider = createDockerProvider(client(registry.host, alice).http);
    expect(await provider.fetchBlob('a', { digest: digestOf('blob'), size: 4 })).toEqual(Buffer.from('blob'));
    await provider.pushBlob('a', digestOf('blob'), Buffer.from('blob'));
    expect(registry.seen.filter(({ authorization }) => authorization !== undefined).length).toBeGreaterThan(1);
    expect(other.seen).toEqual([
      { method: 'GET', url: '/elsewhere', authorization: undefined, bytes: 0 },
      { method: 'PUT', url: `/upload?state=1&digest=${encodeURIComponent(digestOf('blob'))}`, authorization: undefined, bytes: 4 },
    ]);
  });

  it('appear in no error', async () => {
    const { host } = await serve((_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end('no'));
    const error = await client(host, alice)
      .http.request('GET', '/v2/', { accepts: [200], maxBytes: 1000, scope })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UNAUTHORISED' });
    expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain('hush');
  });
});

describe('a registry that is busy', () => {
  it('is retried with increasing delays, and after the requested time', async () => {
    const answers = [503, 429, 500, 200];
    const { host, seen } = await serve((_, response) => {
      const status = answers.shift()!;
      response.writeHead(status, status === 429 ? { 'retry-after': '3' } : {}).end('x');
    });
    const { http, pauses } = client(host);
    expect((await http.request('PUT', '/v2/x', { accepts: [200], maxBytes: 1000, scope, body: Buffer.from('body') })).status).toBe(200);
    expect(pauses[1]).toBe(3000);
    expect([pauses[0]! >= 100, pauses[0]! <= 200, pauses[2]! >= 400, pauses[2]! <= 800]).toEqual([true, true, true, true]);
    expect(seen.map(({ bytes }) => bytes)).toEqual([4, 4, 4, 4]);
  });

  it('is an error after five attempts, with its last message', async () => {
    const { host, seen } = await serve((_, response) => response.writeHead(503, { 'content-type': 'text/plain' }).end('too many'));
    await expect(client(host).http.request('GET', '/v2/x', { accepts: [200], maxBytes: 1000, scope })).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      retryable: true,
      message: `http://${host}/v2/x: status 503, text/plain: too many`,
    });
    expect(seen).toHaveLength(5);
  });

  it('may break a connection in the middle of a blob', async () => {
    let isFirst = true;
    const { host } = await serve((_, response) => {
      if (isFirst) {
        isFirst = false;
        response.writeHead(200, { 'content-length': '4' });
        response.write('bl');
        setImmediate(() => response.destroy());
      } else response.end('blob');
    });
    const provider = createDockerProvider(client(host).http);
    expect(await provider.fetchBlob('a', { digest: digestOf('blob'), size: 4 })).toEqual(Buffer.from('blob'));
  });

  it('is an error immediately if the connection is refused', async () => {
    const host = `127.0.0.1:${await freePort()}`;
    const { http, pauses } = client(host);
    await expect(http.request('GET', '/v2/', { accepts: [200], maxBytes: 1000, scope })).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: `http://${host} does not respond: ECONNREFUSED`,
    });
    expect(pauses).toEqual([]);
  });
});

describe('a registry that stops responding', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each<[string, Answer]>([
    ['before its response', () => undefined],
    ['within a body', (_, response) => void response.writeHead(200, { 'content-length': '4' }).write('bl')],
  ])('%s is an error, and is not asked again', async (_when, answer) => {
    // The time is over as soon as the server has the request.
    const timer = new AbortController();
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(timer.signal);
    const { host, seen } = await serve((...request) => {
      answer(...request);
      setImmediate(() => timer.abort(new DOMException('timed out', 'TimeoutError')));
    });
    await expect(client(host).http.request('GET', '/v2/x', { accepts: [200], maxBytes: 1000, scope })).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: expect.stringContaining(`http://${host} does not respond: `),
    });
    expect(seen).toHaveLength(1);
  });
});

describe('a server that is not a registry', () => {
  it('is an error with its address, content type and first bytes', async () => {
    const { host } = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>\n  <title>Log in</title>'),
    );
    const provider = createDockerProvider(client(host).http);
    await expect(provider.listTags('team/epi')).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: `http://${host}/v2/team/epi/tags/list: status 200, text/html: <html> <title>Log in</title>`,
      hint: expect.stringContaining('login_server'),
    });
  });

  it('has no tag and no blob', async () => {
    const { host } = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    const provider = createDockerProvider(client(host).http);
    await expect(provider.hasBlob('a', digestOf('blob'))).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' });
    await expect(provider.resolveTag('a', 'latest')).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' });
    await expect(provider.pushBlob('a', digestOf('blob'), Buffer.from('blob'))).rejects.toMatchObject({ code: 'REGISTRY_REFUSED' });
  });

  it('is detected when it changes bytes', async () => {
    const { host } = await serve((_, response) => json(response, { not: 'it' }));
    const provider = createDockerProvider(client(host).http);
    await expect(provider.fetchBlob('a', { digest: digestOf('blob'), size: 4 })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    await expect(provider.fetchManifest('a', digestOf('blob'))).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });
});

describe('registries differ', () => {
  it('in whether they list all tags at once', async () => {
    const { host } = await serve((request, response) => {
      const isFirst = !request.url!.includes('last=');
      json(response, { tags: isFirst ? ['b', 'c'] : ['a'] }, 200, isFirst ? { link: '</v2/a/tags/list?last=c&n=2>; rel="next"' } : {});
    });
    expect((await createDockerProvider(client(host).http).listTags('a')).map(({ tag }) => tag)).toEqual(['a', 'b', 'c']);
  });

  it('in whether they return the digest of a tag', async () => {
    const { host } = await serve((_, response) => json(response, { schemaVersion: 2 }));
    expect(await createDockerProvider(client(host).http).resolveTag('a', 'latest')).toBe(digestOf('{"schemaVersion":2}'));
  });
});
