import type { ObjectStore } from '../../objects/object-store.ts';

/** A store that simulates a process killed after `steps` writes and deletions: every later one fails. */
export function dyingAfter(steps: number, objects: ObjectStore): ObjectStore {
  let left = steps;
  const step = () => {
    if (left-- <= 0) throw new Error('killed');
  };
  return {
    ...objects,
    async put(...args) {
      step();
      return objects.put(...args);
    },
    async delete(key) {
      step();
      return objects.delete(key);
    },
  };
}
