import { ModelOpsError, type PackAddress, packPrefix, type TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { isOpen, openIndex } from '../packs/pack-files.ts';
import { replacingName } from '../packs/pack-name.ts';
import { walkPacks } from '../packs/walk-packs.ts';
import { simulationFiles } from '../packs/write-pack.ts';
import { openWhole, removeAll, writeChecked } from './compact-group.ts';
import { mergePacks } from './merge-packs.ts';

export interface RemovedResult {
  /** Packs that held rows of the task. */
  readonly replaced: readonly string[];
  /** Packs in their place; none for one that held nothing else. */
  readonly written: readonly string[];
}

export interface RemoveOptions {
  readonly isDryRun: boolean;
  readonly random: () => number;
}

/** Others may write the task, or rewrite packs with it, meanwhile. */
const MOST_ROUNDS = 3;

/**
 * Makes one task's result missing, its failures with it. A pack never changes: each that holds the task is written again without it under
 * another name, read back, and only then deleted, as compaction does, so that every other result is in a pack at every moment. Who knows the
 * old pack finds it gone and looks again. @throws CONFLICT for a pack that cannot be written again, or when another keeps bringing the task back
 */
export async function removeResult(
  objects: ObjectStore,
  address: PackAddress,
  task: TaskId,
  { isDryRun, random }: RemoveOptions,
): Promise<RemovedResult> {
  const prefix = packPrefix(address);
  const [replaced, written]: [string[], string[]] = [[], []];
  for (let round = 0; ; round++) {
    const names = await packsWith(objects, prefix, task);
    if (names.length === 0) return { replaced, written };
    if (isDryRun) return { replaced: names, written };
    if (round === MOST_ROUNDS)
      throw new ModelOpsError('CONFLICT', `${task} is written again as soon as it is removed`, {
        hint: 'wait for the job that computes it, then try again',
      });
    for (const name of names) {
      const without = await writeWithout(objects, prefix, name, task, random);
      if (without !== undefined) written.push(without);
      await removeAll(objects, prefix, [name]);
      replaced.push(name);
    }
  }
}

async function packsWith(objects: ObjectStore, prefix: string, task: TaskId): Promise<string[]> {
  const names: string[] = [];
  for await (const { folder, name } of walkPacks(objects, prefix)) {
    const index = await openIndex(objects, folder);
    if (isOpen(index) && index.list<TaskId>('task_id').includes(task)) names.push(name);
  }
  return names;
}

async function writeWithout(
  objects: ObjectStore,
  prefix: string,
  name: string,
  task: TaskId,
  random: () => number,
): Promise<string | undefined> {
  const pack = await openWhole(objects, `${prefix}${name}`, name);
  if (typeof pack === 'string')
    throw new ModelOpsError('CONFLICT', `pack ${name}, which holds ${task}, cannot be written again: ${pack}`, {
      hint: 'mops store check',
    });
  const contents = mergePacks([pack], ({ task_id }) => task_id !== task);
  if (contents === undefined) return undefined;
  const without = replacingName(name, random);
  await writeChecked(objects, `${prefix}${without}`, simulationFiles(contents));
  return without;
}
