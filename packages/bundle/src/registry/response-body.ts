import { formatCount, ModelOpsError } from '@modelops/contracts';

/** The whole body. @throws REGISTRY_REFUSED if it is longer than `maxBytes` uncompressed; no more than that is held in memory */
export async function readBody(response: Response, maxBytes: number, where: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of boundedBody(response, maxBytes, where)) pieces.push(piece);
  return Buffer.concat(pieces);
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

/** The body in pieces. @throws REGISTRY_REFUSED when it is longer than `maxBytes` */
export async function* boundedBody(response: Response, maxBytes: number, where: string): AsyncIterable<Uint8Array> {
  let size = 0;
  for await (const piece of piecesOf(response)) {
    size += piece.byteLength;
    if (size > maxBytes)
      throw new ModelOpsError('REGISTRY_REFUSED', `${where} sent more than the ${formatCount(maxBytes)} bytes allowed`, {
        hint: 'check registry.login_server of the environment',
      });
    yield piece;
  }
}

/** Leaving the loop early cancels the body. Responses without one (HEAD) have no pieces. */
async function* piecesOf({ body }: Response): AsyncIterable<Uint8Array> {
  if (body !== null) yield* body;
}
