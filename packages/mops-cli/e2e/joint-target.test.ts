import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';

const TIMEOUT_MS = 180_000;

const MODEL = `import { defineModel, float } from '@modelops/sdk';

export const Three = defineModel({
  parameters: { x: float(0, 5) },
  outputs: ['a', 'b', 'c'],
  simulate: ({ x }, { rng }) => {
    const noisy = x + rng.normal();
    return { a: { day: [0, 1], v: [noisy, 2 * noisy] }, b: { day: [0, 1], v: [3 * noisy, noisy] }, c: { v: [noisy] } };
  },
});
`;
const TYPESCRIPT = `import { defineJointLikelihood, gaussianLogLikelihood } from '@modelops/sdk';

const common = { value: 'v', evaluator: gaussianLogLikelihood({ sd: 2 }) };
export const typed = defineJointLikelihood({
  a: { ...common, output: 'a', data: 'data/a.csv', join: ['day'], outputs: { quantiles: [0.5] } },
  b: { ...common, output: 'b', data: 'data/b.csv', join: ['day'] },
  c: { ...common, output: 'c', data: { v: [2] }, join: 'none' },
}, { weight: 2 });
`;
const PYTHON = `from modelops import ExactJoin, KeptTable, LikelihoodTarget, LikelihoodTargetSet, NoJoin, calibration_target, gaussian_loglik, read_csv

@calibration_target(model_output=["a", "b", "c"], data={"a": "data/a.csv", "b": "data/b.csv"}, weight=3)
def snake(paths):
    day, loglik = ExactJoin(["day"]), gaussian_loglik("v", 2)
    return LikelihoodTargetSet([
        LikelihoodTarget("a", read_csv(paths["a"]), day, loglik, "a", keep=KeptTable("v", [0.5])),
        LikelihoodTarget("b", read_csv(paths["b"]), day, loglik, "b"),
        LikelihoodTarget("c", {"v": [2]}, NoJoin(), loglik, "c"),
    ])
`;

interface Loss {
  readonly target: string;
  readonly param_id: string;
  readonly loss: number;
}

let laptop: Laptop;
const write = (file: string, text: string) => writeFileSync(join(laptop.dir, file), text);
beforeAll(async () => {
  laptop = openLaptop();
  for (const folder of ['models', 'targets', 'data']) mkdirSync(join(laptop.dir, folder), { recursive: true });
  write('models/three.ts', MODEL);
  write('targets/typed.ts', TYPESCRIPT);
  write('targets/snake.py', PYTHON);
  write('data/a.csv', 'day,v\n0,2\n1,4.5\n');
  write('data/b.csv', 'day,v\n0,6\n1,1.5\n');
  const targets = ['targets/typed.ts:typed', 'targets/snake.py:snake'];
  write('study.json', JSON.stringify({ model: 'models/three.ts:Three', parameter_sets: [{ x: 1 }, { x: 2 }], n_replicates: 3, targets }));
  await laptop.must('modelops-bundle', 'init', 'three');
  await laptop.must('modelops-bundle', 'register-model', 'models/three.ts');
  for (const target of targets) await laptop.must('modelops-bundle', 'register-target', target, '--set', 'both');
}, TIMEOUT_MS);
afterAll(() => laptop.remove());

it('joint likelihoods of three outputs and two files have equal losses and kept tables in TypeScript and Python, and their weights', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'study.json', '--wait');
  const { losses } = await laptop.json<{ losses: readonly Loss[] }>('mops', 'results', 'losses', job);
  const lossesOf = (name: string) => new Map(losses.flatMap((row) => (row.target === name ? [[row.param_id, row.loss] as const] : [])));
  const [typed, snake] = [lossesOf('typed'), lossesOf('snake')];
  expect(typed.size).toBe(2);
  for (const [set, loss] of typed) expect(snake.get(set)).toBeCloseTo(loss, 10);
  const best = await laptop.json<{ weights: object; weighted: { best: readonly Loss[] } }>(
    'mops',
    'results',
    'best',
    job,
    '--target-set',
    'both',
  );
  expect(best.weights).toEqual({ typed: 2, snake: 3 });
  const lowest = Math.min(...typed.values());
  expect(best.weighted.best[0]!.loss).toBeCloseTo(5 * lowest, 9);
  const exported = await laptop.json('mops', 'results', 'export', job, '--layout', 'csv', '--output', 'out');
  expect(exported).toMatchObject({ status_code: 0, kept: ['kept_snake_a.csv', 'kept_typed_a.csv'] });
  const [inPython, inTypeScript] = ['snake', 'typed'].map((name) =>
    readFileSync(join(laptop.dir, `out/kept_${name}_a.csv`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(',')),
  );
  expect(inPython![0]).toEqual(inTypeScript![0]);
  expect(inPython).toHaveLength(5);
  for (const [at, row] of inPython!.entries()) {
    if (at === 0) continue;
    expect(row[0]).toBe(inTypeScript![at]![0]);
    for (const [k, cell] of row.entries()) if (k > 0) expect(Number(cell)).toBeCloseTo(Number(inTypeScript![at]![k]), 10);
  }
});
