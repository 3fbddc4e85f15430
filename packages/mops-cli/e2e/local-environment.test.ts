import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Laptop, openLaptop, type Submitted } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT_MS = 120_000;
let laptop: Laptop;

beforeAll(async () => {
  laptop = openLaptop();
  await writeTiny(laptop, { xs: [1, 2, 3, 4] });
}, TIMEOUT_MS);
afterAll(() => laptop.remove());

it('a job in an environment that infra up made keeps bundle and results in its folders, inside the project too', {
  timeout: TIMEOUT_MS,
}, async () => {
  await laptop.must('mops', 'infra', 'up', '--env', 'course', '--provider', 'local', '--path', 'course');
  const submit = () => laptop.json<Submitted>('mops', 'jobs', 'submit', 'tiny.json', '--auto', '--wait', '--env', 'course');
  const first = await submit();
  expect(first).toMatchObject({ status: 'succeeded', status_code: 0 });
  expect(['course/registry/tiny', `course/store/jobs/${first.job}`].map((path) => existsSync(join(laptop.dir, path)))).toEqual([
    true,
    true,
  ]);
  expect(existsSync(laptop.store)).toBe(false);
  const { best } = await laptop.json<{ best: { params: object }[] }>('mops', 'results', 'best', '--env', 'course');
  expect(best[0]).toMatchObject({ params: { x: 3 } });
  expect((await submit()).bundle_ref).toBe(first.bundle_ref);
  expect((await laptop.must('mops', 'infra', 'status', '--env', 'course')).stdout).toContain('no unfinished jobs');
});
