import { inflateSync } from 'node:zlib';
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
});
