import { describe, expect, it } from 'vitest';
import { createReporter } from './reporter.ts';
import { createMemoryIo } from './testing/memory-io.ts';

describe('reporter', () => {
  it('leaves out notes and progress when quiet, never warnings', () => {
    const io = createMemoryIo();
    const reporter = createReporter(io, { isQuiet: true });
    reporter.note('a note');
    reporter.warn('a warning');
    reporter.progress().update({ done: 1, total: 1 });
    expect(io.stderr.text).toBe('warning: a warning\n');
  });

  it('takes the bar off the screen for a line of text', () => {
    const io = createMemoryIo({ isTty: true, env: { NO_COLOR: '1' } });
    const reporter = createReporter(io, { isQuiet: false });
    const progress = reporter.progress();
    progress.update({ done: 1, total: 4 });
    reporter.warn('slow');
    progress.update({ done: 2, total: 4 });
    expect(io.stderr.text).toContain('1 / 4  25 %\x1b[K\r\x1b[Kwarning: slow\n\r[############............] 2 / 4');
  });
});
