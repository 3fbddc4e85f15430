import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type RunningAzurite, startAzurite } from '@modelops/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop } from './laptop.ts';
import { ended, startMops, untilHeld } from './tiny/processes.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT = 400_000;
const OUTAGE_MS = 60_000;
const TASKS = 40;
let folder: string;
let laptop: Laptop;
let hold: string;
let azurite: RunningAzurite;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'modelops-azurite-'));
  azurite = await startAzurite({ folder });
  laptop = openLaptop();
  mkdirSync(join(laptop.home, 'bundle-env'), { recursive: true });
  const environment = {
    environment: 'blob',
    registry: { provider: 'oci-layout', login_server: 'local', path: join(laptop.home, 'registry') },
    storage: { provider: 'azure', container: 'modelops', connection_string: azurite.connectionString },
  };
  writeFileSync(join(laptop.home, 'bundle-env', 'blob.yaml'), JSON.stringify(environment), { mode: 0o600 });
  hold = join(laptop.dir, 'hold');
  writeFileSync(hold, '');
  await writeTiny(laptop, { xs: Array.from({ length: TASKS / 2 }, (_, at) => at / 4 + 0.25), hold });
}, TIMEOUT);
afterEach(async () => {
  rmSync(hold, { force: true });
  await laptop.remove();
  await azurite.stop();
  rmSync(folder, { recursive: true });
}, TIMEOUT);

describe('an unreachable store', { timeout: TIMEOUT }, () => {
  it('delays a running job, and nothing else', async () => {
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--env', 'blob', '--workers', '2');
    await untilHeld(hold);
    const waiting = startMops(laptop, ['jobs', 'wait', job, '--env', 'blob']);
    await once(waiting.stderr!, 'data'); // it has started to poll
    await azurite.stop();
    // The workers have unwritten results when the outage begins.
    rmSync(hold);
    await pause(OUTAGE_MS);
    azurite = await startAzurite({ folder, port: azurite.port });
    expect(await ended(waiting)).toEqual({ code: 0, signal: null });
    const [wait, logs] = [
      await laptop.json('mops', 'jobs', 'wait', job, '--env', 'blob'),
      await laptop.run('mops', 'jobs', 'logs', job, '--env', 'blob'),
    ];
    expect(wait).toMatchObject({ status: 'succeeded', verified: TASKS, status_code: 0 });
    console.log(`${logs.stdout.match(/STORE_UNREACHABLE/g)?.length ?? 0} workers gave up and were started again`);
    expect(await laptop.json('mops', 'jobs', 'validate', job, '--force', '--env', 'blob')).toMatchObject({
      status: 'succeeded',
      missing: { count: 0 },
    });
  });

  it('is an error with its own exit status, never an empty list', async () => {
    await laptop.run('mops', 'jobs', 'submit', 'tiny.json', '--env', 'blob', '--workers', '1');
    rmSync(hold);
    await azurite.stop();
    const listed = await laptop.run('mops', 'jobs', 'list', '--env', 'blob');
    expect(listed).toMatchObject({ status: 6, stdout: '' });
    expect(listed.stderr).toMatch(/127\.0\.0\.1/);
    expect(listed.stderr).not.toMatch(/AccountKey|Eby8vdM/);
    azurite = await startAzurite({ folder, port: azurite.port });
  });
});
