import type { Output } from './io.ts';

type Paint = (text: string) => string;

/** Colours of a terminal; each leaves the text as it is where colour is off. */
export interface Palette {
  readonly isOn: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Colours and width of text for a person. */
export interface Style {
  readonly color: Palette;
  /** Width in characters. */
  readonly columns: number;
}

/** Colour on a terminal, unless NO_COLOR or TERM=dumb says otherwise; FORCE_COLOR turns it on everywhere. */
export function styleOf(output: Output, env: Readonly<Record<string, string | undefined>>): Style {
  const isForced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' && env.FORCE_COLOR !== '0';
  const isRefused = (env.NO_COLOR !== undefined && env.NO_COLOR !== '') || env.TERM === 'dumb' || env.FORCE_COLOR === '0';
  return { color: paletteOf(isForced || (output.isTty && !isRefused)), columns: output.columns };
}

export function paletteOf(isOn: boolean): Palette {
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      isOn ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    isOn,
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
