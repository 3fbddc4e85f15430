import { isModelOpsError, ModelOpsError, messageOf } from '@modelops/contracts';
import { backoff, retry, type Sleep } from '@modelops/system';
import { nextHop } from './redirect.ts';
import { answerChallenge, type Credentials, isLoopback, parseChallenge } from './registry-auth.ts';
import { boundedBody, discardBody, readBody, readStart } from './response-body.ts';

export interface RegistryRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamedBody;
  /** Expected statuses; all others are errors. */
  readonly accepts: readonly number[];
  /** The pattern of the content type of a 200. */
  readonly type?: RegExp;
  /** The scope of a token, if the registry's challenge has none: `repository:team/epi:pull`. */
  readonly scope: string;
  /** Maximum size of the body, uncompressed. */
  readonly maxBytes: number;
  /** Saves the body of a 200, once per attempt; its ModelOpsErrors end the request. Default: memory. */
  readonly save?: (body: AsyncIterable<Uint8Array>) => Promise<void>;
}

/** A streamed request body, opened for each attempt. */
export interface StreamedBody {
  readonly size: number;
  /** A ModelOpsError ends the request. */
  open(): AsyncIterable<Uint8Array>;
}

export interface RegistryResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Empty if the request saved the body. */
  readonly bytes: Uint8Array;
  /** Without its query, which may contain a signature. */
  readonly url: string;
}

/** Requests to one registry, authenticated as the registry requires. */
export interface RegistryHttp {
  /**
   * `path` starts with `/`, or is a URL that the registry sent. Credentials are sent, and challenges accepted, only at the registry's own
   * origin: a redirect, a page or an upload elsewhere is anonymous. Retried if that may help (429, 5xx, a broken connection).
   * @throws REGISTRY_UNREACHABLE, REGISTRY_REFUSED, UNAUTHORISED with URL, status and first bytes
   */
  request(method: string, path: string, request: RegistryRequest): Promise<RegistryResponse>;
}

export interface RegistryHttpOptions {
  /** With the port. */
  readonly host: string;
  /** Plain HTTP. Loopback hosts are plain anyway, as in Docker. */
  readonly isInsecure: boolean;
  readonly credentials: () => Promise<Credentials | undefined>;
  readonly sleep?: Sleep;
}

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
const FIRST_BYTES = 200;
const BASE_TIMEOUT_MS = 60_000;
/** A slower transfer (64 kB/s) is aborted. */
const SLOWEST_BYTES_PER_MS = 64;

/** The base URL of a registry. */
export function registryOrigin(host: string, isInsecure: boolean): URL {
  const plain = new URL(`http://${host}`);
  return isInsecure || isLoopback(plain.hostname) ? plain : new URL(`https://${host}`);
}

export function createRegistryHttp({ host, isInsecure, credentials, sleep }: RegistryHttpOptions): RegistryHttp {
  const origin = registryOrigin(host, isInsecure);
  const authorizations = new Map<string, string>();
  const pauses = backoff({ firstMs: FIRST_PAUSE_MS, longestMs: LONGEST_PAUSE_MS });
  const retrying = {
    attempts: ATTEMPTS,
    isRetryable: (error: unknown) => error instanceof Busy || (!isModelOpsError(ownError(error)) && mayHelp(error)),
    pauseMs: (attempt: number, error: unknown) => Math.max(pauses(attempt), error instanceof Busy ? error.afterMs : 0),
    ...(sleep === undefined ? {} : { sleep }),
  };

  /** One response, after following redirects. */
  const send = async (method: string, from: URL, { headers, body, scope, maxBytes }: RegistryRequest): Promise<Located> => {
    const signal = AbortSignal.timeout(BASE_TIMEOUT_MS + Math.ceil((maxBytes + sizeOf(body)) / SLOWEST_BYTES_PER_MS));
    for (let [url, hops] = [from, 0]; ; hops++) {
      const authorization = url.origin === origin.origin ? authorizations.get(scope) : undefined;
      const sent = bodyOf(body);
      const response = await fetch(url, {
        method,
        ...sent,
        headers: { ...sent.headers, ...headers, ...(authorization === undefined ? {} : { authorization }) },
        redirect: 'manual',
        signal,
      });
      const next = nextHop(response, { url, method, hops, origin });
      if (next === undefined) return { response, url };
      await discardBody(response);
      url = next;
    }
  };

  const authorizedSend = async (method: string, from: URL, request: RegistryRequest): Promise<Located> => {
    const first = await send(method, from, request);
    const challenge = first.response.headers.get('www-authenticate');
    if (first.response.status !== 401 || challenge === null || first.url.origin !== origin.origin) return first;
    await discardBody(first.response);
    const { scope } = request;
    const authorization = await answerChallenge(parseChallenge(challenge), await credentials(), { scope, origin });
    if (authorization === undefined)
      throw new ModelOpsError('UNAUTHORISED', `the registry ${host} requires credentials`, {
        hint: `docker login ${host}, or set DOCKER_CONFIG`,
      });
    authorizations.set(scope, authorization);
    return send(method, from, request);
  };

  /** @throws Busy if the registry is busy and another attempt follows */
  const attempt = async (method: string, url: URL, request: RegistryRequest, isLast: boolean): Promise<RegistryResponse> => {
    const located = await authorizedSend(method, url, request);
    if (!isLast && isBusy(located.response)) {
      await discardBody(located.response);
      throw new Busy(retryAfterOf(located.response));
    }
    return receive(located, request);
  };

  return {
    async request(method, path, request) {
      const url = new URL(path, origin);
      try {
        return await retry((n) => attempt(method, url, request, n === ATTEMPTS), retrying);
      } catch (error) {
        const own = ownError(error);
        throw isModelOpsError(own) ? own : unreachable(url, error);
      }
    },
  };
}

function sizeOf(body: RegistryRequest['body']): number {
  if (body === undefined) return 0;
  return body instanceof Uint8Array ? body.byteLength : body.size;
}

function bodyOf(body: RegistryRequest['body']): RequestInit & { readonly duplex?: 'half' } {
  if (body === undefined) return {};
  if (body instanceof Uint8Array) return { body: body as Uint8Array<ArrayBuffer> };
  return { body: ReadableStream.from(body.open()), duplex: 'half', headers: { 'content-length': String(body.size) } };
}

/** The error of a streamed body, which `fetch` wraps. */
function ownError(error: unknown): unknown {
  const { cause } = error as { cause?: unknown };
  return isModelOpsError(cause) ? cause : error;
}

/** The registry requests a retry after this time. */
class Busy extends Error {
  override readonly name = 'Busy';
  readonly afterMs: number;
  constructor(afterMs: number) {
    super('busy');
    this.afterMs = afterMs;
  }
}

/** A response and its URL. */
interface Located {
  readonly response: Response;
  readonly url: URL;
}

async function receive({ response, url }: Located, { accepts, type, maxBytes, save }: RegistryRequest): Promise<RegistryResponse> {
  const { status, headers } = response;
  const name = `${url.origin}${url.pathname}`;
  const contentType = headers.get('content-type') ?? '';
  const isWrongType = status === 200 && type !== undefined && !type.test(contentType);
  if (!accepts.includes(status) || isWrongType) throw refusal(response, url, await readStart(response, FIRST_BYTES));
  if (save === undefined || status !== 200) return { status, headers, bytes: await readBody(response, maxBytes, name), url: name };
  await save(boundedBody(response, maxBytes, name));
  return { status, headers, bytes: new Uint8Array(), url: name };
}

function refusal(response: Response, url: URL, start: Uint8Array): ModelOpsError {
  const { status, headers } = response;
  const text = new TextDecoder().decode(start).replace(/\s+/g, ' ').trim();
  const contentType = headers.get('content-type') ?? 'no content type';
  const message = `${url.origin}${url.pathname}: status ${status}, ${contentType}${text === '' ? '' : `: ${text}`}`;
  if (status === 401 || status === 403)
    return new ModelOpsError('UNAUTHORISED', message, { hint: `docker login ${url.host}, with an account that has this permission` });
  if (isBusy(response)) return new ModelOpsError('REGISTRY_UNREACHABLE', message);
  return new ModelOpsError('REGISTRY_REFUSED', message, {
    ...(status === 200 ? { hint: 'this does not look like an OCI registry; check registry.login_server of the environment' } : {}),
  });
}

function isBusy({ status }: Response): boolean {
  return status === 429 || status >= 500;
}

function retryAfterOf({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds * 1000, 0), LONGEST_PAUSE_MS) : 0;
}

function codeOf(error: unknown): string | undefined {
  return (error as { cause?: { code?: string } }).cause?.code;
}

/** A retry does not help if the connection is refused, the host does not exist or the time is over. */
function mayHelp(error: unknown): boolean {
  return (error as Error).name !== 'TimeoutError' && !['ECONNREFUSED', 'ENOTFOUND'].includes(codeOf(error) ?? '');
}

function unreachable(url: URL, error: unknown): ModelOpsError {
  const { cause } = error as { cause?: { message?: string } };
  const reason = codeOf(error) ?? cause?.message ?? messageOf(error);
  return new ModelOpsError('REGISTRY_UNREACHABLE', `${url.origin} does not respond: ${reason}`, {
    cause: error,
    hint: 'check that the registry is running and can be reached from here',
  });
}
