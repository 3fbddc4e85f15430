import type { TaskId } from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { isOpen, openWholeIndex } from './pack-files.ts';

/** The tasks that the index of one pack lists, wherever the pack lies; undefined when there is no index, or none that can be read. */
export async function readPackTasks(objects: ObjectStore, folder: string): Promise<TaskId[] | undefined> {
  const index = await openWholeIndex(objects, folder);
  return isOpen(index) && index.has('task_id') ? index.list<TaskId>('task_id') : undefined;
}
