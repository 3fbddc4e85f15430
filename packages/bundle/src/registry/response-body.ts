import { formatCount, ModelOpsError } from '@modelops/contracts';

/** Receives the bytes of a body. Its errors are ModelOpsErrors and end the request. */
export interface BodySink {
  write(bytes: Uint8Array): Promise<void>;
  /** Called once, after the last byte. */
  end(): Promise<void>;
  /** Called instead of `end` if the body could not be read completely, or was refused. */
  abort(): Promise<void>;
}

/** The whole body. @throws REGISTRY_REFUSED if it is longer than `maxBytes` uncompressed; no more than that is held in memory */
export async function readBody(response: Response, maxBytes: number, where: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await streamBody(response, maxBytes, where, async (piece) => void pieces.push(piece));
  return Buffer.concat(pieces);
}

/** Sends the body to a sink piece by piece. @throws REGISTRY_REFUSED when it is longer than `maxBytes`, and what the sink throws */
export async function writeBody(response: Response, maxBytes: number, where: string, sink: BodySink): Promise<void> {
  try {
    await streamBody(response, maxBytes, where, (piece) => sink.write(piece));
  } catch (error) {
    await sink.abort();
    throw error;
  }
  await sink.end();
}

/** Up to `length` first bytes; the rest is not read. */
export async function readStart(response: Response, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of piecesOf(response)) {
    pieces.push(piece.subarray(0, length - size));
    size += piece.byteLength;
    if (size >= length) break;
  }
  return Buffer.concat(pieces);
}

/** Closes a body without reading it. */
export async function discardBody(response: Response): Promise<void> {
  await response.body?.cancel();
}

async function streamBody(
  response: Response,
  maxBytes: number,
  where: string,
  onPiece: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  let size = 0;
  for await (const piece of piecesOf(response)) {
    size += piece.byteLength;
    if (size > maxBytes)
      throw new ModelOpsError('REGISTRY_REFUSED', `${where} sent more than the ${formatCount(maxBytes)} bytes allowed`, {
        hint: 'check registry.login_server of the environment',
      });
    await onPiece(piece);
  }
}

/** Leaving the loop early cancels the body. Responses without one (HEAD) have no pieces. */
async function* piecesOf({ body }: Response): AsyncIterable<Uint8Array> {
  if (body !== null) yield* body;
}
