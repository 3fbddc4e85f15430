import { escapeControls } from './escape-controls.ts';
import { formatCount, formatDuration } from './format.ts';
import type { Output } from './io.ts';
import { type Live, openLive } from './live.ts';

/** The progress of some work. `total` may be unknown. */
export interface ProgressState {
  readonly done: number;
  readonly total?: number | undefined;
  readonly note?: string | undefined;
  /** The work has ended: no remaining time is shown. */
  readonly isEnded?: boolean | undefined;
}

/** Displays the progress of some work. */
export interface Progress {
  update(state: ProgressState): void;
  /** Shows the last state and leaves it on the screen. Nothing is shown after it. */
  finish(): void;
  /** Removes the bar, so that a line of text can be printed; the next update draws it again. */
  clear(): void;
}

const REDRAW_MS = 100;
const LINE_MS = 5000;
const RATE_WINDOW_MS = 10_000;
const BAR = 24;

/** On a terminal a bar, redrawn at most ten times per second; elsewhere plain lines, one for each 10 % or 5 s. `now`: monotonic milliseconds. */
export async function openProgress(stream: Output, now: () => number): Promise<Progress> {
  const rate = createRate(now);
  return stream.isTty ? createBar(await openLive(stream), now, rate) : createLines(stream, now, rate);
}

/** Shows nothing. */
export const silentProgress: Progress = { update: () => undefined, finish: () => undefined, clear: () => undefined };

/** Units per second, measured from successive calls. */
export type Rate = (done: number) => number | undefined;

function createBar(live: Live, now: () => number, rate: Rate): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let pending: string | undefined;
  const draw = (text: string) => {
    live.show(text);
    [drawnAt, pending] = [now(), undefined];
  };
  return {
    update: (state) => {
      pending = textOf(state, rate(state.done), true);
      if (now() - drawnAt >= REDRAW_MS) draw(pending);
    },
    finish: () => {
      if (pending !== undefined) draw(pending);
      live.keep();
    },
    clear: () => {
      live.clear();
      drawnAt = Number.NEGATIVE_INFINITY;
    },
  };
}

function createLines(stream: Output, now: () => number, rate: Rate): Progress {
  let printedAt = now();
  let printedTenth = 0;
  let printed: string | undefined;
  let pending: string | undefined;
  const print = (text: string) => {
    void stream.write(`${escapeControls(text)}\n`);
    [printedAt, printed, pending] = [now(), text, undefined];
  };
  return {
    update: (state) => {
      pending = textOf(state, rate(state.done), false);
      const tenth = state.total ? Math.floor((10 * state.done) / state.total) : 0;
      if (tenth > printedTenth || now() - printedAt >= LINE_MS) print(pending);
      printedTenth = Math.max(printedTenth, tenth);
    },
    finish: () => {
      if (pending !== undefined && pending !== printed) print(pending);
    },
    clear: () => undefined,
  };
}

/** Units per second over the last ten seconds; undefined until two samples at different times exist. */
export function createRate(now: () => number): Rate {
  const samples: { at: number; done: number }[] = [];
  return (done) => {
    const at = now();
    const last = samples.at(-1);
    // Samples closer than a tenth of a second count as one: a caller may report every task.
    if (samples.length > 1 && last !== undefined && at - samples.at(-2)!.at < REDRAW_MS) samples[samples.length - 1] = { at, done };
    else samples.push({ at, done });
    while (samples.length > 2 && at - samples[1]!.at > RATE_WINDOW_MS) samples.shift();
    const first = samples[0]!;
    return at > first.at && done > first.done ? (1000 * (done - first.done)) / (at - first.at) : undefined;
  };
}

function textOf({ done, total, note, isEnded = false }: ProgressState, rate: number | undefined, hasBar: boolean): string {
  const parts = total === undefined ? [formatCount(done)] : [`${formatCount(done)} / ${formatCount(total)}`, percentOf(done, total)];
  if (rate !== undefined) parts.push(`${formatRate(rate)}/s`);
  if (rate !== undefined && total !== undefined && done < total && !isEnded)
    parts.push(`${formatDuration((1000 * (total - done)) / rate)} left`);
  if (note !== undefined && note !== '') parts.push(note);
  const text = parts.join('  ');
  return hasBar && total ? `${barOf(done / total)} ${text}` : text;
}

/** Whole percent, rounded down, so that 100 % means complete. */
export function percentOf(done: number, total: number): string {
  return total === 0 ? '100 %' : `${Math.floor((100 * done) / total)} %`;
}

/** `[####....]` */
export function barOf(share: number, width = BAR): string {
  const full = Math.min(width, Math.floor(share * width));
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`;
}

/** Units per second: `1,234`, `56`, `7.8`. */
export function formatRate(rate: number): string {
  return rate >= 100 ? formatCount(Math.round(rate)) : rate >= 10 ? rate.toFixed(0) : rate.toFixed(1);
}
