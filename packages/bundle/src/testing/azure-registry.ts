import { execFileSync } from 'node:child_process';
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeFolder } from '@modelops/model-host/testing';
import { type RunningRegistry, startDockerRegistry } from './docker-registry.ts';

export interface AzureRegistry extends RunningRegistry {
  /** Entra tokens that it accepts; the part before `:` is the permission, `pull` or `push`. */
  readonly accepted: Set<string>;
  /** Token requests, without their bodies: `POST /oauth2/exchange`. */
  readonly requests: string[];
}

const ISSUER = 'azure-registry';

/**
 * A registry with the token authentication of Azure Container Registry: Debian's docker-registry, which checks signatures and scopes of tokens,
 * behind a proxy with `/oauth2/exchange` and `/oauth2/token` (azure.github.io/acr/AAD-OAuth).
 */
export async function startAzureRegistry(): Promise<AzureRegistry> {
  const { key, certificate, file } = makeCertificate();
  const [accepted, refreshTokens, requests] = [new Set<string>(), new Map<string, string>(), [] as string[]];
  const proxy = createServer((request, response) => void respond(request, response));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const host = `127.0.0.1:${(proxy.address() as { port: number }).port}`;
  const realm = `http://${host}/oauth2/token`;
  const registry = await startDockerRegistry({ token: { realm, service: host, issuer: ISSUER, rootcertbundle: file } });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, `http://${host}`);
    if (!pathname.startsWith('/oauth2/')) return forward(request, response);
    requests.push(`${request.method} ${pathname}`);
    const form = new URLSearchParams(await text(request));
    const token = tokenFor(pathname, form);
    response.writeHead(token === undefined ? 401 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(token ?? { errors: [{ code: 'UNAUTHORIZED' }] }));
  }

  function tokenFor(pathname: string, form: URLSearchParams): object | undefined {
    if (form.get('service') !== host) return undefined;
    if (pathname === '/oauth2/exchange') {
      const entra = form.get('access_token') ?? '';
      if (form.get('grant_type') !== 'access_token' || !accepted.has(entra)) return undefined;
      const refresh_token = randomUUID();
      refreshTokens.set(refresh_token, entra.split(':')[0]!);
      return { refresh_token };
    }
    const allowed = refreshTokens.get(form.get('refresh_token') ?? '');
    if (form.get('grant_type') !== 'refresh_token' || allowed === undefined) return undefined;
    const [type = '', name = '', actions = ''] = (form.get('scope') ?? '').split(':');
    const granted = actions.split(',').filter((action) => action === 'pull' || allowed === 'push');
    return { access_token: accessToken({ type, name, actions: granted }) };
  }

  /** A signed token for one resource (the Distribution project's token specification). */
  function accessToken(access: { readonly type: string; readonly name: string; readonly actions: readonly string[] }): string {
    const seconds = Math.floor(Date.now() / 1000);
    const header = { typ: 'JWT', alg: 'RS256', x5c: [certificate.raw.toString('base64')] };
    const claims = { iss: ISSUER, sub: 'someone', aud: host, iat: seconds, nbf: seconds - 10, exp: seconds + 300, jti: randomUUID() };
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode(header)}.${encode({ ...claims, access: [access] })}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  }

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request;
    const inner = httpRequest(`http://${registry.host}${url}`, { method, headers }, (from) => {
      response.writeHead(from.statusCode!, from.headers);
      from.pipe(response);
    });
    inner.on('error', () => response.destroy());
    request.pipe(inner);
  }

  const stop = async () => {
    proxy.closeAllConnections();
    proxy.close();
    await once(proxy, 'close');
    await registry.stop();
  };
  return { host, accepted, requests, stop };
}

/** A key and its self-signed certificate. */
function makeCertificate() {
  const dir = makeFolder();
  const [keyFile, file] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=tokens', '-days', '2', '-keyout', keyFile, '-out', file];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { key: createPrivateKey(readFileSync(keyFile)), certificate: new X509Certificate(readFileSync(file)), file };
}
