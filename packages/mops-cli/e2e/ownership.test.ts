import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { localEnvironment } from '@modelops/contracts';
import { type RunningAzurite, startAzurite } from '@modelops/testkit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type HeldLaptop, openHeld } from './tiny/held.ts';
import { recordOf, untilHeld } from './tiny/processes.ts';

const TIMEOUT = 300_000;
let held: HeldLaptop;
let colleague: string;
let azurite: RunningAzurite;

beforeEach(async () => {
  [held, azurite] = await Promise.all([openHeld({ xs: [5, 1, 2, 3], replicates: 1 }), startAzurite()]);
  colleague = mkdtempSync(join(tmpdir(), 'modelops-colleague-'));
}, TIMEOUT);
afterEach(async () => {
  await held.close();
  await azurite.stop();
  rmSync(colleague, { recursive: true, force: true });
}, TIMEOUT);

/** The environment `team`, with one store and registry, on this machine and on another. */
function shareTeam(store: 'a folder' | 'Azurite'): void {
  const { registry, storage } = localEnvironment(held.laptop.home);
  const blobs = { provider: 'azure', container: 'team', connection_string: azurite.connectionString };
  const environment = { environment: 'team', registry, storage: store === 'Azurite' ? blobs : storage };
  for (const home of [held.laptop.home, colleague]) {
    mkdirSync(join(home, 'bundle-env'), { recursive: true });
    writeFileSync(join(home, 'bundle-env', 'team.yaml'), JSON.stringify(environment), { mode: 0o600 });
  }
}

/** Runs a command on the other machine. */
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

it.each(['a folder', 'Azurite'] as const)(
  'a colleague on another machine sees where a job runs, ends nothing, and can cancel it: the store is %s',
  { timeout: TIMEOUT },
  async (store) => {
    shareTeam(store);
    const { laptop } = held;
    const here = <T extends object>(...args: string[]) => laptop.json<T>('mops', 'jobs', ...args, '--env', 'team');
    const { job } = await here<{ job: string }>('submit', 'tiny.json', '--workers', '1', '--slots', '1');
    await untilHeld(held.hold);
    expect(await elsewhere('status', job)).toMatchObject({ engine: { phase: 'unknown' }, repair: 'none' });
    expect(await elsewhere('sync')).toMatchObject({ changed: 0, jobs: [{ job, engine: 'unknown' }] });
    const before = await here<{ engine: { phase: string } }>('status', job);
    expect(before.engine.phase).toMatch(/running|waiting/);

    expect(await elsewhere('cancel', job)).toMatchObject({ status: 'cancelled', stops_on: expect.stringContaining(laptop.home) });
    // The worker reads the record after its chunk, at most once a second, and stops.
    await pause(1000);
    held.release();
    await vi.waitFor(() => expect(recordOf(laptop, job).workers.map(({ phase }) => phase)).toEqual(['succeeded']), { timeout: 60_000 });
    expect(await here('status', job)).toMatchObject({ status: 'cancelled', progress: { done: 1, total: 4 } });
  },
);
