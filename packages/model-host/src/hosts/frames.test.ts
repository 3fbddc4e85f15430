import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, encodeFrame, type Frame } from './frames.ts';

const frame = fc.record({
  header: fc.record({ type: fc.string(), text: fc.string({ unit: 'grapheme' }), list: fc.array(fc.integer()) }),
  buffers: fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }),
});

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
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

  it('hold buffers where any typed array may view them', () => {
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
