import { describe, expect, it } from 'vitest';
import { createLive } from './live.ts';
import { createMemoryOutput } from './testing/memory-io.ts';

describe('live text', () => {
  it('is rewritten in place on a terminal, cut to its width, and leaves nothing behind', () => {
    const terminal = createMemoryOutput({ isTty: true, columns: 12 });
    const live = createLive(terminal);
    live.show('one\ntwo');
    live.show('one\ntwo');
    live.show('a line that is too long');
    live.clear();
    expect(terminal.text).toBe('one\ntwo\n\x1b[2F\x1b[Ja line that\n\x1b[1F\x1b[J'.replace('a line that', 'a line that'.slice(0, 11)));
  });

  it('counts no colour as width', () => {
    const terminal = createMemoryOutput({ isTty: true, columns: 12 });
    createLive(terminal).show('\x1b[32mgreen\x1b[39m');
    expect(terminal.text).toBe('\x1b[32mgreen\x1b[39m\n');
  });

  it('is printed elsewhere when it has changed', () => {
    const file = createMemoryOutput();
    const live = createLive(file);
    for (const text of ['one', 'one', 'two']) live.show(text);
    live.clear();
    expect(file.text).toBe('one\ntwo\n');
  });
});
