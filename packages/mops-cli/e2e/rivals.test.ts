import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { untilHeld } from './tiny/processes.ts';
import { writeTiny } from './tiny/project.ts';

const TASKS = 200;
const TIMEOUT = 300_000;

let laptop: Laptop;
let hold: string;
beforeEach(async () => {
  laptop = openLaptop();
  hold = join(laptop.dir, 'hold');
  writeFileSync(hold, '');
  // The first task waits until the hold is removed, the others take 20 ms each.
  await writeTiny(laptop, { xs: Array.from({ length: TASKS }, (_, at) => 5 - at / 50), replicates: 1, targets: false, hold });
  const model = join(laptop.dir, 'models/tiny.ts');
  const slow = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);\n    if (x > 8)';
  writeFileSync(model, readFileSync(model, 'utf8').replace('if (x > 8)', slow));
}, TIMEOUT);
afterEach(async () => {
  rmSync(hold, { force: true });
  await laptop.remove();
}, TIMEOUT);

async function submit(): Promise<string> {
  return (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--workers', '1', '--slots', '1')).job;
}

function orderOf(job: string): unknown {
  return JSON.parse(readFileSync(join(laptop.store, 'jobs', job, 'attempts/1/plan.json'), 'utf8')).order;
}

describe('concurrent jobs of the same study', { timeout: TIMEOUT }, () => {
  it('share the work: each reuses results of the others, and recomputes few', async () => {
    const first = await submit();
    await untilHeld(hold);
    rmSync(`${hold}.reached`);
    const second = await submit();
    // It reaches the held task after all others.
    await untilHeld(hold);
    const third = await submit();
    rmSync(hold);
    expect([first, second, third].map(orderOf)).toEqual([undefined, 'backward', 'scattered']);
    for (const job of [first, second, third])
      expect(await laptop.json('mops', 'jobs', 'wait', job)).toMatchObject({ status: 'succeeded', verified: TASKS });
    // Tasks that a worker had started or not yet written when the others listed.
    const few = TASKS / 2;
    expect(await computedBy(first)).toBeLessThan(few);
    expect(await computedBy(third)).toBeLessThan(few);
    expect(await computedBy(second)).toBe(TASKS);
  });
});

async function computedBy(job: string): Promise<number> {
  return (await laptop.json<{ computed: number }>('mops', 'jobs', 'status', job)).computed;
}
