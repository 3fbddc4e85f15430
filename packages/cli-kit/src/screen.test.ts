import { describe, expect, it } from 'vitest';
import { openScreen } from './screen.ts';
import { createMemoryIo } from './testing/memory-io.ts';

describe('a screen', () => {
  it('is drawn from the top within the height of the terminal, and is restored once', () => {
    const io = createMemoryIo({ isTty: true, columns: 20 });
    const screen = openScreen(io.stderr, io, false)!;
    screen.show(() => [...Array.from({ length: 24 }, (_, k) => `line ${k}\x1b[2J`), 'too low'].join('\n'));
    screen.close();
    screen.close();
    const { text } = io.stderr;
    expect(text.startsWith('\x1b[?1049h')).toBe(true);
    expect(text.split('\x1b[?1049l')).toHaveLength(2);
    const drawn = text.slice(text.indexOf('\x1b[H'));
    expect(drawn).toContain('line 23');
    expect(drawn).not.toContain('too low');
    expect(drawn).not.toContain('\x1b[2J');
  });

  it('is drawn again when the size of the terminal changes, until it is closed', () => {
    const io = createMemoryIo({ isTty: true, columns: 20 });
    const screen = openScreen(io.stderr, io, false)!;
    screen.show(({ columns, rows }) => `${columns}×${rows}`);
    io.stderr.resize(40, 10);
    screen.close();
    io.stderr.resize(60, 12);
    expect([...io.stderr.text.matchAll(/\d+×\d+/g)].map(([size]) => size)).toEqual(['20×24', '40×10']);
  });

  it('ends when q is typed, and not for other keys', async () => {
    const io = createMemoryIo({ isTty: true });
    const screen = openScreen(io.stderr, io, false)!;
    const keys: string[] = [];
    const quit = screen.quit.then(() => keys.push('quit'));
    io.type('x');
    await Promise.resolve();
    keys.push('x');
    io.type('q');
    await quit;
    expect(keys).toEqual(['x', 'quit']);
    screen.close();
  });

  it('does not exist without a terminal', () => {
    const io = createMemoryIo();
    expect(openScreen(io.stderr, io, false)).toBeUndefined();
    expect(io.stderr.text).toBe('');
  });
});
