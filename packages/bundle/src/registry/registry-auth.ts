import { ModelOpsError, type Secret } from '@modelops/contracts';
import * as z from 'zod';
import { discardBody, readBody } from './response-body.ts';

/** A user name and a password, or a token that the registry issued at an earlier sign-in (Docker calls it the identity token). */
export type Credentials = { readonly username: string; readonly password: Secret } | { readonly identityToken: Secret };

/** The authentication that a registry requires, from its `WWW-Authenticate`. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: URL; readonly service: string | undefined; readonly scope: string | undefined };

/** @throws UNAUTHORISED for an unknown scheme */
export function parseChallenge(header: string): Challenge {
  const text = header.slice(0, MAX_CHALLENGE_LENGTH);
  const [scheme = ''] = text.trim().split(/[\s,]/, 1);
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' };
  const fields = new Map([...text.matchAll(/\b(\w{1,32})="([^"]*)"/g)].map((match) => [match[1]!.toLowerCase(), match[2]!]));
  const realm = fields.get('realm');
  if (scheme.toLowerCase() === 'bearer' && realm !== undefined && URL.canParse(realm))
    return { scheme: 'bearer', realm: new URL(realm), service: fields.get('service'), scope: fields.get('scope') };
  throw new ModelOpsError('UNAUTHORISED', `the registry requires an unknown authentication scheme: "${text.slice(0, 80)}"`);
}

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const MAX_CHALLENGE_LENGTH = 4096;
const MAX_TOKEN_BYTES = 2 ** 16;
const TIMEOUT_MS = 30_000;
const CLIENT = 'modelops';

export interface ChallengeContext {
  /** The origin of the registry, which sent the challenge itself. */
  readonly origin: URL;
  /** The scope of a token, if the challenge has none: `repository:team/epi:pull`. */
  readonly scope: string;
}

/**
 * The `Authorization` for a registry's challenge: basic, or bearer with a token from the realm (the Distribution project's token
 * specification), requested with the credentials, if any. Undefined if the registry requires credentials and there are none.
 * @throws UNAUTHORISED if the realm refuses, redirects, or must not receive the credentials
 */
export async function answerChallenge(
  challenge: Challenge,
  credentials: Credentials | undefined,
  { origin, scope }: ChallengeContext,
): Promise<string | undefined> {
  if (challenge.scheme === 'basic') return credentials && 'username' in credentials ? basic(credentials) : undefined;
  const { realm, service } = challenge;
  const name = `${realm.origin}${realm.pathname}`;
  if (credentials !== undefined && !mayReceiveCredentials(realm, origin))
    throw new ModelOpsError('UNAUTHORISED', `the registry ${origin.host} requests the password for another server, ${name}`, {
      hint: 'credentials are sent to another server only if the registry and that server both use HTTPS; contact the administrator of the registry',
    });
  const fields = { ...(service === undefined ? {} : { service }), scope: challenge.scope ?? scope };
  return `Bearer ${await requestToken(realm, name, fields, credentials)}`;
}

/**
 * Whether a realm may receive the registry's credentials: at the registry's own origin; at another server (as of Docker Hub and GitLab) only if
 * both use HTTPS. A plain or loopback registry can be impersonated, so it may not name another server.
 */
export function mayReceiveCredentials(realm: URL, registry: URL): boolean {
  if (realm.origin === registry.origin) return true;
  return registry.protocol === 'https:' && realm.protocol === 'https:' && !isLoopback(registry.hostname) && !isLoopback(realm.hostname);
}

/** `hostname` as in a URL: IPv6 addresses are in brackets. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:7f.*\]|0\.0\.0\.0|\[::\])$/.test(hostname);
}

async function requestToken(
  realm: URL,
  name: string,
  fields: Readonly<Record<string, string>>,
  credentials: Credentials | undefined,
): Promise<string> {
  const hint = 'sign in again: docker login';
  const response = await fetchToken(realm, fields, credentials);
  if (response.status >= 300 && response.status < 400) {
    await discardBody(response);
    throw new ModelOpsError('UNAUTHORISED', `${name} redirects the token request, which is not allowed`, { hint });
  }
  if (!response.ok) {
    await discardBody(response);
    throw new ModelOpsError('UNAUTHORISED', `${name} refused a token: status ${response.status}`, { hint });
  }
  const token = tokenIn(await readBody(response, MAX_TOKEN_BYTES, name));
  if (token === undefined) throw new ModelOpsError('UNAUTHORISED', `${name} sent a response without a token`, { hint });
  return token;
}

/** A password is sent as basic authentication of a GET; an identity token as the refresh token of OAuth 2, by POST. */
function fetchToken(realm: URL, fields: Readonly<Record<string, string>>, credentials: Credentials | undefined): Promise<Response> {
  const options = { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' } as const;
  if (credentials !== undefined && 'identityToken' in credentials) {
    const form = { ...fields, grant_type: 'refresh_token', refresh_token: credentials.identityToken.reveal(), client_id: CLIENT };
    return fetch(realm, { ...options, method: 'POST', body: new URLSearchParams(form) });
  }
  const url = new URL(realm);
  for (const [field, value] of Object.entries(fields)) url.searchParams.set(field, value);
  return fetch(url, { ...options, headers: credentials === undefined ? {} : { authorization: basic(credentials) } });
}

/** A token is a header's value, so it has no spaces or control characters. */
function tokenIn(body: Uint8Array): string | undefined {
  try {
    const { token, access_token } = tokenSchema.parse(JSON.parse(new TextDecoder().decode(body)));
    const found = token ?? access_token;
    return found !== undefined && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined; // not JSON, or other JSON
  }
}

export function basic({ username, password }: Extract<Credentials, { username: string }>): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')}`;
}
