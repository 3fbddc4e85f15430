import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { document } from './document.ts';
import { escapeControls } from './escape-controls.ts';
import { type Command, defineCommand, runProgram } from './index.ts';
import type { ProgramContext } from './run-program.ts';
import { createMemoryIo } from './testing/memory-io.ts';

const HOSTILE = 'tag\x1b]0;title\x07\x1b[2J\x9b31m\r\u202ereversed';
// biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

describe('escapeControls', () => {
  it('makes every control character visible and keeps tabs, line breaks and other text', () => {
    expect(escapeControls('a\tb\n\x1b[2Jé日')).toBe('a\tb\n\\u001b[2Jé日');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !UNSAFE.test(escapeControls(text))));
  });

  it('does not change the value of JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value);
        expect(JSON.parse(escapeControls(json))).toEqual(JSON.parse(json));
      }),
    );
  });

  it('keeps our colours only where colours are on', () => {
    expect(escapeControls('\x1b[32mok\x1b[39m\x1b[8mhidden', true)).toBe('\x1b[32mok\x1b[39m\\u001b[8mhidden');
    expect(escapeControls('\x1b[32mok\x1b[39m')).toBe('\\u001b[32mok\\u001b[39m');
  });
});

describe('a program', () => {
  const command: Command<ProgramContext> = defineCommand({
    examples: [],
    args: z.object({ what: z.string() }),
    options: z.object({}),
    schema: 'test/v1',
    document: async () => document('test/v1', { text: z.string() }),
    run: async ({ what }, { reporter }: ProgramContext) => {
      reporter.note(HOSTILE);
      reporter.warn(HOSTILE);
      (await reporter.live()).show(HOSTILE);
      const progress = await reporter.progress();
      progress.update({ done: 1, total: 2, note: HOSTILE });
      progress.finish();
      if (what === 'fail') throw new Error(HOSTILE);
      return { text: HOSTILE };
    },
    notes: ({ text }) => text,
    human: ({ text }) => text,
  });

  it.each([['show'], ['fail'], ['show', '--json'], ['fail', '--json'], ['--\x1b[2J']])('prints nothing raw: %j', async (...words) => {
    const io = createMemoryIo();
    const commands = [{ name: 'do', summary: '', load: async () => command }];
    await runProgram({ name: 'p', summary: '', version: '1', commands, argv: ['do', ...words], io, deps: (context) => context });
    expect(io.stdout.text).not.toMatch(UNSAFE);
    expect(io.stderr.text).not.toMatch(UNSAFE);
    expect(io.stdout.text + io.stderr.text).toContain('\\u001b');
  });
});
