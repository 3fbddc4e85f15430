import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { type ClusterName, isTransient, unreachable } from './translate-error.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
}

export interface KubeResponse {
  readonly status: number;
  /** The body, not yet read. */
  readonly stream: IncomingMessage;
}

export type KubeHttp = (request: KubeRequest) => Promise<KubeResponse>;

/** Waits between tries: an API server that restarts, or one behind a load balancer, is back within seconds. */
const RETRY_AFTER_MS = [200, 500, 1500, 3000];

/** Sends requests with the kubeconfig's credentials. Tries again when the network or the server fails; all our calls may be repeated. */
export function createKubeHttp(config: KubeConfig, name: ClusterName): KubeHttp {
  const send = async (request: KubeRequest): Promise<KubeResponse> => {
    const url = new URL(request.path, `${name.server.replace(/\/$/, '')}/`);
    for (const [key, value] of Object.entries(request.query ?? {})) url.searchParams.set(key, value);
    const options: RequestOptions = { method: request.method, headers: headersOf(request) };
    // Asked each time: tokens of cloud clusters last minutes.
    await config.applyToHTTPSOptions(options);
    return open(url, options, request.body === undefined ? undefined : JSON.stringify(request.body));
  };
  return async (request) => {
    for (let tries = 0; ; tries++) {
      const wait = RETRY_AFTER_MS[tries];
      try {
        const response = await send(request);
        if (!isTransient(response.status) || wait === undefined) return response;
        response.stream.resume();
      } catch (cause) {
        if (wait === undefined || !isNetworkError(cause)) throw unreachable(cause, name);
      }
      await pause(wait);
    }
  };
}

/** All of a body as text. */
export async function textOf(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of stream.setEncoding('utf8')) text += piece as string;
  return text;
}

function open(url: URL, options: RequestOptions, body: string | undefined): Promise<KubeResponse> {
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (stream) => resolve({ status: stream.statusCode ?? 0, stream }));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function headersOf({ body, contentType = 'application/json' }: KubeRequest): Record<string, string> {
  return { Accept: 'application/json', 'User-Agent': 'mops', ...(body === undefined ? {} : { 'Content-Type': contentType }) };
}

/** Refused, reset, timed out, no such host: trying again may help. A bad certificate stays bad. */
function isNetworkError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
}
