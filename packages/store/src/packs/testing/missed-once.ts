import type { ObjectStore } from '../../objects/object-store.ts';

/** A store whose first listing is empty, as if all objects were replaced during it. */
export function missedOnce(objects: ObjectStore): ObjectStore {
  let listings = 0;
  return {
    ...objects,
    async *list(prefix, options) {
      if (listings++ > 0) yield* objects.list(prefix, options);
    },
  };
}
