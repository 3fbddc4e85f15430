import { mkdirSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { MEDIA } from '../../packages/bundle/src/artifact/layers.ts';
import { createDockerProvider } from '../../packages/bundle/src/registry/docker-provider.ts';
import { type Credentials, mayReceiveCredentials } from '../../packages/bundle/src/registry/registry-auth.ts';
import { createRegistryHttp } from '../../packages/bundle/src/registry/registry-http.ts';
import { type RunningServer, startServer } from '../../packages/bundle/src/testing/http-server.ts';
import { digestOf, ModelOpsError, Secret } from '../../packages/contracts/src/index.ts';
import { makeFolder } from '../../packages/model-host/src/testing/index.ts';
import { describeHostile, type HostileInput, runMeasured } from '../../packages/testkit/src/index.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, hosts: { readonly own: string; readonly other: string }) => void;

const PASSWORD: Credentials = { username: 'alice', password: new Secret('hush-hush') };
const IDENTITY: Credentials = { identityToken: new Secret('hush-hush') };
const BLOB = Buffer.from('blob');
const blob = { digest: digestOf(BLOB), size: BLOB.byteLength };

const servers: RunningServer[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

/** A hostile registry, and another server that must not receive a secret. */
async function startPair(own: Answer, elsewhere: Answer) {
  const bodies: string[] = [];
  const hosts = { own: '', other: '' };
  const other = await startServer((request, response) => elsewhere(request, response, hosts), { onBody: (text) => bodies.push(text) });
  const registry = await startServer((request, response) => own(request, response, hosts));
  servers.push(other, registry);
  Object.assign(hosts, { own: registry.host, other: other.host });
  const hasLeaked = () =>
    other.seen.some(({ authorization, url }) => authorization !== undefined || url.includes('hush')) ||
    bodies.some((body) => body.includes('hush'));
  return { host: registry.host, hasLeaked };
}

const actions = {
  fetch: (provider: ReturnType<typeof createDockerProvider>) => provider.fetchBlob('team/a', blob),
  list: (provider: ReturnType<typeof createDockerProvider>) => provider.listTags('team/a'),
  push: (provider: ReturnType<typeof createDockerProvider>) => provider.pushBlob('team/a', blob.digest, BLOB),
  resolve: (provider: ReturnType<typeof createDockerProvider>) => provider.resolveTag('team/a', 'latest'),
};

/** The client has credentials for the registry, which must not be sent to the other server. */
function leaking(
  name: string,
  action: keyof typeof actions,
  own: Answer,
  elsewhere: Answer,
  { credentials = PASSWORD, ...more }: Partial<HostileInput> & { credentials?: Credentials } = {},
): HostileInput {
  let hasLeaked = () => false;
  return {
    name,
    async attempt() {
      const pair = await startPair(own, elsewhere);
      hasLeaked = pair.hasLeaked;
      const http = createRegistryHttp({
        host: pair.host,
        isInsecure: true,
        credentials: async () => credentials,
        sleep: async () => undefined,
      });
      await actions[action](createDockerProvider(http));
    },
    check() {
      if (hasLeaked()) throw new Error('credentials reached another server');
    },
    mayPass: true,
    ...more,
  };
}

const isSignedIn = ({ headers }: IncomingMessage) => headers.authorization !== undefined;
const basic = (response: ServerResponse) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
const bearer = (response: ServerResponse, realm: string) =>
  void response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }).end();
const json = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}) =>
  void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
const redirect =
  (status: number, path = '/elsewhere'): Answer =>
  (request, response, { other }) =>
    isSignedIn(request) ? void response.writeHead(status, { location: `http://${other}${path}` }).end() : basic(response);
const asksBasic: Answer = (request, response) => (isSignedIn(request) ? void response.end(BLOB) : basic(response));
const asksBearer: Answer = (request, response, { other }) =>
  request.url!.includes('token')
    ? json(response, { token: 'x' })
    : isSignedIn(request)
      ? void response.end(BLOB)
      : bearer(response, `http://${other}/token`);

describeHostile('registry credentials', [
  leaking('a blob redirected to a server that asks for a password', 'fetch', redirect(307), asksBasic, { mayPass: false }),
  leaking(
    'a realm on another server over plain HTTP',
    'fetch',
    (_, response, { other }) => bearer(response, `http://${other}/token`),
    asksBearer,
    { mayPass: false },
  ),
  leaking(
    'a realm that redirects an identity token',
    'fetch',
    (request, response, { own, other }) =>
      request.url!.startsWith('/token')
        ? void response.writeHead(307, { location: `http://${other}/token` }).end()
        : bearer(response, `http://${own}/token`),
    asksBearer,
    { credentials: IDENTITY, mayPass: false },
  ),
  leaking(
    'an upload placed at a server that asks for a password',
    'push',
    (request, response, { other }) =>
      isSignedIn(request) ? void response.writeHead(202, { location: `http://${other}/up` }).end() : basic(response),
    asksBasic,
    { mayPass: false, inSample: true },
  ),
  leaking(
    'a next page at a server that asks for a password',
    'list',
    (request, response, { other }) =>
      isSignedIn(request) ? json(response, { tags: ['a'] }, { link: `<http://${other}/more>; rel="next"` }) : basic(response),
    (request, response) => (isSignedIn(request) ? json(response, { tags: ['b'] }) : basic(response)),
    { mayPass: false, inSample: true },
  ),
  ...[301, 302, 303, 307, 308].flatMap((status) => [
    leaking(`a blob redirected by ${status} to a server that asks for a token`, 'fetch', redirect(status), asksBearer, { mayPass: false }),
    leaking(
      `a blob redirected by ${status} to a server that asks for nothing`,
      'fetch',
      redirect(status),
      (_, response) => void response.end(BLOB),
    ),
    leaking(`a tag redirected by ${status}`, 'resolve', redirect(status), asksBasic, { mayPass: false }),
    leaking(`an upload redirected by ${status}`, 'push', redirect(status), asksBasic, { mayPass: false }),
    leaking(
      `a realm redirected by ${status}`,
      'fetch',
      (request, response, { own, other }) =>
        request.url!.startsWith('/token')
          ? void response.writeHead(status, { location: `http://${other}/token` }).end()
          : bearer(response, `http://${own}/token`),
      asksBearer,
      { mayPass: false },
    ),
  ]),
  leaking(
    'an identity token for a realm elsewhere',
    'fetch',
    (_, response, { other }) => bearer(response, `http://${other}/token`),
    asksBearer,
    { credentials: IDENTITY, mayPass: false },
  ),
  leaking(
    'a realm that claims HTTPS from a plain registry',
    'fetch',
    (_, response, { other }) => bearer(response, `https://${other}/token`),
    asksBearer,
    { mayPass: false },
  ),
  leaking(
    'a realm with another password in its URL',
    'fetch',
    (_, response, { other }) => bearer(response, `http://x:y@${other}/token`),
    asksBearer,
    { mayPass: false },
  ),
  leaking(
    'an upload elsewhere that asks for nothing',
    'push',
    (request, response, { other }) =>
      isSignedIn(request) ? void response.writeHead(202, { location: `http://${other}/up` }).end() : basic(response),
    (_, response) => void response.writeHead(201).end(),
  ),
  leaking(
    'a redirect chain through the registry and out',
    'fetch',
    (request, response, { other }) =>
      request.url!.includes('hop')
        ? void response.writeHead(307, { location: `http://${other}/x` }).end()
        : isSignedIn(request)
          ? void response.writeHead(307, { location: '/hop' }).end()
          : basic(response),
    asksBasic,
    { mayPass: false },
  ),
  leaking('a redirect that never ends', 'fetch', (_, response) => void response.writeHead(307, { location: '/again' }).end(), asksBasic, {
    mayPass: false,
  }),
  leaking('a redirect without a place', 'fetch', (_, response) => void response.writeHead(307).end(), asksBasic, { mayPass: false }),
  ...['http://[', 'file:///etc/passwd', 'javascript:1', 'http://a:b@127.0.0.1:1/'].flatMap((url) => [
    leaking(`a redirect to ${url}`, 'fetch', (_, response) => void response.writeHead(307, { location: url }).end(), asksBasic, {
      mayPass: false,
    }),
    leaking(`an upload at ${url}`, 'push', (_, response) => void response.writeHead(202, { location: url }).end(), asksBasic, {
      mayPass: false,
    }),
    leaking(`a next page at ${url}`, 'list', (_, response) => json(response, { tags: [] }, { link: `<${url}>; rel="next"` }), asksBasic, {
      mayPass: false,
    }),
  ]),
  leaking(
    'an unknown kind of authentication',
    'fetch',
    (_, response) => void response.writeHead(401, { 'www-authenticate': 'Negotiate' }).end(),
    asksBasic,
    { mayPass: false },
  ),
  leaking(
    'a token with a line break',
    'fetch',
    (request, response, { own }) =>
      request.url!.startsWith('/token') ? json(response, { token: 'a\r\nx-evil: 1' }) : bearer(response, `http://${own}/token`),
    asksBasic,
    { mayPass: false },
  ),
  leaking('a realm that is not a URL', 'fetch', (_, response) => bearer(response, 'nowhere'), asksBasic, { mayPass: false }),
]);

const REALMS: readonly (readonly [realm: string, registry: string, isGiven: boolean])[] = [
  ['https://auth.docker.io/token', 'https://registry-1.docker.io', true],
  ['https://gitlab.example/jwt/auth', 'https://registry.gitlab.example', true],
  ['http://auth.docker.io/token', 'https://registry-1.docker.io', false],
  ['https://auth.example/token', 'http://registry.example:5000', false],
  ['https://auth.example/token', 'http://127.0.0.1:5000', false],
  ['https://localhost/token', 'https://registry.example', false],
  ['https://127.0.0.1/token', 'https://registry.example', false],
  ['https://[::1]/token', 'https://registry.example', false],
  ['http://registry.example:5000/token', 'http://registry.example:5000', true],
  ['http://registry.example:5001/token', 'http://registry.example:5000', false],
  ['http://registry.example/token', 'https://registry.example', false],
];

describeHostile(
  'registry realms',
  REALMS.map(([realm, registry, isGiven]) => ({
    name: `${registry} names ${realm}`,
    mayPass: isGiven,
    async attempt() {
      if (mayReceiveCredentials(new URL(realm), new URL(registry)) === isGiven) {
        if (!isGiven) throw new ModelOpsError('UNAUTHORISED', 'no credentials for this realm');
      } else throw new Error(isGiven ? 'was refused' : 'got the credentials');
    },
  })),
);

const program = new URL('../../packages/bundle/dist/modelops-bundle.js', import.meta.url).pathname;

/** Runs the program against the registry and measures its memory. */
function running(name: string, args: readonly string[], answer: Answer, more: Partial<HostileInput> = {}): HostileInput {
  return {
    name,
    async attempt() {
      const { host } = await startPair(answer, asksBasic);
      const dir = makeFolder();
      const home = join(dir, 'home');
      mkdirSync(join(home, 'bundle-env'), { recursive: true });
      const environment = {
        environment: 'evil',
        registry: { provider: 'docker', login_server: host },
        storage: { provider: 'fs', path: join(home, 'store') },
      };
      writeFileSync(join(home, 'bundle-env/evil.yaml'), JSON.stringify(environment));
      mkdirSync(join(dir, '.modelops-bundle'));
      writeFileSync(join(dir, '.modelops-bundle/config.yaml'), `registry_ref: ${host}/team/a\n`);
      const env = { PATH: process.env.PATH, HOME: dir, MODELOPS_HOME: home };
      return runMeasured(program, [...args, '--env', 'evil'], { cwd: dir, env });
    },
    ...more,
  };
}

/** Sends the piece repeatedly until `bytes` were sent or the client has disconnected. */
function flood(response: ServerResponse, bytes: number, piece = Buffer.alloc(2 ** 20, ' ')): void {
  let sent = 0;
  const more = (): void => {
    while (sent < bytes) {
      sent += piece.byteLength;
      if (!response.write(piece)) return void response.once('drain', more);
    }
    response.end();
  };
  response.on('error', () => undefined);
  more();
}

const GIB = 2 ** 30;
const TYPE = { 'content-type': 'application/json' };
const list = ['list'];
const pull = ['pull', 'latest', '--dir', 'copy'];
/** 1.5 GiB of zeros as concatenated gzip members. */
const zeros = gzipSync(Buffer.alloc(64 * 2 ** 20));

/** A registry with one bundle, whose manifest, config and layer are given by the test. */
function serving(parts: {
  readonly config: Buffer | object;
  readonly layer?: (response: ServerResponse) => void;
  readonly size?: number;
  readonly claim?: number;
}): Answer {
  const config = Buffer.isBuffer(parts.config) ? parts.config : Buffer.from(JSON.stringify(parts.config));
  const layer = { mediaType: MEDIA.code, digest: digestOf('the layer'), size: parts.size ?? 10 };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA.manifest,
      artifactType: MEDIA.artifact,
      config: { mediaType: MEDIA.config, digest: digestOf(config), size: parts.claim ?? config.byteLength },
      layers: [layer],
    }),
  );
  return (request, response) => {
    if (request.url!.includes('/manifests/'))
      return void response
        .writeHead(200, { 'content-type': MEDIA.manifest, 'docker-content-digest': digestOf(manifest) })
        .end(request.method === 'HEAD' ? undefined : manifest);
    if (request.url!.includes(digestOf(config))) return void response.writeHead(200).end(config);
    if (request.url!.includes(layer.digest)) return parts.layer === undefined ? void response.writeHead(404).end() : parts.layer(response);
    response.writeHead(404).end();
  };
}

const listing = (size: number, n = 1) => ({
  schema_version: 1,
  models: [],
  targets: [],
  files: Array.from({ length: n }, (_, at) => ({ path: `data/part-${at}.csv`, size, digest: digestOf('x') })),
});

describeHostile('registry bodies', [
  running('tags of 3 GB', list, (_, response) => flood(response.writeHead(200, TYPE), 3 * GIB), { inSample: true }),
  running(
    'a layer of 1.5 GiB of zeros, compressed',
    pull,
    serving({
      config: listing(1.5 * GIB),
      size: 24 * zeros.byteLength,
      layer: (response) => flood(response.writeHead(200), 24 * zeros.byteLength, zeros),
    }),
    { inSample: true },
  ),
  running(
    'an endless list of tags',
    list,
    (_, response) => json(response, { tags: ['a'] }, { link: `</v2/team/a/tags/list?last=${Math.random()}>; rel="next"` }),
    { inSample: true },
  ),
  running('1,000,000 tags', list, (_, response) => json(response, { tags: Array.from({ length: 1_000_000 }, (_, n) => `t${n}`) }), {
    inSample: false,
  }),
  running(
    'a page that names itself as the next',
    list,
    (_, response) => json(response, { tags: ['a'] }, { link: '</v2/team/a/tags/list?n=1>; rel="next"' }),
    { inSample: false },
  ),
  running('an error of 3 GB', list, (_, response) => flood(response.writeHead(404 - 4, { 'content-type': 'text/plain' }), 3 * GIB), {
    inSample: false,
  }),
  running(
    'a manifest of 3 GB',
    pull,
    (request, response) =>
      request.method === 'HEAD' ? void response.writeHead(200, TYPE).end() : flood(response.writeHead(200, TYPE), 3 * GIB),
    { inSample: false },
  ),
  running(
    'tags as a gzip bomb of 6 GB',
    list,
    (_, response) => flood(response.writeHead(200, { ...TYPE, 'content-encoding': 'gzip' }), 100 * zeros.byteLength, zeros),
    { inSample: false },
  ),
  running('a config of 3 GB', pull, serving({ config: listing(1), claim: 3 * GIB }), { inSample: false }),
  running('a config longer than its size', pull, serving({ config: listing(1), claim: 10 }), { inSample: false }),
  running(
    'a config of 50,000 files',
    pull,
    serving({ config: listing(1, 50_000), layer: (response) => void response.writeHead(404).end() }),
    { inSample: false },
  ),
  running('a config of 12 MB of brackets', pull, serving({ config: Buffer.from('['.repeat(12_000_000)) }), { inSample: false }),
  running(
    'a layer longer than its size',
    pull,
    serving({ config: listing(1), layer: (response) => flood(response.writeHead(200), 3 * GIB) }),
    { inSample: false },
  ),
  running(
    'a layer that claims 7 GiB',
    pull,
    serving({ config: listing(7 * GIB), size: 7 * GIB, layer: (response) => void response.writeHead(200).end('short') }),
    { inSample: false },
  ),
  running('a header of 60 kB', list, (_, response) => json(response, { tags: [] }, { link: '<'.repeat(60_000) }), { inSample: false }),
  running('a tag with an escape sequence', list, (_, response) => json(response, { tags: ['\u001b[2Jx'] }), { inSample: false }),
  running('tags that are not texts', list, (_, response) => json(response, { tags: [1, null] }), { inSample: false }),
  running(
    'a response that is cut off',
    list,
    (_, response) => {
      response.writeHead(200, { ...TYPE, 'content-length': '100' });
      response.write('{"tags":');
      setImmediate(() => response.destroy());
    },
    { inSample: false },
  ),
]);
