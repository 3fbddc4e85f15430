import type { Output } from './io.ts';

/** Text that is shown again and again as it changes. */
export interface Live {
  show(text: string): void;
  /** Takes the text off a terminal, for what follows; elsewhere what was printed stays. */
  clear(): void;
}

/** On a terminal the text is rewritten in place; elsewhere it is printed each time it differs from the last. */
export function createLive(stream: Output): Live {
  let shown: string | undefined;
  let lines = 0;
  const clear = () => {
    if (lines > 0) void stream.write(`\x1b[${lines}F\x1b[J`);
    [lines, shown] = [0, undefined];
  };
  if (!stream.isTty) {
    return {
      clear: () => undefined,
      show: (text) => {
        if (text !== shown) void stream.write(`${text}\n`);
        shown = text;
      },
    };
  }
  return {
    clear,
    show: (text) => {
      if (text === shown) return;
      clear();
      // A line that wraps would be counted as one.
      const fitted = text.split('\n').map((line) => fit(line, Math.max(10, stream.columns - 1)));
      void stream.write(`${fitted.join('\n')}\n`);
      [lines, shown] = [fitted.length, text];
    },
  };
}

/** The first `width` visible characters. */
function fit(line: string, width: number): string {
  let visible = 0;
  let at = 0;
  while (at < line.length && visible < width) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are made of them
    const colour = /^\x1b\[[0-9;]*m/.exec(line.slice(at, at + 12));
    if (colour !== null) at += colour[0].length;
    else [at, visible] = [at + 1, visible + 1];
  }
  return at < line.length && line.includes('\x1b[') ? `${line.slice(0, at)}\x1b[0m` : line.slice(0, at);
}
