import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, encodeFrame, type Frame, FrameTooLarge, MAX_BODY_BYTES } from './frames.ts';

const frame = fc.record({
  header: fc.record({ type: fc.string(), text: fc.string({ unit: 'grapheme' }), list: fc.array(fc.integer()) }),
  buffers: fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }),
});

describe('frames', () => {
  it('round-trip for any split of the stream', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(encodeFrame));
        const read: Frame[] = [];
        const take = createFrameReader((one) => read.push(one));
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = cuts[turn % cuts.length]!;
          take(stream.subarray(at, at + size));
          at += size;
        }
        expect(read).toHaveLength(frames.length);
        frames.forEach(({ header, buffers }, at) => {
          expect(read[at]!.header).toMatchObject(header);
          expect(read[at]!.buffers.map((bytes) => [...bytes])).toEqual(buffers.map((bytes) => [...bytes]));
        });
      }),
    );
  });

  const prefixed = (length: number, ...rest: Uint8Array[]) => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32LE(length);
    return Buffer.concat([prefix, ...rest]);
  };
  /** A frame with this header, and possibly a false header length. */
  const forged = (header: string, headerLength = header.length, tail = 0) => {
    const body = Buffer.alloc(4 + header.length + tail);
    body.writeUInt32LE(headerLength, 0);
    body.write(header, 4);
    return prefixed(body.length, body);
  };

  it.each([
    ['a body of 4 GiB', prefixed(2 ** 32 - 1)],
    ['a body without a header', prefixed(0)],
    ['a header longer than the body', forged('{}', 1000)],
    ['a header that is not JSON', forged('{"type":')],
    ['a header that is null', forged('null')],
    ['a header without buffers', forged('{"type":"ran"}')],
    ['a buffer of a negative length', forged('{"type":"ran","buffers":[-8]}')],
    ['a buffer of half a byte', forged('{"type":"ran","buffers":[0.5]}')],
    ['a buffer longer than the body', forged('{"type":"ran","buffers":[1000]}')],
    ['a million buffers', forged(`{"type":"ran","buffers":[${new Array(1e6).fill(0).join()}]}`)],
    ['bytes after the buffers', forged('{"type":"ran","buffers":[]}', undefined, 64)],
  ])('refuse %s', (_, bytes) => {
    const take = createFrameReader(() => expect.unreachable());
    expect(() => take(bytes)).toThrow();
  });

  it('allocate no memory for a claimed length', () => {
    const before = process.memoryUsage.rss();
    const take = createFrameReader(() => expect.unreachable());
    take(prefixed(MAX_BODY_BYTES, Buffer.alloc(1000)));
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 2 ** 20);
  });

  it('are rejected as too large before memory is allocated', () => {
    const gigabyte = new Uint8Array(new ArrayBuffer(2 ** 30));
    expect(() => encodeFrame({ header: { type: 'ran' }, buffers: [gigabyte, gigabyte] })).toThrow(FrameTooLarge);
  });

  it('align buffers for every typed array', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.uint8Array({ maxLength: 33 })), (type, buffers) => {
        let read: Frame | undefined;
        createFrameReader((one) => {
          read = one;
        })(Buffer.from(encodeFrame({ header: { type }, buffers })));
        for (const { byteOffset } of read!.buffers) expect(byteOffset % 8).toBe(0);
      }),
    );
  });
});
