import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly bytes: number;
}

export interface RunningServer {
  readonly host: string;
  /** Every request, in order. */
  readonly seen: Seen[];
  stop(): Promise<void>;
}

/** A server on a free loopback port that responds with `answer` and records the requests. */
export async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse, server: RunningServer) => void,
  { onBody = () => undefined }: { readonly onBody?: (text: string) => void } = {},
): Promise<RunningServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.byteLength;
      onBody(piece.toString('utf8'));
    });
    request.on('end', () => {
      seen.push({ method: request.method!, url: request.url!, authorization: request.headers.authorization, bytes });
      answer(request, response, running);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const running: RunningServer = {
    host: `127.0.0.1:${(server.address() as { port: number }).port}`,
    seen,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return running;
}
