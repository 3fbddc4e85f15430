import type { Cluster, ListOptions, ObjectRef, PodLogOptions } from '../kubernetes/cluster.ts';
import type { KubeObject } from '../kubernetes/objects.ts';

/** A cluster in memory for tests, without controllers: it stores objects and records writes. */
export interface MemoryCluster extends Cluster {
  readonly objects: Map<string, KubeObject>;
  /** `create Job epi/job-1`. */
  readonly writes: string[];
  readonly podLogs: Map<string, readonly string[]>;
  /** Stores an object, as a controller would. */
  put(object: KubeObject): void;
  /** Called after each removal; may put the object back. */
  onRemove: ((ref: ObjectRef) => void) | undefined;
}

export function createMemoryCluster(): MemoryCluster {
  const objects = new Map<string, KubeObject>();
  const writes: string[] = [];
  const podLogs = new Map<string, readonly string[]>();
  const put = (object: KubeObject) => void objects.set(keyOf({ ...object, ...object.metadata }), object);
  const cluster: MemoryCluster = {
    server: 'https://memory.example',
    objects,
    writes,
    podLogs,
    put,
    onRemove: undefined,
    read: async <T extends KubeObject>(ref: ObjectRef) => objects.get(keyOf(ref)) as T | undefined,
    list: async <T extends KubeObject>({ kind }: Pick<ObjectRef, 'kind'>, options: ListOptions) =>
      [...objects.values()].filter((object) => object.kind === kind && isSelected(object, options)) as T[],
    create: async (object) => {
      const key = keyOf({ ...object, ...object.metadata });
      writes.push(`create ${key}`);
      if (objects.has(key)) return 'exists';
      put(object);
      return 'created';
    },
    apply: async (object, { isDryRun = false } = {}) => {
      if (isDryRun) return object;
      writes.push(`apply ${keyOf({ ...object, ...object.metadata })}`);
      put(object);
      return object;
    },
    merge: async (ref, changes) => {
      writes.push(`merge ${keyOf(ref)}`);
      const object = objects.get(keyOf(ref));
      if (object !== undefined) put(merged(object, changes) as KubeObject);
      return objects.get(keyOf(ref));
    },
    remove: async (ref) => {
      writes.push(`remove ${keyOf(ref)}`);
      objects.delete(keyOf(ref));
      cluster.onRemove?.(ref);
    },
    async *readLog({ pod, tail }: PodLogOptions) {
      const lines = podLogs.get(pod) ?? [];
      yield* tail === undefined ? lines : lines.slice(-tail);
    },
  };
  return cluster;
}

/** The object with the changes, as RFC 7386 merges them (without its removals by null). */
function merged(object: unknown, changes: object): unknown {
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
  const changed = Object.entries(changes).map(([key, value]) => {
    const held = (object as Record<string, unknown>)[key];
    return [key, isObject(value) && isObject(held) ? merged(held, value) : value];
  });
  return { ...(object as object), ...Object.fromEntries(changed) };
}

function keyOf({ kind, namespace, name }: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function isSelected({ metadata }: KubeObject, { namespace, labels = {} }: ListOptions): boolean {
  return metadata.namespace === namespace && Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value);
}
