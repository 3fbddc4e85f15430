import { digestOf, keys, type TaskId } from '@modelops/contracts';
import { readAttribution, readParquet } from '@modelops/store';
import type { Job, Stores } from '@modelops/worker';
import { expect } from 'vitest';
import type { OpenEnvironment } from '../../src/deps.ts';
import { echoOf } from './arena.ts';

export const taskIdsOf = ({ tasks }: Job): TaskId[] => Array.from({ length: tasks.count }, (_, task) => tasks.idAt(task));

/** The tasks without a result in the store. */
export async function missingOf(job: Job, { provenance }: Stores): Promise<Set<TaskId>> {
  const existing = await provenance.existing(job.sims);
  return new Set(taskIdsOf(job).filter((id) => !existing.has(id)));
}

/** The tasks that the workers of an attempt computed. */
export async function computedIn(job: Job, n: number, { objects }: Stores): Promise<Set<TaskId>> {
  const computed = new Set<TaskId>();
  for await (const { task_id, source } of readAttribution(objects, `${keys.attributions(job.id)}${n}/`))
    if (source === 'computed') computed.add(task_id);
  return computed;
}

/** Every task has exactly one result, with the values that follow from its parameters and seed. */
export async function expectEveryTaskOnce(job: Job, { provenance }: Stores): Promise<void> {
  const ids = taskIdsOf(job);
  const { table, missing } = await provenance.readOutput(job.sims, ids, 'echo');
  expect(missing).toEqual([]);
  expect([...table.rows]).toEqual(ids.map(() => 1));
  const expected = ids.map((_, task) => {
    const { params, seed } = job.tasks.taskAt(task);
    return echoOf(params.values.x as number, BigInt(seed));
  });
  expect([...table.columns.find(({ name }) => name === 'value')!.values]).toEqual(expected);
}

/** The losses without the job id and times, which must equal those of an undisturbed job. */
export async function lossesOf(job: Job, { objects }: Stores): Promise<Record<string, unknown[]>> {
  const losses = (await objects.get(`${keys.results(job.id)}losses.parquet`))!.bytes;
  const manifest = JSON.parse(Buffer.from((await objects.get(`${keys.results(job.id)}manifest.json`))!.bytes).toString());
  expect(manifest.files['losses.parquet'].digest).toBe(digestOf(losses));
  const table = readParquet(losses);
  const names = table.names.filter((name) => name !== 'job_id' && name !== 'computed_at');
  return Object.fromEntries(names.map((name) => [name, table.list(name)]));
}

/** Lines of an attempt's logs in which a worker reports a defect of the program. */
export async function defectsOf(job: Job, n: number, { engine }: Pick<OpenEnvironment, 'engine'>): Promise<string[]> {
  const defects: string[] = [];
  for await (const { text } of engine.logs(job.id, { n })) if (text.includes(' defect: ')) defects.push(text);
  return defects;
}
