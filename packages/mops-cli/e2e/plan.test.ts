import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, prepare } from './laptop.ts';

interface Range {
  readonly low: number;
  readonly high: number;
}
interface Plan {
  readonly schema: string;
  readonly tasks: { readonly total: number; readonly new: number; readonly reused: number; readonly failed_before: number };
  readonly estimate: { readonly wall_seconds: Range; readonly core_hours: Range; readonly bytes: number; readonly basis: object } | null;
}

let laptop: Laptop;
beforeEach(() => {
  laptop = openLaptop();
});
afterEach(() => laptop.remove());

const plan = (...args: string[]) => laptop.json<Plan>('mops', 'jobs', 'submit', 'study.json', '--plan', ...args);

/** Every file below a folder, by the digest of its bytes. */
function filesOf(dir: string): Record<string, string> {
  if (!existsSync(dir)) return {};
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(dir, path)).isFile());
  return Object.fromEntries(
    paths.sort().map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(dir, path)))
        .digest('hex'),
    ]),
  );
}

describe('jobs submit --plan', () => {
  it('counts what is new, reused and failed before, estimates from past runs, and writes nothing', async () => {
    const model = join(laptop.dir, 'models/seir.ts');
    writeFileSync(
      model,
      readFileSync(model, 'utf8').replace('const day =', "if (beta > 1.9) throw new RangeError('beta is too large');\n    const day ="),
    );
    await prepare(laptop, { sets: 32, replicates: 5 });
    const registry = readFileSync(join(laptop.dir, '.modelops-bundle/registry.yaml'), 'utf8');
    expect(await plan()).toMatchObject({
      schema: 'modelops.jobs.plan/v1',
      tasks: { total: 160, new: 160, reused: 0, failed_before: 0 },
      bundle_unpushed: true,
      targets: ['prevalence'],
      estimate: null,
      pilot: null,
    });
    expect(filesOf(laptop.home)).toEqual({});
    expect(readFileSync(join(laptop.dir, '.modelops-bundle/registry.yaml'), 'utf8')).toBe(registry);

    const submitted = await laptop.json<{ status: string }>('mops', 'jobs', 'submit', 'study.json', '--wait');
    expect(submitted.status).toBe('partial');
    await prepare(laptop, { sets: 64, replicates: 5 });
    const before = filesOf(laptop.home);
    const planned = await plan('--workers', '2');
    expect(filesOf(laptop.home)).toEqual(before);
    const { tasks, estimate } = planned;
    expect(planned).toMatchObject({ workers: 2, engine: 'local' });
    expect(tasks.failed_before).toBeGreaterThan(0);
    expect(tasks).toMatchObject({ total: 320, new: 160 + tasks.failed_before, reused: 160 - tasks.failed_before });
    expect(estimate!.wall_seconds.low).toBeLessThan(estimate!.wall_seconds.high);
    expect(estimate!.core_hours.low).toBeLessThan(estimate!.core_hours.high);
    expect(estimate!.bytes).toBeGreaterThan(tasks.new * 100);
    expect(estimate!.basis).toEqual({
      tasks: 160 - tasks.failed_before,
      parameter_sets: 32 - tasks.failed_before / 5,
      nearest: 8,
      other_code: false,
    });
    const text = await laptop.run('mops', 'jobs', 'submit', 'study.json', '--plan');
    expect(text.stdout).toMatch(/tasks {4}320 of 64 parameter sets: \d+ new \(\d+ of them failed before\), \d+ reused/);
    expect(text.stdout).toMatch(/time {5}.* to .* core-hours\nspace {4}about .*KiB/);
    // The other version of the model has not run yet.
    writeFileSync(model, `${readFileSync(model, 'utf8')}\nexport const edited = 1;\n`);
    expect(await plan()).toMatchObject({ tasks: { new: 320, reused: 0 }, estimate: { basis: { other_code: true } } });
  });

  it('runs a pilot on request, without a job, and reuses its results', async () => {
    await prepare(laptop, { sets: 8, replicates: 3 });
    const piloted = await plan('--pilot', '6');
    expect(piloted).toMatchObject({
      pilot: { tasks: 6, failed: 0 },
      tasks: { total: 24, new: 18, reused: 6 },
      bundle_unpushed: false,
      estimate: { basis: { tasks: 6, parameter_sets: 6 } },
    });
    expect(existsSync(join(laptop.store, 'jobs'))).toBe(false);
    expect(await laptop.json('mops', 'jobs', 'submit', 'study.json', '--wait')).toMatchObject({
      status: 'succeeded',
      tasks: { new: 18, reused: 6 },
    });
    expect(await plan()).toMatchObject({ tasks: { new: 0, reused: 24 }, workers: 0, engine: 'none' });
    expect(await laptop.run('mops', 'jobs', 'submit', 'study.json', '--plan', '--wait')).toMatchObject({ status: 2 });
  });
});
