import { ModelOpsError } from '@modelops/contracts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * The `Authorization` that answers a registry's challenge (RFC 9110 §11, Docker token authentication): basic as it is, bearer by asking
 * the realm for a token, with the credentials where there are some. Undefined when it wants credentials and there are none.
 * @throws UNAUTHORISED when the realm refuses them
 */
export async function answerChallenge(
  challenge: string,
  credentials: Credentials | undefined,
  scope: string | undefined,
): Promise<string | undefined> {
  const [scheme = ''] = challenge.split(' ', 1);
  const fields = Object.fromEntries(
    [...challenge.slice(scheme.length).matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1]!, match[2]!]),
  );
  if (scheme.toLowerCase() === 'basic') return credentials && basic(credentials);
  if (scheme.toLowerCase() !== 'bearer' || fields.realm === undefined)
    throw new ModelOpsError('UNAUTHORISED', `the registry asks for ${scheme}, which is not known here`);
  const url = new URL(fields.realm);
  if (fields.service !== undefined) url.searchParams.set('service', fields.service);
  const wanted = fields.scope ?? scope;
  if (wanted !== undefined) url.searchParams.set('scope', wanted);
  const answer = await fetch(url, credentials === undefined ? {} : { headers: { authorization: basic(credentials) } });
  if (!answer.ok)
    throw new ModelOpsError('UNAUTHORISED', `${url.origin}${url.pathname} gave no token: status ${answer.status}`, {
      hint: 'docker login again',
    });
  const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? access_token}`;
}

export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
