import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { codeOf, retry, type Sleep } from '@modelops/system';
import { type ClusterName, isTransient, unreachable } from './translate-error.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** Requests with the credentials of a kubeconfig. @throws CLUSTER_UNREACHABLE */
export interface KubeHttp {
  /** The whole body as text. Retried on network and server errors, also within a body: every call may be repeated. */
  request(request: KubeRequest): Promise<{ readonly status: number; readonly body: string }>;
  /** A body of any length, in pieces as they arrive. Retried until the response begins. */
  stream(request: KubeRequest): Promise<{ readonly status: number; readonly body: AsyncIterable<string> }>;
}

export interface KubeHttpOptions {
  /** Time limit until the response begins, and between two pieces of its body. Default: 30 s. */
  readonly timeoutMs?: number;
  readonly sleep?: Sleep;
}

/** Delays between attempts: an API server restarts within seconds. */
const PAUSES_MS = [200, 500, 1500, 3000];
const TIMEOUT_MS = 30_000;

/** The API server is overloaded, or is shutting down. */
class Transient extends Error {
  override readonly name = 'Transient';
}

export function createKubeHttp(config: KubeConfig, name: ClusterName, { timeoutMs = TIMEOUT_MS, sleep }: KubeHttpOptions = {}): KubeHttp {
  const send = async (request: KubeRequest, isLast: boolean): Promise<IncomingMessage> => {
    const url = new URL(request.path, `${name.server.replace(/\/$/, '')}/`);
    for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
    const options: RequestOptions = { method: request.method, headers: headersOf(request) };
    // For each request: tokens of cloud clusters expire within minutes.
    await config.applyToHTTPSOptions(options);
    const response = await open(url, options, request.body === undefined ? undefined : JSON.stringify(request.body), timeoutMs);
    if (isLast || !isTransient(response.statusCode ?? 0)) return response;
    response.destroy();
    throw new Transient();
  };
  const attempts = PAUSES_MS.length + 1;
  const retrying = async <T>(action: (isLast: boolean) => Promise<T>): Promise<T> => {
    try {
      return await retry((attempt) => action(attempt === attempts), {
        attempts,
        isRetryable: (error) => error instanceof Transient || isNetworkError(error),
        pauseMs: (attempt) => PAUSES_MS[attempt - 1]!,
        ...(sleep === undefined ? {} : { sleep }),
      });
    } catch (cause) {
      throw unreachable(cause, name);
    }
  };
  return {
    request: (request) =>
      retrying(async (isLast) => {
        const response = await send(request, isLast);
        return { status: response.statusCode ?? 0, body: await textOf(response) };
      }),
    async stream(request) {
      const response = await retrying((isLast) => send(request, isLast));
      return { status: response.statusCode ?? 0, body: piecesOf(response, name) };
    },
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response.setEncoding('utf8')) text += piece as string;
  return text;
}

async function* piecesOf(response: IncomingMessage, name: ClusterName): AsyncIterable<string> {
  try {
    for await (const piece of response.setEncoding('utf8')) yield piece as string;
  } catch (cause) {
    throw unreachable(cause, name);
  }
}

/** The time limit includes name lookup, connection and TLS, which the socket's own timeout does not. */
function open(url: URL, options: RequestOptions, body: string | undefined, timeoutMs: number): Promise<IncomingMessage> {
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const abort = () => outgoing.destroy(Object.assign(new Error(`no response within ${timeoutMs / 1000} s`), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(abort, timeoutMs);
    const outgoing = request(url, options, (response) => {
      clearTimeout(timer);
      response.setTimeout(timeoutMs, () => {
        response.destroy(Object.assign(new Error(`no data for ${timeoutMs / 1000} s`), { code: 'ETIMEDOUT' }));
      });
      resolve(response);
    });
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(body);
  });
}

function headersOf({ body, contentType = 'application/json' }: KubeRequest): Record<string, string> {
  return { Accept: 'application/json', 'User-Agent': 'mops', ...(body === undefined ? {} : { 'Content-Type': contentType }) };
}

/** Refused, reset or timed out: a retry may succeed. An invalid certificate is not retried. */
function isNetworkError(error: unknown): boolean {
  const codes = [
    'ECONNREFUSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'EPIPE',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ERR_STREAM_PREMATURE_CLOSE',
  ];
  return codes.includes(codeOf(error) ?? '');
}
