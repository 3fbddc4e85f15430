import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAzureObjectStore } from './azure-object-store.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * A storage account that accepts connections and never responds. The timeout of a listing's page includes its bytes (two minutes), so the timers
 * of AbortSignal.timeout are shortened here.
 */
const server = createServer();
const sockets = new Set<Socket>();
let store: ObjectStore;
function storeAt(account: Server, timeoutMs = 30): ObjectStore {
  const endpoint = `http://127.0.0.1:${(account.address() as AddressInfo).port}/account`;
  const key = Buffer.alloc(64).toString('base64');
  const connection_string = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=${key};BlobEndpoint=${endpoint};`;
  return createAzureObjectStore({ container: 'c', connection_string }, { timeoutMs });
}
beforeAll(async () => {
  const { timeout } = AbortSignal;
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => timeout.call(AbortSignal, Math.min(milliseconds, 50)));
  server.on('connection', (socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  store = storeAt(server);
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  vi.restoreAllMocks();
});

const drain = async (items: AsyncIterable<unknown>) => {
  for await (const _ of items);
};

describe('an account that never responds', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['get', () => store.get('a')],
    ['put', () => store.put('a', new Uint8Array(10))],
    ['head', () => store.head('a')],
    ['delete', () => store.delete('a')],
    ['list', () => drain(store.list(''))],
    ['list by folder', () => drain(store.list('', { delimiter: '/' }))],
  ])('ends %s with STORE_UNREACHABLE', async (_, action) => {
    await expect(action()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });
});

it('a blob whose bytes stop arriving ends get with STORE_UNREACHABLE', async () => {
  const stopping = createHttpServer((_, response) => {
    response.writeHead(206, { 'content-length': '100', 'content-range': 'bytes 0-99/100', etag: '"1"', 'x-ms-version': '2025-01-05' });
    response.write('0123456789');
  });
  await new Promise<void>((resolve) => stopping.listen(0, '127.0.0.1', resolve));
  try {
    // Long enough for the headers on a busy machine: the timeout is that of the body.
    await expect(storeAt(stopping, 1000).get('a')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  } finally {
    stopping.closeAllConnections();
    stopping.close();
  }
});
