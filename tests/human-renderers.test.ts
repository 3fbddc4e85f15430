import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelopsBundle } from '../packages/bundle/src/program.ts';
import { cb } from '../packages/cb-cli/src/program.ts';
import { type Command, type LazyCommand, runProgram } from '../packages/cli-kit/src/index.ts';
import { createMemoryIo } from '../packages/cli-kit/src/testing/index.ts';
import { mops } from '../packages/mops-cli/src/program.ts';

const FOREIGN = 'tag\x1b]0;title\x07\x1b[2J\x9b31m\r\u202ereversed\x1b[8m';
/** Control characters except tabs and line breaks; our own colours are removed first. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const COLOURS = /\x1b\[(?:1|2|22|3[1236]|39)m/g;

/** Fields with values of our programs, on which renderers branch. */
const OUR_OWN: Readonly<Record<string, string | undefined>> = {
  created_at: '2026-03-01T12:00:00.000Z',
  action: 'create',
  repair: 'none',
  status: 'partial',
  state: 'failed',
  plot: undefined,
};

/**
 * Hostile data of any shape: every field is such data again; it is also an array of two, a text of control characters when printed, and 1 as a
 * number.
 */
function foreignData(depth = 0): unknown {
  const items = () => [foreignData(depth + 1), foreignData(depth + 1)];
  const own: Record<PropertyKey, unknown> = {
    [Symbol.toPrimitive]: (hint: string) => (hint === 'number' ? 1 : FOREIGN),
    toString: () => FOREIGN,
    toJSON: () => FOREIGN,
    [Symbol.iterator]: () => items()[Symbol.iterator](),
    [Symbol.asyncIterator]: async function* () {
      yield* items();
    },
    length: 2,
  };
  return new Proxy(
    Object.assign(() => foreignData(depth + 1), { name_: '' }),
    {
      get(_, field) {
        if (field === 'then') return undefined;
        if (Object.hasOwn(own, field)) return own[field];
        if (Object.hasOwn(OUR_OWN, field)) return OUR_OWN[field as string];
        if (field in Array.prototype) return (items() as never)[field];
        if (field in String.prototype) return (FOREIGN as never)[field];
        return depth > 6 ? FOREIGN : foreignData(depth + 1);
      },
      has: () => true,
      ownKeys: () => ['name_', 'prototype'],
      getOwnPropertyDescriptor: (target, field) =>
        field === 'prototype' ? Reflect.getOwnPropertyDescriptor(target, field) : { value: FOREIGN, enumerable: true, configurable: true },
    },
  );
}

const commands: [string, LazyCommand<never>][] = [mops, cb, modelopsBundle].flatMap((program) =>
  program.commands.map((command): [string, LazyCommand<never>] => [`${program.name} ${command.name}`, command as LazyCommand<never>]),
);
const rendered = new Set<string>();

describe('the human renderer', () => {
  it.each(commands)('of %s prints no control character of its data', async (name, lazy) => {
    const real: Command<never> = await lazy.load();
    const fed = {
      ...real,
      args: real.args.pick({}),
      options: real.options.pick({}),
      run: async () => foreignData() as object,
      exit: () => 0,
    };
    const io = createMemoryIo({ isTty: true, env: { FORCE_COLOR: '1' } });
    const program = {
      name: 'p',
      summary: '',
      version: '1',
      commands: [{ name: 'do', summary: '', load: async () => fed as Command<object> }],
    };
    const status = await runProgram({ ...program, argv: ['do'], io, deps: () => ({}) });
    const text = (io.stdout.text + io.stderr.text).replace(COLOURS, '');
    expect(text).not.toMatch(UNSAFE);
    if (status === 0 && text.includes('\\u001b')) rendered.add(name);
  });

  it('prints the data of nearly all commands, so that the test above can fail', () => {
    const others = commands.map(([name]) => name).filter((name) => !rendered.has(name));
    expect(others.length, others.join()).toBeLessThan(commands.length / 10);
  });
});

describe('programs', () => {
  it('print only through cli-kit, which escapes', () => {
    const printing = ['bundle', 'cb-cli', 'mops-cli'].flatMap((name) => {
      const src = join(import.meta.dirname, '..', 'packages', name, 'src');
      return readdirSync(src, { recursive: true, encoding: 'utf8' })
        .filter((file) => /(?<!\.test)\.ts$/.test(file) && !file.includes('testing'))
        .filter((file) => /\bconsole\.|process\.std(out|err)/.test(readFileSync(join(src, file), 'utf8')))
        .map((file) => `${name}/src/${file}`);
    });
    const allowed = [
      // Progress of building a Python environment, with our own text.
      'bundle/src/artifact/freeze-environment.ts',
      'bundle/src/cli/env.ts',
      // Writes to its own log.
      'mops-cli/src/engines/local/local-supervisor.ts',
    ];
    expect(printing.sort()).toEqual(allowed);
  });
});
