/**
 * The wire between worker and host: frames on the host's own file descriptors, so that nothing a model prints reaches them.
 * A frame is: body length (u32 LE) · header length (u32 LE) · header (JSON) · buffers, each padded to 8 bytes.
 * The header's `buffers` lists the byte length of each buffer in order.
 */
export interface Frame {
  readonly header: { readonly type: string; readonly [key: string]: unknown };
  readonly buffers: readonly Uint8Array[];
}

const PREFIX = 8;
const padded = (length: number): number => (length + 7) & ~7;

export function encodeFrame({ header, buffers }: Frame): Uint8Array {
  const text = Buffer.from(JSON.stringify({ ...header, buffers: buffers.map((buffer) => buffer.byteLength) }), 'utf8');
  const headerSize = padded(PREFIX + text.length) - PREFIX;
  const size = buffers.reduce((sum, buffer) => sum + padded(buffer.byteLength), headerSize);
  const bytes = Buffer.alloc(PREFIX + size);
  bytes.writeUInt32LE(size + 4, 0);
  bytes.writeUInt32LE(text.length, 4);
  text.copy(bytes, PREFIX);
  let at = PREFIX + headerSize;
  for (const buffer of buffers) {
    bytes.set(buffer, at);
    at += padded(buffer.byteLength);
  }
  return bytes;
}

/** Bytes that follow the first four of a frame. */
export function bodyLength(prefix: Buffer): number {
  return prefix.readUInt32LE(0);
}

/** Decodes a frame's body (what follows the first four bytes). Buffers are copied to aligned memory, so any typed array may view them. */
export function decodeBody(body: Buffer): Frame {
  const headerLength = body.readUInt32LE(0);
  const header = JSON.parse(body.toString('utf8', 4, 4 + headerLength)) as Frame['header'] & { buffers: number[] };
  let at = padded(PREFIX + headerLength) - 4;
  const buffers = header.buffers.map((length) => {
    const bytes = new Uint8Array(length);
    bytes.set(body.subarray(at, at + length));
    at += padded(length);
    return bytes;
  });
  return { header, buffers };
}

/** Cuts a stream of bytes into frames. */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let wanted = 4;
  let isBody = false;
  return (chunk) => {
    pieces.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      const all = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, held);
      const part = all.subarray(0, wanted);
      held -= wanted;
      pieces = held > 0 ? [all.subarray(part.length)] : [];
      if (isBody) onFrame(decodeBody(part));
      wanted = isBody ? 4 : bodyLength(part);
      isBody = !isBody;
    }
  };
}
