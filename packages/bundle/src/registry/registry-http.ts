import { ModelOpsError, messageOf } from '@modelops/contracts';
import { answerChallenge, type Credentials } from './registry-auth.ts';

export interface RegistryRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses that are answers; all others are errors. */
  readonly accepts: readonly number[];
  /** What the content type of a 200 must match. */
  readonly type?: RegExp;
  /** What a token must allow, where the registry does not say itself. */
  readonly scope?: string;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly url: string;
}

/** Requests to one registry, signed in as far as it asks for. */
export interface RegistryHttp {
  /** `path` starts with `/`, or is a whole URL that the registry gave. @throws REGISTRY_UNREACHABLE, REGISTRY_REFUSED, UNAUTHORISED with URL, status and first bytes */
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
const PATIENCE_MS = 120_000;
const FIRST_BYTES = 200;

export function createRegistryHttp({ host, isInsecure, credentials, sleep = pause }: RegistryHttpOptions): RegistryHttp {
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
  const origin = `${isInsecure || isLoopback ? 'http' : 'https'}://${host}`;
  const signedIn = new Map<string, string>();

  const send = async (
    method: string,
    url: URL,
    { headers, body }: RegistryRequest,
    authorization: string | undefined,
  ): Promise<Response> => {
    const isOwn = url.origin === origin; // what another host is told must not hold our credentials
    return fetch(url, {
      method,
      headers: { ...headers, ...(authorization !== undefined && isOwn ? { authorization } : {}) },
      ...(body === undefined ? {} : { body: body as unknown as ArrayBuffer }),
      redirect: 'follow', // fetch drops the authorization on the way to another origin
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  };

  const once = async (method: string, url: URL, request: RegistryRequest): Promise<Response> => {
    const key = request.scope ?? 'pull';
    const first = await send(method, url, request, signedIn.get(key));
    const challenge = first.headers.get('www-authenticate');
    if (first.status !== 401 || challenge === null) return first;
    await first.arrayBuffer();
    const authorization = await answerChallenge(challenge, await credentials(), request.scope);
    if (authorization === undefined)
      throw new ModelOpsError('UNAUTHORISED', `${host} wants credentials`, { hint: `docker login ${host}, or set DOCKER_CONFIG` });
    signedIn.set(key, authorization);
    return send(method, url, request, authorization);
  };

  return {
    async request(method, path, request) {
      const url = new URL(path, origin);
      for (let attempt = 1; ; attempt++) {
        let response: Response;
        try {
          response = await once(method, url, request);
        } catch (error) {
          if (error instanceof ModelOpsError) throw error;
          if (attempt < ATTEMPTS && (error as Error).name !== 'TimeoutError' && !isRefused(error)) {
            await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
            continue;
          }
          throw new ModelOpsError('REGISTRY_UNREACHABLE', `${url.origin} does not answer: ${causeOf(error)}`, {
            cause: error,
            hint: 'is the registry running, and is it reached from here?',
          });
        }
        if ((response.status === 429 || response.status >= 500) && attempt < ATTEMPTS) {
          await response.arrayBuffer();
          await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
          continue;
        }
        return check(response, url, request);
      }
    },
  };
}

async function check(response: Response, url: URL, { accepts, type }: RegistryRequest): Promise<RegistryAnswer> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const { status, headers } = response;
  const said = `${url.origin}${url.pathname}: status ${status}, ${headers.get('content-type') ?? 'no content type'}: ${new TextDecoder().decode(bytes.subarray(0, FIRST_BYTES)).replace(/\s+/g, ' ')}`;
  if (status === 401 || status === 403)
    throw new ModelOpsError('UNAUTHORISED', said, { hint: 'docker login, with an account that may do this' });
  if (!accepts.includes(status))
    throw new ModelOpsError(status >= 500 || status === 429 ? 'REGISTRY_UNREACHABLE' : 'REGISTRY_REFUSED', said);
  if (status === 200 && type !== undefined && !type.test(headers.get('content-type') ?? '')) {
    throw new ModelOpsError('REGISTRY_REFUSED', said, {
      hint: 'this does not look like an OCI registry; check registry.login_server of the environment',
    });
  }
  return { status, headers, bytes, url: `${url.origin}${url.pathname}` };
}

function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? messageOf(error);
}

/** Nobody listens: waiting a second will not help. */
function isRefused(error: unknown): boolean {
  return (error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED';
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
