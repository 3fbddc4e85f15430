import { createRequire } from 'node:module';
import { messageOf, PNG_HEADER_BYTES, PNG_MARK, SVG_MARK } from '@modelops/contracts';

/** Pixels of a PNG for each unit of its SVG: sharp on a slide and in print at half the width of a page. */
const SCALE = 3;
const SAMPLE = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text y="15" font-family="Arial">x</text></svg>';

/** The `tEXt` chunk with {@link PNG_MARK}: its length, type, text and CRC-32. */
const MARK_CHUNK = Buffer.concat([Buffer.of(0, 0, 0, PNG_MARK.length), Buffer.from(`tEXt${PNG_MARK}`), Buffer.of(0xc9, 0x6c, 0x59, 0x20)]);

export interface PlotFiles {
  /** Each plot as SVG and as PNG, by file name, marked as written by us. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Why there are no PNG files, or why they have no labels; undefined if they are complete. */
  readonly problem?: string;
}

interface Resvg {
  render(): { asPng(): Uint8Array };
  getBBox(): unknown;
}
type ResvgClass = new (svg: string, options?: { readonly fitTo: { readonly mode: 'zoom'; readonly value: number } }) => Resvg;

/**
 * Plots as files. The library that draws PNG is native code: it is loaded here, and where it does not load, only SVG files are returned, with the reason. Labels
 * are drawn in the fonts of the machine. @param plots SVG documents by file name
 */
export function plotFiles(plots: ReadonlyMap<string, string>): PlotFiles {
  let Resvg: ResvgClass;
  try {
    ({ Resvg } = createRequire(import.meta.url)('@resvg/resvg-js') as { readonly Resvg: ResvgClass });
  } catch (error) {
    return {
      files: new Map([...plots].map(([name, svg]) => [name, SVG_MARK + svg])),
      problem: `PNG files are not written, because @resvg/resvg-js cannot be loaded: ${messageOf(error).split('\n')[0]}`,
    };
  }
  const files = new Map<string, string | Uint8Array>();
  for (const [name, svg] of plots) {
    files.set(name, SVG_MARK + svg);
    files.set(name.replace(/\.svg$/, '.png'), withMark(new Resvg(svg, { fitTo: { mode: 'zoom', value: SCALE } }).render().asPng()));
  }
  if (new Resvg(SAMPLE).getBBox() !== undefined) return { files };
  return {
    files,
    problem: 'the PNG files have no labels, because this machine has no fonts; install some (apt-get install fonts-dejavu-core)',
  };
}

function withMark(png: Uint8Array): Uint8Array {
  return Buffer.concat([png.subarray(0, PNG_HEADER_BYTES), MARK_CHUNK, png.subarray(PNG_HEADER_BYTES)]);
}
