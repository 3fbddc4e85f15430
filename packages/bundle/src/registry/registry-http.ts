import { isModelOpsError, ModelOpsError, messageOf } from '@modelops/contracts';
import { answerChallenge, type Credentials, parseChallenge } from './registry-auth.ts';

export interface RegistryRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses that are answers; all others are errors. */
  readonly accepts: readonly number[];
  /** What the content type of a 200 must match. */
  readonly type?: RegExp;
  /** What a token must allow, where the registry does not say itself: `repository:team/epi:pull`. */
  readonly scope: string;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** Without its query, which may hold a signature. */
  readonly url: string;
}

/** Requests to one registry, signed in as far as it asks for. */
export interface RegistryHttp {
  /**
   * `path` starts with `/`, or is a whole URL that the registry gave; credentials go to the registry's own host alone. Tried again where that
   * may help (429, 5xx, a broken connection). @throws REGISTRY_UNREACHABLE, REGISTRY_REFUSED, UNAUTHORISED with URL, status and first bytes
   */
  request(method: string, path: string, request: RegistryRequest): Promise<RegistryAnswer>;
}

export interface RegistryHttpOptions {
  /** With the port. */
  readonly host: string;
  /** Plain HTTP. Loopback hosts are plain anyway, as Docker has it. */
  readonly isInsecure: boolean;
  readonly credentials: () => Promise<Credentials | undefined>;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
/** Long enough for a large blob over a slow line. */
const PATIENCE_MS = 600_000;
const FIRST_BYTES = 200;

interface Exchange {
  readonly response: Response;
  readonly bytes: Uint8Array;
}

/** Loopback, which is spoken to over plain HTTP. */
export function isPlainHost(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
}

export function createRegistryHttp({ host, isInsecure, credentials, sleep = pause }: RegistryHttpOptions): RegistryHttp {
  const isPlain = isInsecure || isPlainHost(host);
  const origin = `${isPlain ? 'http' : 'https'}://${host}`;
  const signedIn = new Map<string, string>();

  const send = async (method: string, url: URL, { headers, body, scope }: RegistryRequest): Promise<Exchange> => {
    const authorization = signedIn.get(scope);
    const isOwn = url.origin === new URL(origin).origin;
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(authorization !== undefined && isOwn ? { authorization } : {}) },
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      redirect: 'follow', // fetch drops the authorization on the way to another origin
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
  };

  const signedSend = async (method: string, url: URL, request: RegistryRequest): Promise<Exchange> => {
    const first = await send(method, url, request);
    const challenge = first.response.headers.get('www-authenticate');
    if (first.response.status !== 401 || challenge === null) return first;
    const answer = await answerChallenge(parseChallenge(challenge), await credentials(), { scope: request.scope, isPlain });
    if (answer === undefined)
      throw new ModelOpsError('UNAUTHORISED', `the registry ${host} wants credentials`, {
        hint: `docker login ${host}, or set DOCKER_CONFIG`,
      });
    signedIn.set(request.scope, answer);
    return send(method, url, request);
  };

  return {
    async request(method, path, request) {
      const url = new URL(path, origin);
      for (let attempt = 1; ; attempt++) {
        const isLast = attempt === ATTEMPTS;
        const wait = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
        const exchange = await signedSend(method, url, request).catch((error: unknown) => {
          if (isModelOpsError(error)) throw error;
          if (isLast || !mayHelp(error)) throw unreachable(url, error);
          return undefined;
        });
        if (exchange !== undefined && (isLast || !isBusy(exchange.response))) return check(exchange, url, request);
        await sleep(exchange === undefined ? wait : Math.max(wait, retryAfterOf(exchange.response)));
      }
    },
  };
}

function check({ response, bytes }: Exchange, url: URL, { accepts, type }: RegistryRequest): RegistryAnswer {
  const { status, headers } = response;
  const name = `${url.origin}${url.pathname}`;
  const contentType = headers.get('content-type') ?? '';
  const first = new TextDecoder().decode(bytes.subarray(0, FIRST_BYTES)).replace(/\s+/g, ' ').trim();
  const said = `${name}: status ${status}, ${contentType || 'no content type'}${first === '' ? '' : `: ${first}`}`;
  if (status === 401 || status === 403)
    throw new ModelOpsError('UNAUTHORISED', said, { hint: `docker login ${url.host}, with an account that may do this` });
  if (!accepts.includes(status)) throw new ModelOpsError(isBusy(response) ? 'REGISTRY_UNREACHABLE' : 'REGISTRY_REFUSED', said);
  if (status === 200 && type !== undefined && !type.test(contentType)) {
    throw new ModelOpsError('REGISTRY_REFUSED', said, {
      hint: 'this does not look like an OCI registry; check registry.login_server of the environment',
    });
  }
  return { status, headers, bytes, url: name };
}

function isBusy({ status }: Response): boolean {
  return status === 429 || status >= 500;
}

function retryAfterOf({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, LONGEST_PAUSE_MS) : 0;
}

function codeOf(error: unknown): string | undefined {
  return (error as { cause?: { code?: string } }).cause?.code;
}

/** Where nobody listens, no such host exists or time is up, trying again at once does not help. */
function mayHelp(error: unknown): boolean {
  return (error as Error).name !== 'TimeoutError' && !['ECONNREFUSED', 'ENOTFOUND'].includes(codeOf(error) ?? '');
}

function unreachable(url: URL, error: unknown): ModelOpsError {
  const { cause } = error as { cause?: { message?: string } };
  return new ModelOpsError(
    'REGISTRY_UNREACHABLE',
    `${url.origin} does not answer: ${codeOf(error) ?? cause?.message ?? messageOf(error)}`,
    {
      cause: error,
      hint: 'is the registry running, and can it be reached from here?',
    },
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
