import { inspect } from 'node:util';
import type { Output } from './io.ts';

type Paint = (text: string) => string;

/** Colours of a terminal; each returns the text unchanged if colour is off. */
export interface Palette {
  readonly isOn: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Colours and width of displayed text. */
export interface Style {
  readonly color: Palette;
  /** Width in characters. */
  readonly columns: number;
}

/** Colour on a terminal, unless NO_COLOR or TERM=dumb is set; FORCE_COLOR turns it on everywhere. */
export function styleOf(output: Output, env: Readonly<Record<string, string | undefined>>): Style {
  const isForced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const isRefused = (env.NO_COLOR !== undefined && env.NO_COLOR !== '') || env.TERM === 'dumb' || env.FORCE_COLOR === '0';
  return { color: paletteOf(isForced || (output.isTty && !isRefused)), columns: output.columns };
}

export function paletteOf(isOn: boolean): Palette {
  const paint = (format: Exclude<keyof Palette, 'isOn'>): Paint => {
    // Node's own codes. Its styleText, like picocolors, first opens the stream of stdout, which takes 6 ms.
    const [open, close] = inspect.colors[format]!;
    return isOn ? (text) => `\x1b[${open}m${text}\x1b[${close}m` : (text) => text;
  };
  return {
    isOn,
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    cyan: paint('cyan'),
  };
}
