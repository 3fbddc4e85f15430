/** Splits text that arrives in pieces into lines; `end` emits the last, unterminated line. */
export function splitLines(onLine: (line: string) => void): { write(text: string): void; end(): void } {
  let held = '';
  return {
    write: (text) => {
      const lines = `${held}${text}`.split('\n');
      held = lines.pop()!;
      for (const line of lines) onLine(line);
    },
    end: () => {
      if (held !== '') onLine(held);
      held = '';
    },
  };
}
