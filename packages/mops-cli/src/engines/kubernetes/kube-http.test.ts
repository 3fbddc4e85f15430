import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { KubeConfig } from '@kubernetes/client-node';
import { afterEach, describe, expect, it } from 'vitest';
import { createKubeHttp } from './kube-http.ts';

const config = { applyToHTTPSOptions: async () => undefined } as unknown as KubeConfig;
const servers: { server: Server | ReturnType<typeof createTcpServer>; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server | ReturnType<typeof createTcpServer>) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, sockets };
}

function client(server: string, timeoutMs = 20_000) {
  const slept: number[] = [];
  const http = createKubeHttp(config, { context: 'lab', server }, { timeoutMs, sleep: async (ms) => void slept.push(ms) });
  return { http, slept };
}
const serve = async (listener: RequestListener) => `http://127.0.0.1:${(await listen(createServer(listener))).port}`;
const request = { method: 'GET', path: '/api' } as const;

describe('requests to a cluster', () => {
  it.each(['http', 'https'])('end when %s connects and never answers', async (protocol) => {
    const { port } = await listen(createTcpServer());
    const { http, slept } = client(`${protocol}://127.0.0.1:${port}`, 20);
    const unreachable = { code: 'CLUSTER_UNREACHABLE', message: expect.stringContaining('ETIMEDOUT') };
    await expect(http.request(request)).rejects.toMatchObject(unreachable);
    expect(slept).toEqual([200, 500, 1500, 3000]);
    await expect(http.stream(request)).rejects.toMatchObject(unreachable);
  });

  it('fail when a body stops arriving', async () => {
    const server = await serve((_, response) => void response.writeHead(200).write('{"a":'));
    const { http } = client(server, 20);
    await expect(http.request(request)).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.stringContaining('ETIMEDOUT'),
    });
  });

  it('are retried when the connection breaks within a body', async () => {
    let requests = 0;
    const server = await serve((_, response) => {
      if (requests++ > 0) return response.end('{}');
      response.writeHead(200, { 'content-length': '100' }).write('{"a":', () => response.socket!.destroy());
    });
    expect(await client(server).http.request(request)).toEqual({ status: 200, body: '{}' });
  });

  it('name the cluster when a stream breaks', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('line 1\n', () => response.socket!.destroy());
    });
    const { body } = await client(server).http.stream(request);
    const read = async () => {
      for await (const _ of body);
    };
    await expect(read()).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE', message: expect.stringContaining('lab') });
  });

  it('are retried while the server is busy, and return its last response', async () => {
    let requests = 0;
    const server = await serve((_, response) => void response.writeHead(503).end(`${++requests}`));
    const { http, slept } = client(server);
    expect(await http.request(request)).toEqual({ status: 503, body: '5' });
    expect(slept).toHaveLength(4);
  });
});
