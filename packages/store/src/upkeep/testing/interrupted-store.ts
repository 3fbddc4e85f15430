import type { ObjectStore } from '../../objects/object-store.ts';

/** A store that runs another process's whole work before operation number `step`, counted from 0. */
export function interruptedAt(
  step: number,
  objects: ObjectStore,
  other: () => Promise<unknown>,
): ObjectStore & { readonly wasInterrupted: () => boolean } {
  let left = step;
  const before = async () => {
    if (left-- === 0) await other();
  };
  const after =
    <A extends unknown[], T>(action: (...args: A) => Promise<T>) =>
    async (...args: A) => {
      await before();
      return action(...args);
    };
  return {
    get: after(objects.get),
    put: after(objects.put),
    head: after(objects.head),
    delete: after(objects.delete),
    async *list(...args) {
      await before();
      yield* objects.list(...args);
    },
    wasInterrupted: () => left < 0,
  };
}
