import { readFileSync } from 'node:fs';
import { keys, parseJobId } from '@modelops/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../objects/memory-object-store.ts';
import { createJobRegistry } from './create-job-registry.ts';
import type { JobRegistry } from './job-registry.ts';

const old = (name: string) => readFileSync(new URL(`../../../contracts/golden/old/${name}.json`, import.meta.url));
const id = parseJobId('job-5b718dc8');

let objects: ReturnType<typeof createMemoryObjectStore>;
let registry: JobRegistry;
let warnings: string[];
beforeEach(async () => {
  objects = createMemoryObjectStore();
  warnings = [];
  registry = createJobRegistry(objects, { now: () => new Date('2026-03-01T12:00:00Z'), onOldForm: (warning) => warnings.push(warning) });
  await objects.put(keys.spec(id), old('job-batches'));
  await objects.put(keys.state(id), old('state-v2'));
});
const textOf = async (key: string) => new TextDecoder().decode((await objects.get(key))!.bytes);

describe('a registry with records of older versions', () => {
  it('lists and changes them, keeps their fields, and writes only the current form', async () => {
    const listed = [];
    for await (const { job_id, status } of registry.list()) listed.push([job_id, status]);
    expect(listed).toEqual([[id, 'running']]);
    await registry.transition(id, { to: 'succeeded', legacy: true });
    const written = JSON.parse(await textOf(keys.state(id)));
    expect(written).toMatchObject({
      status: 'succeeded',
      namespace: 'modelops-dask-dev',
      metadata: { submitted_by: 'vsb' },
      expected_outputs: null,
    });
  });

  it('loads their spec with one warning, and does not change the object', async () => {
    const before = await textOf(keys.spec(id));
    expect((await registry.spec(id)).study.parameter_sets).toHaveLength(2);
    await registry.spec(id);
    expect(warnings).toEqual([expect.stringMatching(/^jobs\/job-5b718dc8\/spec\.json: batches: .* is deprecated/)]);
    expect(await textOf(keys.spec(id))).toBe(before);
  });
});

describe('a job that is bound again', () => {
  it('has the spec that its record names, and each attempt has the one that it was started with', async () => {
    const first = await registry.spec(id);
    const second = { ...first, binding: { ...first.binding, outputs: ['prevalence'] } };
    const digest = await registry.keepSpec(second);
    expect(await registry.keepSpec(second)).toBe(digest);
    expect(await registry.spec(id)).toEqual(first);
    const attempt = { engine: 'local', k8s_name: null, tasks: 1, started_at: '', ended_at: null };
    const attempts = [
      { ...attempt, n: 1 },
      { ...attempt, n: 2, spec: digest },
    ];
    const record = { ...JSON.parse(await textOf(keys.state(id))), spec: digest, attempts };
    await objects.put(keys.state(id), new TextEncoder().encode(JSON.stringify(record)));
    expect(await registry.spec(id)).toEqual(second);
    expect(await registry.spec(id, { attempt: 1 })).toEqual(first);
    expect(await registry.spec(id, { attempt: 2 })).toEqual(second);
    expect(JSON.parse(await textOf(keys.spec(id)))).toHaveProperty('batches');
  });
});
