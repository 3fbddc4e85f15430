import { ModelOpsError } from '@modelops/contracts';

const MAX_HOPS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface Hop {
  readonly url: URL;
  readonly method: string;
  /** Number of redirects followed so far. */
  readonly hops: number;
  /** The registry's origin. */
  readonly origin: URL;
}

/**
 * The URL that a response redirects to; undefined if it does not. Reads may be redirected to any server (registries keep blobs in object stores),
 * but never from HTTPS to plain HTTP; requests with a body only within the registry's origin.
 * @throws REGISTRY_REFUSED for a redirect that is not followed
 */
export function nextHop({ status, headers }: Response, { url, method, hops, origin }: Hop): URL | undefined {
  if (!REDIRECTS.includes(status)) return undefined;
  const location = headers.get('location');
  const isRead = method === 'GET' || method === 'HEAD';
  if (location === null) throw refused(url, 'has no Location header');
  const next = urlFrom(location, url, 'Location');
  if (hops >= MAX_HOPS) throw refused(url, `is the ${MAX_HOPS + 1}th in a row`);
  if (!isRead && next.origin !== origin.origin) throw refused(url, `sends a ${method} to another server, ${next.origin}`);
  return next;
}

/**
 * A URL in a header of a response, resolved against the URL of the request.
 * @throws REGISTRY_REFUSED for anything but an HTTP URL, and for plain HTTP from a registry that uses HTTPS
 */
export function urlFrom(text: string, base: URL, header: string): URL {
  const invalid = (reason: string) =>
    new ModelOpsError('REGISTRY_REFUSED', `${base.origin}${base.pathname}: invalid ${header} header: ${reason}`, {
      hint: 'check registry.login_server of the environment',
    });
  if (!URL.canParse(text, base.href)) throw invalid(`"${text.slice(0, 100)}" is not a URL`);
  const url = new URL(text, base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalid(`${url.protocol} is not HTTP`);
  if (url.username !== '' || url.password !== '') throw invalid('the URL contains credentials');
  if (base.protocol === 'https:' && url.protocol === 'http:') throw invalid(`${url.origin} is not encrypted, ${base.origin} is`);
  return url;
}

function refused(url: URL, reason: string): ModelOpsError {
  return new ModelOpsError('REGISTRY_REFUSED', `${url.origin}${url.pathname}: the redirect ${reason}`, {
    hint: 'check registry.login_server of the environment',
  });
}
