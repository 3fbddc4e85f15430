import { expect } from 'vitest';
import type { Laptop, Ran } from '../laptop.ts';
import { normalise } from './normalise.ts';

const root = new URL('../../../..', import.meta.url).pathname.replace(/\/$/, '');

/** Status, stdout and stderr of a command, in a golden file of its own. */
export async function expectGolden(name: string, { status, stdout, stderr }: Ran, { home, dir }: Laptop): Promise<void> {
  const parts = [`exit status ${status}`, ...(stderr === '' ? [] : ['stderr:', stderr.trimEnd()]), 'stdout:', stdout];
  await expect(normalise(parts.join('\n'), { home, project: dir, root })).toMatchFileSnapshot(`golden/${name}.txt`);
}

/** The human and the JSON form of a command of `mops jobs`. */
export async function expectBoth(laptop: Laptop, name: string, ...args: string[]): Promise<void> {
  await expectGolden(name, await laptop.run('mops', 'jobs', ...args), laptop);
  await expectGolden(`${name}.json`, await laptop.run('mops', 'jobs', ...args, '--json'), laptop);
}
