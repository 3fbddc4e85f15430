import type { ObjectStore } from '../../objects/object-store.ts';

/** A store whose first listing sees no object: what it was to see was replaced while it went by. */
export function missedOnce(objects: ObjectStore): ObjectStore {
  let listings = 0;
  return {
    ...objects,
    async *list(prefix, options) {
      if (listings++ > 0) yield* objects.list(prefix, options);
    },
  };
}
