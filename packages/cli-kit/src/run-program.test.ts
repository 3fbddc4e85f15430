import { ModelOpsError } from '@modelops/contracts';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { document } from './document.ts';
import { type Command, defineCommand, type Program, runProgram } from './index.ts';
import type { ProgramContext } from './run-program.ts';
import { createMemoryIo, type MemoryIo } from './testing/memory-io.ts';

interface Deps {
  readonly context: ProgramContext;
  readonly seen: object[];
}

const greet = defineCommand({
  examples: ['hello people greet Ada --times 2'],
  args: z.object({ who: z.string().min(2).describe('Whom to greet'), others: z.array(z.string()).default([]) }),
  options: z.object({
    times: z
      .int()
      .min(1)
      .max(9)
      .default(1)
      .describe('How often')
      .meta({ short: 't', aliases: ['repeat'] }),
    tone: z.enum(['warm', 'cold']).default('warm'),
    isLoud: z.boolean().default(false),
    punctuate: z.boolean().default(true).describe('Leave out the full stop'),
    tags: z.array(z.string()).default([]).describe('Labels'),
    fix: z.record(z.string(), z.number()).default({}),
    seed: z.bigint().optional(),
  }),
  schema: 'modelops.test.greeting/v1',
  document: async () => document('modelops.test.greeting/v1', { words: z.string(), times: z.int() }),
  run: async (input, { context, seen }: Deps) => {
    seen.push(input);
    context.reporter.note('greeting');
    if (input.who === 'nobody') throw new ModelOpsError('JOB_NOT_FOUND', 'no job nobody', { hint: 'mops jobs list' });
    if (input.who === 'defect') throw new TypeError('x is not a function');
    return { words: `Hello ${input.who}`, times: input.times };
  },
  human: ({ words, times }) => words.repeat(times),
  exit: ({ times }) => (times === 9 ? 10 : 0),
});

const load = vi.fn(async (): Promise<Command<Deps>> => greet);
const program: Program<Deps> = {
  name: 'hello',
  summary: 'Greets',
  version: '1.2.3',
  groups: { people: 'Greet and part' },
  commands: [
    { name: 'people greet', summary: 'Greet people', load },
    { name: 'people leave', summary: 'Part', load },
    { name: 'weather', summary: 'Talk about the weather', load },
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => ({ name: `letter ${letter}`, summary: `Say ${letter}`, load })),
  ],
};

async function run(line: string, io: MemoryIo = createMemoryIo()) {
  const seen: object[] = [];
  const argv = line === '' ? [] : line.split(' ');
  const status = await runProgram({ ...program, argv, io, deps: (context) => ({ context, seen }) });
  return { status, out: io.stdout.text, err: io.stderr.text, input: seen[0] };
}

describe('runProgram', () => {
  it('accepts an alias of a flag, but not after --', async () => {
    expect((await run('people greet Ada --repeat 3')).input).toMatchObject({ times: 3 });
    expect((await run('people greet Ada --repeat=2')).input).toMatchObject({ times: 2 });
    expect((await run('people greet Ada -- --repeat')).input).toMatchObject({ times: 1, others: ['--repeat'] });
    expect((await run('people greet --help')).out).toContain('also --repeat');
  });

  it('prints the result on stdout and notes on stderr', async () => {
    expect(await run('people greet Ada')).toMatchObject({ status: 0, out: 'Hello Ada\n', err: 'greeting\n' });
  });

  it('prints one JSON document with the name of its schema and nothing else with --json', async () => {
    const { out } = await run('people greet Ada --json');
    expect(JSON.parse(out)).toEqual({ schema: 'modelops.test.greeting/v1', words: 'Hello Ada', times: 1 });
  });

  it('accepts --json and --quiet before the command too', async () => {
    const { out, err } = await run('--json -q people greet Ada');
    expect(JSON.parse(out)).toMatchObject({ words: 'Hello Ada' });
    expect(err).toBe('');
  });

  it('reads every kind of option', async () => {
    const { input } = await run(
      'people greet Ada Bo Cy -t 2 --tone=cold --is-loud --no-punctuate --tags a,b --tags c --fix x=1e-3 --fix y=-2 --seed 18446744073709551615',
    );
    expect(input).toEqual({
      who: 'Ada',
      others: ['Bo', 'Cy'],
      times: 2,
      tone: 'cold',
      isLoud: true,
      punctuate: false,
      tags: ['a', 'b', 'c'],
      fix: { x: 0.001, y: -2 },
      seed: 18446744073709551615n,
    });
  });

  it('fills in the defaults', async () => {
    const { input } = await run('people greet Ada');
    expect(input).toEqual({ who: 'Ada', others: [], times: 1, tone: 'warm', isLoud: false, punctuate: true, tags: [], fix: {} });
  });

  it('lists every problem of the arguments and options at once, and calls nothing', async () => {
    const { status, out, err, input } = await run('people greet A --times NaN --tone hot --fix x --seed 1.5');
    expect([status, out, input]).toEqual([2, '', undefined]);
    expect(err).toContain('WHO: ');
    expect(err).toContain('--times: "NaN" is not a number');
    expect(err).toContain('--tone: "hot" is not one of warm, cold');
    expect(err).toContain('--fix: "x" is not of the form name=value');
    expect(err).toContain('--seed: "1.5" is not a whole number');
    expect(err).toContain('hint: hello people greet --help');
  });

  it('names a missing argument', async () => {
    expect((await run('people greet')).err).toContain('WHO: is missing');
  });

  it('hints at the nearest option and the nearest command', async () => {
    const option = await run('people greet Ada --tmes 3');
    expect(option.status).toBe(2);
    expect(option.err).toContain('did you mean --times? (hello people greet --help)');
    const command = await run('people gret');
    expect(command.status).toBe(2);
    expect(command.err).toContain('did you mean greet? (hello people --help)');
    expect((await run('wether')).err).toContain('did you mean weather? (hello --help)');
  });

  it('renders a foreseen failure once, with its hint and exit status', async () => {
    expect(await run('people greet nobody -q')).toMatchObject({ status: 3, out: '', err: 'error: no job nobody\nhint: mops jobs list\n' });
  });

  it('renders a failure as a JSON document on stderr with --json', async () => {
    const { status, out, err } = await run('people greet nobody -q --json');
    expect([status, out]).toEqual([3, '']);
    expect(JSON.parse(err)).toEqual({
      schema: 'modelops.error/v1',
      error: {
        code: 'JOB_NOT_FOUND',
        message: 'no job nobody',
        hint: 'mops jobs list',
        problems: [],
        causes: [],
        exit: 3,
        retryable: false,
      },
    });
    expect(JSON.parse((await run('people greet --json')).err)).toMatchObject({ error: { code: 'USAGE', problems: [{ path: 'WHO' }] } });
  });

  it('shows the stack of a defect and where to report it, with status 1', async () => {
    const { status, err } = await run('people greet defect');
    expect(status).toBe(1);
    expect(err).toMatch(/TypeError: x is not a function\n\s+at /);
    expect(err).toContain('report');
  });

  it('uses the exit status that the command derives from its data', async () => {
    expect((await run('people greet Ada -t 9')).status).toBe(10);
  });

  it('lists commands in the help of the program and of a group without loading any', async () => {
    load.mockClear();
    const { status, out } = await run('--help');
    expect(status).toBe(0);
    expect(out).toMatch(/^ {2}people +Greet and part$/m);
    expect(out).not.toContain('greet');
    expect((await run('people --help')).out).toMatch(/^ {2}greet +Greet people$/m);
    expect((await run('help people')).out).toMatch(/^ {2}leave +Part$/m);
    expect(load).not.toHaveBeenCalled();
  });

  it('shows arguments, options, an example and the exit statuses in the help of a command', async () => {
    const { out } = await run('people greet --help');
    expect(out).toContain('Usage: hello people greet WHO [OTHERS...] [options]');
    expect(out).toContain('-t, --times <N>');
    expect(out).toContain('--no-punctuate');
    expect(out).toContain('one of warm, cold; default: warm');
    expect(out).toContain('hello people greet Ada --times 2');
    expect(out).toMatch(/10 +job partial/);
    expect(out).toMatch(/130 +interrupted/);
  });

  it.each([40, 60, 80])('wraps the help of commands and options to a terminal of %i columns', async (columns) => {
    const helpAt = async (line: string, width: number) => (await run(line, createMemoryIo({ columns: width }))).out;
    const tooLong = (text: string) => text.split('\n').filter((line) => line.length > columns);
    const help = await helpAt('people greet --help', columns);
    const words = (text: string) => text.split(/\s+/);
    expect(words(help)).toEqual(words(await helpAt('people greet --help', 120)));
    expect(tooLong(help.slice(help.indexOf('Arguments:'), help.indexOf('Examples:')))).toEqual([]);
    expect(tooLong((await helpAt('--help', columns)).replace(/^hello COMMAND.*/m, ''))).toEqual([]);
  });

  it('shows the help on stderr with status 2 when no command is given', async () => {
    expect(await run('people')).toMatchObject({ status: 2, out: '' });
    expect(await run('')).toMatchObject({ status: 2, out: '' });
  });

  it('prints the version', async () => {
    expect(await run('--version')).toMatchObject({ status: 0, out: '1.2.3\n' });
  });

  it('prints no error when the reader of stdout closes it', async () => {
    const io = createMemoryIo();
    const broken = {
      ...io,
      stdout: { ...io.stdout, write: async () => Promise.reject(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })) },
    };
    expect(await run('people greet Ada -q', broken)).toMatchObject({ status: 0, err: '' });
  });
});

it('does not compile a program with a command whose dependencies it lacks', () => {
  const poor: Program<Pick<Deps, 'seen'>> = {
    ...program,
    // @ts-expect-error: `people greet` needs a context
    commands: [{ name: 'people greet', summary: 'Greet people', load: async () => greet }],
  };
  expect(poor.commands).toHaveLength(1);
});

describe('interruption', () => {
  function waiting(onAbort: (done: () => void) => void) {
    const io = createMemoryIo();
    const finished: string[] = [];
    const command = defineCommand({
      examples: [],
      args: z.object({}),
      options: z.object({}),
      schema: 'modelops.test.wait/v1',
      document: async () => document('modelops.test.wait/v1', {}),
      run: async (_input, { signal }: ProgramContext) => {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => onAbort(resolve));
          io.interrupt();
        });
        finished.push('work');
        return {};
      },
      human: () => 'done',
    });
    const commands = [{ name: 'wait', summary: 'Wait', load: async () => command }];
    const status = runProgram({ name: 'w', summary: '', version: '0', commands, argv: ['wait'], io, deps: (context) => context });
    return { io, status, finished };
  }

  it('aborts the signal, lets the work end, and ends with status 130', async () => {
    const { io, status, finished } = waiting((done) => done());
    expect(await status).toBe(130);
    expect(finished).toEqual(['work']);
    expect(io.stdout.text).toBe('');
    expect(io.stderr.text).toBe('error: interrupted\n');
  });

  it('ends the process at the second Ctrl-C when the work does not stop', async () => {
    let stop: (() => void) | undefined;
    const { io, status } = waiting((done) => {
      stop = done;
    });
    await expect.poll(() => stop).toBeDefined();
    io.interrupt();
    expect(io.exits).toEqual([130]);
    stop?.();
    expect(await status).toBe(130);
  });
});
