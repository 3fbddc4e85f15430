import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, type Submitted } from './laptop.ts';

/** Two models that share a file; only B has another file. Both have two outputs from the same parameter. */
const FILES = {
  'lib/shared.ts': 'export const double = (x: number): number => 2 * x;\n',
  'lib/only-b.ts': 'export const FACTOR = 3;\n',
  'models/a.ts': `import { defineModel, float } from '@modelops/sdk';
import { double } from '../lib/shared.ts';
export const A = defineModel({
  parameters: { x: float(0, 1) },
  scenarios: { baseline: {}, lockdown: {} },
  outputs: ['first', 'second'],
  simulate: ({ x }) => ({ first: { value: Float64Array.of(double(x)) }, second: { value: Float64Array.of(x) } }),
});
`,
  'models/b.ts': `import { defineModel, float } from '@modelops/sdk';
import { FACTOR } from '../lib/only-b.ts';
import { double } from '../lib/shared.ts';
export const B = defineModel({
  parameters: { x: float(0, 1) },
  scenarios: { baseline: {}, lockdown: {} },
  outputs: ['first', 'second'],
  simulate: ({ x }) => ({ first: { value: Float64Array.of(FACTOR * double(x)) }, second: { value: Float64Array.of(x) } }),
});
`,
};
const TASKS = 6;

let laptop: Laptop;
beforeEach(async () => {
  laptop = openLaptop();
  for (const [file, text] of Object.entries(FILES)) {
    cpSync(join(laptop.dir, 'package.json'), join(laptop.dir, file)); // creates the folder
    writeFileSync(join(laptop.dir, file), text);
  }
  await laptop.run('modelops-bundle', 'init', 'epi-sim');
  for (const model of ['models/a.ts', 'models/b.ts']) await laptop.run('modelops-bundle', 'register-model', model);
});
afterEach(() => laptop.remove());

async function run(model: 'A' | 'B', change: object = {}, ...args: string[]): Promise<Submitted> {
  const study = { model: `models/${model.toLowerCase()}.ts:${model}`, scenario: 'baseline', parameter_sets: [{ x: 0.25 }, { x: 0.5 }] };
  writeFileSync(join(laptop.dir, 'study.json'), JSON.stringify({ ...study, n_replicates: TASKS / 2, ...change }));
  const submitted = await laptop.json<Submitted>('mops', 'jobs', 'submit', 'study.json', '--auto', '--wait', ...args);
  expect(submitted).toMatchObject({ status: 'succeeded', tasks: { total: TASKS } });
  return submitted;
}

/** The binding of a job, which determines where its results are stored. */
const bindingOf = ({ job }: Submitted) =>
  (JSON.parse(readFileSync(join(laptop.store, 'jobs', job, 'spec.json'), 'utf8')) as { binding: { code: string; model_digest: string } })
    .binding;

function edit(file: keyof typeof FILES, from: string, to: string): void {
  const path = join(laptop.dir, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
}

describe('results of different inputs', { timeout: 240_000 }, () => {
  it('are never confused: two models, two scenarios, two lists of outputs', async () => {
    const inputs: [Parameters<typeof run>[0], object][] = [
      ['A', {}],
      ['B', {}],
      ['A', { scenario: 'lockdown' }],
      ['A', { outputs: ['first'] }],
      ['A', { outputs: ['second'] }],
    ];
    for (const [model, change] of inputs) expect((await run(model, change)).tasks).toMatchObject({ new: TASKS, reused: 0 });
    for (const [model, change] of inputs.slice(2, 4)) expect((await run(model, change)).tasks).toMatchObject({ new: 0, reused: TASKS });
    expect((await run('A', { outputs: ['second', 'first'] })).tasks).toMatchObject({ new: TASKS }); // a list of all outputs differs from none
    expect((await run('A', { outputs: ['first', 'second'] })).tasks).toMatchObject({ reused: TASKS });
  });

  it('by token, stay valid while only a file of another model changes', async () => {
    const [a, b] = [await run('A'), await run('B')];
    edit('lib/only-b.ts', '3', '4');
    const [againA, againB] = [await run('A'), await run('B')];
    expect(againA.tasks).toMatchObject({ new: 0, reused: TASKS });
    expect(againB.tasks).toMatchObject({ new: TASKS, reused: 0 });
    expect(bindingOf(againA).code).toBe(bindingOf(a).code);
    expect(bindingOf(againB).code).not.toBe(bindingOf(b).code);
    edit('lib/shared.ts', '2 * x', 'x + x + 0');
    expect((await run('A')).tasks).toMatchObject({ new: TASKS, reused: 0 });
  });

  it('by bundle, are valid for one bundle only, and separate from those by token', async () => {
    await run('A');
    const first = await run('A', {}, '--schema', 'bundle');
    expect(first.tasks).toMatchObject({ new: TASKS, reused: 0 });
    expect((await run('A', {}, '--schema', 'bundle')).tasks).toMatchObject({ new: 0, reused: TASKS });
    edit('lib/only-b.ts', '3', '4');
    const edited = await run('A', {}, '--schema', 'bundle');
    expect(edited.tasks).toMatchObject({ new: TASKS, reused: 0 });
    expect(bindingOf(edited).model_digest).toBe(bindingOf(first).model_digest);
    expect((await run('A')).tasks).toMatchObject({ new: 0, reused: TASKS });
    expect(readdirSync(join(laptop.store, 'provenance')).sort()).toEqual(['bundle', 'token']);
  });
});
