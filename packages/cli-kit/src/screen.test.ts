import { describe, expect, it } from 'vitest';
import { openScreen } from './screen.ts';
import { createMemoryOutput } from './testing/memory-io.ts';

describe('a screen', () => {
  it('is drawn from the top within the height of the terminal, and is restored once', () => {
    const terminal = createMemoryOutput({ isTty: true, columns: 20 });
    const screen = openScreen(terminal, false)!;
    screen.show([...Array.from({ length: 24 }, (_, k) => `line ${k}\x1b[2J`), 'too low'].join('\n'));
    screen.close();
    screen.close();
    expect(terminal.text.startsWith('\x1b[?1049h')).toBe(true);
    expect(terminal.text.split('\x1b[?1049l')).toHaveLength(2);
    const drawn = terminal.text.slice(terminal.text.indexOf('\x1b[H'));
    expect(drawn).toContain('line 23');
    expect(drawn).not.toContain('too low');
    expect(drawn).not.toContain('\x1b[2J');
  });

  it('does not exist without a terminal', () => {
    const file = createMemoryOutput();
    expect(openScreen(file, false)).toBeUndefined();
    expect(file.text).toBe('');
  });
});
