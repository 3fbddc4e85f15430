import { describe, expect, it } from 'vitest';
import { createReporter } from './reporter.ts';
import { createMemoryIo } from './testing/memory-io.ts';

describe('reporter', () => {
  it('omits notes and progress when quiet, never warnings', async () => {
    const io = createMemoryIo();
    const reporter = createReporter(io, { isQuiet: true });
    reporter.note('a note');
    reporter.warn('a warning');
    (await reporter.progress()).update({ done: 1, total: 1 });
    expect(io.stderr.text).toBe('warning: a warning\n');
  });

  it('removes the bar from the screen for a line of text', async () => {
    const io = createMemoryIo({ isTty: true, env: { NO_COLOR: '1' } });
    const reporter = createReporter(io, { isQuiet: false });
    const progress = await reporter.progress();
    progress.update({ done: 1, total: 4 });
    reporter.warn('slow');
    progress.update({ done: 2, total: 4 });
    expect(io.stderr.text).toContain('1 / 4  25 %\n\x1b[2K\x1b[1A\x1b[2K\x1b[Gwarning: slow\n[############............] 2 / 4');
  });
});
