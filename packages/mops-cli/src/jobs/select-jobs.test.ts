import { type JobSpec, type JobStatus, keys, parseJobId } from '@modelops/contracts';
import { createJobRegistry, createMemoryObjectStore, type JobRegistry, type ObjectStore } from '@modelops/store';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseInstant } from './parse-instant.ts';
import { type JobSelection, selectJobs } from './select-jobs.ts';
import { SPEC } from './testing/team.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
let objects: ObjectStore;
let registry: JobRegistry;

async function register(id: string, labels: Record<string, string>, created_at: string, ...path: JobStatus[]) {
  const spec: JobSpec = { ...SPEC, job_id: parseJobId(id), created_at, labels };
  await registry.register(spec, { tasks_total: 1, expected_outputs: null });
  for (const to of path) await registry.transition(spec.job_id, { to });
}

const select = (selection: Partial<JobSelection>) =>
  selectJobs({ job: [], status: [], label: {}, ...selection }, { registry, now: () => NOW });

beforeEach(async () => {
  objects = createMemoryObjectStore();
  registry = createJobRegistry(objects, { now: () => new Date(NOW) });
  await register('job-aa11', { sweep: 'may' }, '2026-11-20T00:00:00Z');
  await register('job-aa22', { sweep: 'may' }, '2026-11-24T00:00:00Z', 'submitting', 'scheduled');
  await register('job-bb33', {}, '2026-11-25T11:30:00Z', 'submitting', 'scheduled');
});

describe('selecting jobs', () => {
  it('accepts ids and unambiguous prefixes, each job once, in the given order', async () => {
    expect(await select({ job: ['job-bb', 'aa1', 'job-bb33'] })).toEqual({ ids: ['job-bb33', 'job-aa11'], isOne: false });
    expect(await select({ job: ['job-bb33'] })).toEqual({ ids: ['job-bb33'], isOne: true });
  });

  it('rejects an ambiguous id, naming the candidates, and an unknown one', async () => {
    await expect(select({ job: ['job-aa'] })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/job-aa11, job-aa22/),
    });
    await expect(select({ job: ['job-bb33', 'job-zz'] })).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it('requires an id or a filter', async () => {
    await expect(select({})).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringMatching(/--status/) });
    await expect(select({ job: ['job-bb33'], label: { a: 'b' } })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('selects the jobs that match every filter, newest first, and fails if none matches', async () => {
    expect(await select({ label: { sweep: 'may' } })).toEqual({ ids: ['job-aa22', 'job-aa11'], isOne: false });
    expect((await select({ label: { sweep: 'may' }, status: ['scheduled'] })).ids).toEqual(['job-aa22']);
    expect((await select({ since: '1h' })).ids).toEqual(['job-bb33']);
    expect((await select({ until: '2026-11-24' })).ids).toEqual(['job-aa22', 'job-aa11']);
    await expect(select({ label: { sweep: 'june' } })).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it('includes jobs whose record cannot be read, because they may match', async () => {
    await objects.put(keys.state(parseJobId('job-bb33')), new Uint8Array());
    expect((await select({ label: { sweep: 'may' } })).ids.toSorted()).toEqual(['job-aa11', 'job-aa22', 'job-bb33']);
    expect((await select({ job: ['aa1'] })).ids).toEqual(['job-aa11']);
  });
});

describe('parseInstant', () => {
  it.each([
    ['2026-11-25', '2026-11-25T00:00:00.000Z'],
    ['2026-11-25T10:00Z', '2026-11-25T10:00:00.000Z'],
    ['2026-11-25T10:00', '2026-11-25T10:00:00.000Z'],
    ['2026-11-25T10:00:30+02:00', '2026-11-25T08:00:30.000Z'],
    ['90min', '2026-11-25T10:30:00.000Z'],
    ['1.5h', '2026-11-25T10:30:00.000Z'],
    ['7d', '2026-11-18T12:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(parseInstant(text, NOW).toISOString()).toBe(instant);
  });

  it.each(['yesterday', '5', '5m', '2026-13-40', '2026-11-25 10:00', ''])('rejects %j', (text) => {
    expect(() => parseInstant(text, NOW)).toThrow(/invalid time/);
  });
});
