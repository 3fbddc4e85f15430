import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT_MS = 120_000;
let laptop: Laptop;

beforeAll(async () => {
  laptop = openLaptop();
  await writeTiny(laptop, { xs: [1, 2, 3], replicates: 2 });
}, TIMEOUT_MS);
afterAll(() => laptop.remove());

/** Two observations in one target; the model's v is x at t = 0 and 2x at t = 1. */
const JOINT = `import { defineJointLikelihood, gaussianLogLikelihood } from '@modelops/sdk';

const spec = { output: 'y', join: ['t'], value: 'v', evaluator: gaussianLogLikelihood({ sd: 1 }) };
export const both = defineJointLikelihood({
  first: { ...spec, data: { t: [0], v: [2] }, outputs: { quantiles: [0.5] } },
  second: { ...spec, data: { t: [1], v: [4] } },
});
`;

it('a new target over old results computes no simulation, and a joint likelihood is evaluated by a job', {
  timeout: TIMEOUT_MS,
}, async () => {
  await laptop.must('mops', 'jobs', 'submit', 'tiny.json', '--wait');
  const sims = () => readdirSync(join(laptop.store, 'provenance/token/v1/sims'), { recursive: true }).sort();
  const before = sims();
  writeFileSync(join(laptop.dir, 'targets/both.ts'), JOINT);
  await laptop.must('modelops-bundle', 'register-target', 'targets/both.ts:both');
  const submitted = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--target', 'targets/both.ts:both', '--wait');
  expect(submitted).toMatchObject({ status_code: 0, tasks: { total: 6, new: 0, reused: 6 } });
  expect(sims()).toEqual(before);
  const { losses } = await laptop.json<{ losses: { target: string; loss: number; params: { x: number } }[] }>(
    'mops',
    'results',
    'losses',
    submitted.job,
  );
  // Two normal densities: −log L = log 2π + (x − 2)² / 2 + (2x − 4)² / 2.
  const expected = [1, 2, 3].map((x) => [x, Math.log(2 * Math.PI) + (5 * (x - 2) ** 2) / 2]);
  expect(losses.map(({ target }) => target)).toEqual(['both', 'both', 'both']);
  for (const [x, loss] of expected) expect(losses.find(({ params }) => params.x === x)!.loss).toBeCloseTo(loss!, 12);
  const exported = await laptop.json('mops', 'results', 'export', submitted.job, '--layout', 'csv', '--output', 'out');
  expect(exported).toMatchObject({ status_code: 0, kept: ['kept_both_first.csv'] });
  const [header, ...rows] = readFileSync(join(laptop.dir, 'out/kept_both_first.csv'), 'utf8').trim().split('\n');
  expect(header).toBe('param_id,t,observed,mean,q0.5,residual,loss');
  const lossOf = (x: number) => losses.find(({ params }) => params.x === x)!.loss;
  expect(rows.map((row) => row.split(',').slice(1).map(Number))).toEqual([1, 2, 3].map((x) => [0, 2, x, x, x - 2, lossOf(x)]));
});

const LATE_TS = (flag: string) => `import { existsSync } from 'node:fs';
import { defineTarget, meanSignalMse } from '@modelops/sdk';
if (existsSync(${JSON.stringify(flag)})) throw new RangeError('late.ts cannot start');
export const late_ts = defineTarget({ output: 'y', data: { t: [0], v: [2] }, join: ['t'], value: 'v', evaluator: meanSignalMse() });
`;
const LATE_PY = (flag: string) => `import os
from modelops import ExactJoin, LossTarget, calibration_target, mean_signal_mse
if os.path.exists(${JSON.stringify(flag)}):
    raise RuntimeError("late.py cannot start")

@calibration_target(model_output="y", data={})
def late_py(paths):
    return LossTarget("y", {"t": [0], "v": [2]}, ExactJoin(["t"]), mean_signal_mse("v"))
`;

it('targets that do not load lack their own losses, each with its reason, over old and new results', { timeout: TIMEOUT_MS }, async () => {
  const flag = join(laptop.dir, '..', 'flag');
  writeFileSync(join(laptop.dir, 'targets/late.ts'), LATE_TS(flag));
  writeFileSync(join(laptop.dir, 'targets/late.py'), LATE_PY(flag));
  writeFileSync(join(laptop.dir, 'targets/good.ts'), LATE_TS('/nowhere').replace('late_ts', 'good'));
  const targets = ['targets/late.ts:late_ts', 'targets/late.py:late_py', 'targets/good.ts:good'];
  for (const target of targets) await laptop.must('modelops-bundle', 'register-target', target);
  await laptop.must('modelops-bundle', 'push');
  writeFileSync(flag, '');
  const submit = () =>
    laptop.run('mops', 'jobs', 'submit', 'tiny.json', '--bundle', 'latest', '--target', targets.join(), '--wait', '--quiet');
  for (const xs of [
    [1, 2, 3],
    [1, 2, 3, 4],
  ]) {
    await writeTiny(laptop, { xs, replicates: 2 });
    const { status, stdout } = await submit();
    expect({ status, stdout }).toEqual({
      status: 10,
      stdout: expect.stringContaining(`${2 * xs.length} of ${2 * xs.length} tasks; missing: ${2 * xs.length} losses of late_ts, late_py\n`),
    });
    const { stdout: failures } = await laptop.must('mops', 'jobs', 'failures', /^job-\S+/.exec(stdout)![0]);
    const lines = failures.split('\n').filter((line) => line.includes('without a loss'));
    expect(lines).toEqual([
      `${xs.length} parameter sets without a loss for late_ts: RangeError: late.ts cannot start`,
      `${xs.length} parameter sets without a loss for late_py: RuntimeError: late.py cannot start`,
    ]);
  }
});
