import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';

/** A name and a password, or a token that the registry gave at an earlier sign-in (Docker calls it the identity token). */
export type Credentials = { readonly username: string; readonly password: string } | { readonly identityToken: string };

/** What a registry asks for, from its `WWW-Authenticate`. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: URL; readonly service: string | undefined; readonly scope: string | undefined };

/** @throws UNAUTHORISED for a scheme that is not known here */
export function parseChallenge(header: string): Challenge {
  const [scheme = ''] = header.trim().split(/[\s,]/, 1);
  if (scheme.toLowerCase() === 'basic') return { scheme: 'basic' };
  const fields = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1]!.toLowerCase(), match[2]!]));
  if (scheme.toLowerCase() === 'bearer' && fields.realm !== undefined && URL.canParse(fields.realm))
    return { scheme: 'bearer', realm: new URL(fields.realm), service: fields.service, scope: fields.scope };
  throw new ModelOpsError('UNAUTHORISED', `the registry asks for "${header.slice(0, 80)}", which is not known here`);
}

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const PATIENCE_MS = 30_000;
const CLIENT = 'modelops';

/**
 * The `Authorization` that answers a challenge: basic as it is, bearer by asking the realm for a token (the Distribution project's token
 * specification), with credentials where there are some. Undefined when the registry wants credentials and there are none.
 * @param isPlain whether the registry itself is spoken to over plain HTTP. @throws UNAUTHORISED when the realm refuses, or would get credentials in the clear
 */
export async function answerChallenge(
  challenge: Challenge,
  credentials: Credentials | undefined,
  { scope, isPlain }: { readonly scope: string; readonly isPlain: boolean },
): Promise<string | undefined> {
  if (challenge.scheme === 'basic') return credentials && 'username' in credentials ? basic(credentials) : undefined;
  const url = new URL(challenge.realm);
  const name = `${url.origin}${url.pathname}`;
  if (credentials !== undefined && url.protocol !== 'https:' && !isPlain)
    throw new ModelOpsError('UNAUTHORISED', `the registry wants the password sent to ${name} unencrypted`, {
      hint: 'ask who runs the registry',
    });
  const wanted = { ...(challenge.service === undefined ? {} : { service: challenge.service }), scope: challenge.scope ?? scope };
  const answer = await askRealm(url, wanted, credentials);
  const text = await answer.text();
  const hint = 'docker login again';
  if (!answer.ok) throw new ModelOpsError('UNAUTHORISED', `${name} gave no token: status ${answer.status}`, { hint });
  const token = tokenOf(text);
  if (token === undefined) throw new ModelOpsError('UNAUTHORISED', `${name} answered without a token`, { hint });
  return `Bearer ${token}`;
}

/** A password goes as basic authentication of a GET; an identity token as the refresh token of OAuth 2, by POST. */
function askRealm(url: URL, wanted: Readonly<Record<string, string>>, credentials: Credentials | undefined): Promise<Response> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  if (credentials !== undefined && 'identityToken' in credentials) {
    const form = { ...wanted, grant_type: 'refresh_token', refresh_token: credentials.identityToken, client_id: CLIENT };
    return fetch(url, { method: 'POST', body: new URLSearchParams(form), signal });
  }
  for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, value);
  return fetch(url, { headers: credentials === undefined ? {} : { authorization: basic(credentials) }, signal });
}

function tokenOf(text: string): string | undefined {
  try {
    const { token, access_token } = tokenSchema.parse(JSON.parse(text));
    return token ?? access_token;
  } catch {
    return undefined; // no JSON, or another kind of it
  }
}

export function basic({ username, password }: Extract<Credentials, { username: string }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
