import { type PackAddress, packPrefix, type TaskId } from '@modelops/contracts';
import { type ObjectStore, readPackTasks } from '@modelops/store';

/** Where bad packs are moved to; their keys below it are unchanged. */
const QUARANTINE = 'quarantine/';

/**
 * The quarantined pack that held a task: one whose index lists the task, otherwise one with an unreadable index that a chunk with the task
 * wrote.
 */
export async function findQuarantined(
  address: PackAddress,
  task: TaskId,
  written: readonly string[],
  objects: ObjectStore,
): Promise<string | undefined> {
  const prefix = packPrefix(address);
  const candidates: string[] = [];
  for await (const { key } of objects.list(`${QUARANTINE}${prefix}`, { delimiter: '/' })) {
    const name = key.slice(QUARANTINE.length + prefix.length, -1);
    const tasks = await readPackTasks(objects, `${QUARANTINE}${prefix}${name}`);
    if (tasks?.includes(task) === true) return `${prefix}${name}`;
    if (tasks === undefined && written.includes(name)) candidates.push(`${prefix}${name}`);
  }
  return candidates[0];
}

/** The first of these packs that exists and lists the task, or whose index cannot be read. If the task has no result, this pack is damaged. */
export async function findDamaged(
  prefix: string,
  task: TaskId,
  names: readonly string[],
  objects: ObjectStore,
): Promise<string | undefined> {
  for (const name of names) {
    if ((await objects.head(`${prefix}${name}/_index.parquet`)) === undefined) continue;
    const tasks = await readPackTasks(objects, `${prefix}${name}`);
    if (tasks === undefined || tasks.includes(task)) return `${prefix}${name}`;
  }
  return undefined;
}

/** Those of the packs that the store no longer has. */
export async function packsThatAreGone(prefix: string, names: readonly string[], objects: ObjectStore): Promise<string[]> {
  const there = await Promise.all(names.map((name) => objects.head(`${prefix}${name}/_index.parquet`)));
  return names.filter((_, at) => there[at] === undefined);
}
