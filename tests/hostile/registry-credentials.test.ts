import type { IncomingMessage, ServerResponse } from 'node:http';
import { createDockerProvider } from '../../packages/bundle/src/registry/docker-provider.ts';
import { type Credentials, mayReceiveCredentials } from '../../packages/bundle/src/registry/registry-auth.ts';
import { createRegistryHttp } from '../../packages/bundle/src/registry/registry-http.ts';
import { digestOf, ModelOpsError, Secret } from '../../packages/contracts/src/index.ts';
import { describeHostile, type HostileInput } from '../../packages/testkit/src/index.ts';
import { type Answer, json, startPair } from './testing/registry-pair.ts';

const PASSWORD: Credentials = { username: 'alice', password: new Secret('hush-hush') };
const IDENTITY: Credentials = { identityToken: new Secret('hush-hush') };
const BLOB = Buffer.from('blob');
const blob = { digest: digestOf(BLOB), size: BLOB.byteLength };
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
