import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyLength, decodeBody, type Frame } from '../frames.ts';

const STREAMS = ['frames', 'stdout', 'stderr'] as const;
type StreamName = (typeof STREAMS)[number];
/** The connections of one slot. */
export type SlotStreams = Readonly<Record<StreamName, Socket>>;

/** Accepts the connections of forked hosts on a Unix socket in a folder that only this user can access. */
export interface SlotServer {
  readonly socket: string;
  /** Resolves when the named slot has opened its three connections. */
  expect(slot: string): Promise<SlotStreams>;
  /** Closes the connections of a slot that failed to start. */
  forget(slot: string): void;
  close(): void;
}

/** Maximum length of a Unix socket's address: 107 bytes on Linux, 103 elsewhere. */
const MAX_ADDRESS = 103;
const MAX_HELLO = 4096;

export async function openSlotServer(): Promise<SlotServer> {
  const folder = shortFolder();
  const socket = join(folder, 's');
  const waiting = new Map<string, { readonly streams: Map<StreamName, Socket>; readonly resolve: (streams: SlotStreams) => void }>();
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    readHello(connection).then(
      ({ slot, stream }) => {
        const expected = waiting.get(slot);
        if (expected === undefined || expected.streams.has(stream)) return connection.destroy();
        expected.streams.set(stream, connection);
        if (expected.streams.size < STREAMS.length) return undefined;
        waiting.delete(slot);
        return expected.resolve(Object.fromEntries(expected.streams) as SlotStreams);
      },
      () => connection.destroy(),
    );
  });
  server.listen(socket);
  await once(server, 'listening');
  server.unref();
  return {
    socket,
    expect: (slot) => new Promise((resolve) => waiting.set(slot, { streams: new Map(), resolve })),
    forget(slot) {
      for (const connection of waiting.get(slot)?.streams.values() ?? []) connection.destroy();
      waiting.delete(slot);
    },
    close() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function shortFolder(): string {
  const base = tmpdir();
  const isShort = Buffer.byteLength(join(base, 'modelops-XXXXXX', 's')) <= MAX_ADDRESS;
  return mkdtempSync(join(isShort ? base : '/tmp', 'modelops-'));
}

/** Reads the first frame of a connection; later bytes are left unread. */
function readHello(connection: Socket): Promise<{ readonly slot: string; readonly stream: StreamName }> {
  return new Promise((resolve, reject) => {
    let held = Buffer.alloc(0);
    const onData = (bytes: Buffer) => {
      held = Buffer.concat([held, bytes]);
      const end = held.length < 4 ? Number.POSITIVE_INFINITY : 4 + bodyLength(held);
      if (end > MAX_HELLO && held.length >= 4) return reject(new Error('not a hello'));
      if (held.length < end) return undefined;
      connection.off('data', onData).pause();
      const { header } = decodeBody(held.subarray(4, end));
      if (held.length > end) connection.unshift(held.subarray(end));
      return isHello(header) ? resolve(header) : reject(new Error('not a hello'));
    };
    connection.on('data', onData).once('close', () => reject(new Error('closed')));
  });
}

function isHello(header: Frame['header']): header is Frame['header'] & { readonly slot: string; readonly stream: StreamName } {
  return header.type === 'hello' && typeof header.slot === 'string' && STREAMS.includes(header.stream as StreamName);
}
