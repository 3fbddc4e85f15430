import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localEnvironment } from '@modelops/contracts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type HeldLaptop, openHeld } from './tiny/held.ts';
import { recordOf } from './tiny/processes.ts';

const TIMEOUT = 300_000;
let held: HeldLaptop;
let colleague: string;

beforeEach(async () => {
  held = await openHeld({ xs: [1, 5] });
  // A home of another machine, whose environment `team` is the store and registry of the first.
  colleague = mkdtempSync(join(tmpdir(), 'modelops-colleague-'));
  mkdirSync(join(colleague, 'bundle-env'));
  const environment = { ...localEnvironment(held.laptop.home), environment: 'team' };
  writeFileSync(join(colleague, 'bundle-env', 'team.yaml'), JSON.stringify(environment), { mode: 0o600 });
}, TIMEOUT);
afterEach(async () => {
  await held.close();
  rmSync(colleague, { recursive: true, force: true });
}, TIMEOUT);

/** A command as the colleague runs it. */
async function elsewhere<T>(...args: string[]): Promise<T> {
  const { env } = held.laptop;
  const own = { MODELOPS_HOME: env.MODELOPS_HOME, MODELOPS_MACHINE_ID: env.MODELOPS_MACHINE_ID };
  Object.assign(env, { MODELOPS_HOME: colleague, MODELOPS_MACHINE_ID: 'another-machine' });
  try {
    return await held.laptop.json<T & object>('mops', 'jobs', ...args, '--env', 'team');
  } finally {
    Object.assign(env, own);
    if (own.MODELOPS_MACHINE_ID === undefined) delete env.MODELOPS_MACHINE_ID;
  }
}

it('a colleague on another machine sees where a job runs, ends nothing, and can cancel it', { timeout: TIMEOUT }, async () => {
  const { laptop } = held;
  const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--workers', '1');
  expect(await elsewhere('status', job)).toMatchObject({ engine: { phase: 'unknown' }, repair: 'none' });
  expect(await elsewhere('sync')).toMatchObject({ changed: 0, jobs: [{ job, engine: 'unknown' }] });
  const before = await laptop.json<{ engine: { phase: string } }>('mops', 'jobs', 'status', job);
  expect(before.engine.phase).toMatch(/running|waiting/);

  expect(await elsewhere('cancel', job)).toMatchObject({ status: 'cancelled', stops_on: expect.stringContaining(laptop.home) });
  held.release();
  // The worker finds the record after its chunk and ends by itself.
  await vi.waitFor(() => expect(recordOf(laptop, job).workers.map(({ phase }) => phase)).toEqual(['succeeded']), { timeout: 60_000 });
  expect(await laptop.json('mops', 'jobs', 'status', job)).toMatchObject({ status: 'cancelled' });
});
