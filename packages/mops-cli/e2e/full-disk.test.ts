import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';

/** 8 tasks of 480 kB. */
const MODEL = `
import { defineModel, int } from '@modelops/sdk';
export const Large = defineModel({
  parameters: { x: int(0, 100) },
  outputs: ['out'],
  simulate: (_, { rng }) => ({ out: { v: Float64Array.from({ length: 60_000 }, () => rng.uniform()) } }),
});
`;

let laptop: Laptop;
let disk: string;
let whyNot: string | undefined;
beforeAll(async () => {
  laptop = openLaptop();
  disk = join(laptop.home, 'disk');
  mkdirSync(disk, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    whyNot = `a small file system cannot be mounted: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
    return;
  }
  const storage = { provider: 'fs', path: join(disk, 'store') };
  const registry = { provider: 'oci-layout', login_server: 'local', path: join(laptop.home, 'registry') };
  mkdirSync(join(laptop.home, 'bundle-env'));
  writeFileSync(join(laptop.home, 'bundle-env', 'small.yaml'), JSON.stringify({ environment: 'small', registry, storage }));
  for (const folder of ['models', 'targets']) rmSync(join(laptop.dir, folder), { recursive: true });
  writeFileSync(join(laptop.dir, 'large.ts'), MODEL);
  const study = { model: 'large.ts:Large', parameter_sets: Array.from({ length: 8 }, (_, x) => ({ x })) };
  writeFileSync(join(laptop.dir, 'study.json'), JSON.stringify(study));
  await laptop.must('modelops-bundle', 'init', 'large', '--env', 'small');
  await laptop.must('modelops-bundle', 'register-model', 'large.ts:Large');
});
afterAll(async () => {
  if (whyNot === undefined) execFileSync('umount', ['--lazy', disk]);
  await laptop.remove();
});

describe('a job whose disk is full', () => {
  it('ends, and submit, status and failures report the cause; with more space, resume computes the missing tasks', async (context) => {
    if (whyNot !== undefined) return context.skip(whyNot);
    const cause = new RegExp(`WorkerFailed: worker 0 ended with exit status 42: STORE_UNWRITABLE: the store ${disk}/store is full`);
    const submitted = await laptop.run('mops', 'jobs', 'submit', 'study.json', '--wait', '--workers', '1', '--slots', '1');
    expect([10, 11]).toContain(submitted.status);
    expect(submitted.stderr).toMatch(cause);
    const job = /^job-\S+/.exec(submitted.stdout)![0];
    expect(submitted.stdout).toMatch(/(partial|failed): [0-7] of 8 tasks; missing: [1-8] tasks?\n/);
    for (const command of ['status', 'failures']) expect((await laptop.must('mops', 'jobs', command, job)).stdout).toMatch(cause);
    execFileSync('mount', ['-o', 'remount,size=50m', disk]);
    expect(await laptop.run('mops', 'jobs', 'resume', job, '--wait', '--workers', '1', '--slots', '1')).toMatchObject({ status: 0 });
  });

  it('and a home that is read-only, end a command with status 5 and the way out', async (context) => {
    if (whyNot !== undefined) return context.skip(whyNot);
    laptop.env.MODELOPS_HOME = join(disk, 'home');
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const args = ['submit', 'study.json', '--auto', '--env', 'local'];
    const { status, stdout, stderr } = await laptop.run('mops', 'jobs', ...args);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^error: cannot use ${disk}/home/registry/\\S+ of the registry \\(EROFS\\)\nbecause: .*\nhint: .*MODELOPS_HOME`),
    );
    expect(await laptop.run('mops', 'jobs', 'list', '--env', 'local')).toMatchObject({ status: 0 });
  });
});
