import { describe, expect, it } from 'vitest';
import { createMemoryIo } from './memory-io.ts';
import { createTalk } from './talk.ts';

describe('talk', () => {
  it('leaves out notes and progress when quiet, never warnings', () => {
    const io = createMemoryIo();
    const talk = createTalk(io, { isQuiet: true });
    talk.note('a note');
    talk.warn('a warning');
    talk.progress().update({ done: 1, total: 1 });
    expect(io.stderr.text).toBe('warning: a warning\n');
  });

  it('takes the bar off the screen for a line of text', () => {
    const io = createMemoryIo({ isTty: true, env: { NO_COLOR: '1' } });
    const talk = createTalk(io, { isQuiet: false });
    const progress = talk.progress();
    progress.update({ done: 1, total: 4 });
    talk.warn('slow');
    progress.update({ done: 2, total: 4 });
    expect(io.stderr.text).toContain('1 / 4  25 %\x1b[K\r\x1b[Kwarning: slow\n\r[############............] 2 / 4');
  });
});
