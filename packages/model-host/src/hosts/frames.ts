/**
 * The protocol between worker and host: frames on separate file descriptors, which a model's prints do not reach.
 * A frame is: body length (u32 LE) · header length (u32 LE) · header (JSON) · buffers, each padded to 8 bytes.
 * The header's `buffers` lists the byte length of each buffer in order. Both ends refuse a frame beyond the limits below.
 */
export interface Frame {
  readonly header: { readonly type: string; readonly [key: string]: unknown };
  readonly buffers: readonly Uint8Array[];
}

const PREFIX = 8;
const LENGTH = 4;
/** Maximum length of a body; it fits into one write to a pipe and into a Buffer of every Node version. */
export const MAX_BODY_BYTES = 2 ** 31 - 16;
/** Maximum length of a header: parameters, tracebacks and the last lines of stderr of up to 1,024 tasks. */
const MAX_HEADER_BYTES = 256 * 2 ** 20;
/** Maximum number of buffers, which are columns. */
const MAX_BUFFERS = 65_536;

/** Without bit operations, which are limited to 2 GiB. */
const padded = (length: number): number => Math.ceil(length / 8) * 8;

/** A frame that would be longer than {@link MAX_BODY_BYTES}. */
export class FrameTooLarge extends RangeError {
  override readonly name = 'FrameTooLarge';
}

/** @throws FrameTooLarge */
export function encodeFrame({ header, buffers }: Frame): Uint8Array {
  const text = Buffer.from(JSON.stringify({ ...header, buffers: buffers.map((buffer) => buffer.byteLength) }), 'utf8');
  const headerSize = padded(PREFIX + text.length) - PREFIX;
  const size = buffers.reduce((sum, buffer) => sum + padded(buffer.byteLength), headerSize);
  if (size + LENGTH > MAX_BODY_BYTES) throw new FrameTooLarge(`${gibibytes(size)} GiB in one message; the limit is 2 GiB`);
  const bytes = Buffer.alloc(PREFIX + size);
  bytes.writeUInt32LE(size + LENGTH, 0);
  bytes.writeUInt32LE(text.length, LENGTH);
  text.copy(bytes, PREFIX);
  let at = PREFIX + headerSize;
  for (const buffer of buffers) {
    bytes.set(buffer, at);
    at += padded(buffer.byteLength);
  }
  return bytes;
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}

/** Bytes that follow the first four of a frame. @throws RangeError beyond the limit */
export function bodyLength(prefix: Buffer): number {
  const length = prefix.readUInt32LE(0);
  if (length < LENGTH || length > MAX_BODY_BYTES)
    throw new RangeError(`a message of ${length} bytes: expected ${LENGTH} to ${MAX_BODY_BYTES}`);
  return length;
}

/**
 * Decodes a frame's body (the bytes after the first four). Buffers are aligned for any typed array: views of the body where that is
 * aligned, otherwise copies. @throws RangeError, SyntaxError for an invalid frame
 */
export function decodeBody(body: Buffer): Frame {
  const headerLength = body.readUInt32LE(0);
  if (headerLength > Math.min(MAX_HEADER_BYTES, body.length - LENGTH)) throw new RangeError(`a header of ${headerLength} bytes`);
  const header = JSON.parse(body.toString('utf8', LENGTH, LENGTH + headerLength)) as unknown;
  const lengths = lengthsIn(header);
  let at = padded(PREFIX + headerLength) - LENGTH;
  const end = lengths.reduce((sum, length) => sum + padded(length), at);
  if (end !== body.length) throw new RangeError(`buffers of ${end - at} bytes in a body of ${body.length - at}`);
  const buffers = lengths.map((length) => {
    const isAligned = (body.byteOffset + at) % 8 === 0;
    const bytes = isAligned
      ? new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset + at, length)
      : new Uint8Array(body.subarray(at, at + length));
    at += padded(length);
    return bytes;
  });
  return { header: header as Frame['header'], buffers };
}

/** The lengths of a header's buffers. @throws TypeError for an invalid header */
function lengthsIn(header: unknown): readonly number[] {
  const { type, buffers } = (header ?? {}) as { readonly type?: unknown; readonly buffers?: unknown };
  if (typeof type !== 'string' || !Array.isArray(buffers)) throw new TypeError('a header without type and buffers');
  if (buffers.length > MAX_BUFFERS) throw new RangeError(`${buffers.length} buffers; the limit is ${MAX_BUFFERS}`);
  for (const length of buffers as unknown[])
    if (!Number.isSafeInteger(length) || (length as number) < 0) throw new RangeError(`a buffer of ${String(length)} bytes`);
  return buffers as number[];
}

/**
 * Splits a stream of bytes into frames. Memory of a body is allocated, but the system provides pages only as data arrives: a length that is
 * only claimed costs nothing.
 */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  const prefix = Buffer.alloc(LENGTH);
  let body: Buffer | undefined;
  let filled = 0;
  return (chunk) => {
    for (let from = 0; from < chunk.length; ) {
      const into = body ?? prefix;
      const taken = chunk.copy(into, filled, from);
      from += taken;
      filled += taken;
      if (filled < into.length) return;
      filled = 0;
      if (body === undefined) body = alignedBody(bodyLength(prefix));
      else {
        const whole = body;
        body = undefined;
        onFrame(decodeBody(whole));
      }
    }
  };
}

/** Begins after the four bytes of its length, as in a frame, so that its buffers begin at multiples of 8. */
function alignedBody(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(LENGTH + length), LENGTH);
}
