import { describe, expect, it } from 'vitest';
import { openLive } from './live.ts';
import { createMemoryOutput } from './testing/memory-io.ts';

describe('live text', () => {
  it('is rewritten in place on a terminal, counting the lines that it wraps to, and leaves nothing behind', async () => {
    const terminal = createMemoryOutput({ isTty: true, columns: 12 });
    const live = await openLive(terminal);
    live.show('one');
    live.show('one');
    live.show('a line that is too long');
    live.clear();
    const erase = (lines: number) => `${'\x1b[2K\x1b[1A'.repeat(lines)}\x1b[2K\x1b[G`;
    expect(terminal.text).toBe(`one\n${erase(1)}a line that \nis too long\n${erase(2)}`);
  });

  it('counts colours as zero width', async () => {
    const terminal = createMemoryOutput({ isTty: true, columns: 12 });
    (await openLive(terminal, true)).show('\x1b[32mgreen\x1b[39m');
    expect(terminal.text).toBe('\x1b[32mgreen\x1b[39m\n');
  });

  it('is printed elsewhere when it has changed', async () => {
    const file = createMemoryOutput();
    const live = await openLive(file);
    for (const text of ['one', 'one', 'two']) live.show(text);
    live.clear();
    expect(file.text).toBe('one\ntwo\n');
  });
});
