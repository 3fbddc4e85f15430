import { inflateSync } from 'node:zlib';
import { isWrittenPlot } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../render-report.ts';
import { makeReport } from '../testing/made-report.ts';
import { plotFiles } from './plot-files.ts';

/** Width, height and the RGBA bytes of a PNG, with the filter byte of each row. */
function pixelsOf(png: Uint8Array) {
  const bytes = Buffer.from(png);
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), raw: inflateSync(Buffer.concat(data)) };
}

/** CRC-32 as in the PNG specification, annex D. */
function crc32Of(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0);
  }
  return (crc ^ -1) >>> 0;
}

describe('plots as files', () => {
  it('are SVG and PNG of three times the size, with marks', () => {
    const { plots } = renderReport(makeReport({ sets: 60, parameters: 2 }));
    const { files, problem } = plotFiles(plots);
    expect(problem).toBeUndefined();
    expect([...files.keys()]).toEqual([...plots.keys()].flatMap((name) => [name, name.replace('.svg', '.png')]));
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(plots.get('prevalence-loss-beta.svg')!)!.map(Number) as [
      number,
      number,
      number,
    ];
    const { raw, ...size } = pixelsOf(files.get('prevalence-loss-beta.png') as Uint8Array);
    expect(size).toEqual({ width: 3 * width, height: 3 * height });
    expect(new Set(raw).size).toBeGreaterThan(100);
  });

  it('are recognised as ours, so that bundles do not contain them', () => {
    const plot = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><rect width="2" height="2"/></svg>';
    const { files } = plotFiles(new Map([['a.svg', plot]]));
    expect([...files.values()].map((file) => isWrittenPlot(Buffer.from(file).toString('latin1')))).toEqual([true, true]);
    expect([plot, ''].map(isWrittenPlot)).toEqual([false, false]);
    const png = Buffer.from(files.get('a.png') as Uint8Array);
    const size = png.readUInt32BE(33);
    expect(png.readUInt32BE(41 + size)).toBe(crc32Of(png.subarray(37, 41 + size)));
  });
});
