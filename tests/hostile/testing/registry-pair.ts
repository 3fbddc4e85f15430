import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { startServer } from '../../../packages/bundle/src/testing/http-server.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse, hosts: { readonly own: string; readonly other: string }) => void;

/** A hostile registry, and another server that must not receive a secret. Both are stopped after the test. */
export async function startPair(own: Answer, elsewhere: Answer) {
  const bodies: string[] = [];
  const hosts = { own: '', other: '' };
  const other = await startServer((request, response) => elsewhere(request, response, hosts), { onBody: (text) => bodies.push(text) });
  const registry = await startServer((request, response) => own(request, response, hosts));
  onTestFinished(async () => {
    await Promise.all([other.stop(), registry.stop()]);
  });
  Object.assign(hosts, { own: registry.host, other: other.host });
  const hasLeaked = () =>
    other.seen.some(({ authorization, url }) => authorization !== undefined || url.includes('hush')) ||
    bodies.some((body) => body.includes('hush'));
  return { host: registry.host, hasLeaked };
}

export const json = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}) =>
  void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
