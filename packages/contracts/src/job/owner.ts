import * as z from 'zod';

/** One computer and one modelops home on it: where a submission or a local supervisor runs. */
const machineOwner = z.looseObject({
  kind: z.literal('machine'),
  machine: z.string(),
  home: z.string(),
  host: z.string(),
  /** Of a submission: the process that makes it, as `place.pid.start`. */
  process: z.string().optional(),
});

/** One namespace of one cluster. `cluster` is the UID of its kube-system namespace, null for a user who may not read it. */
const clusterOwner = z.looseObject({
  kind: z.literal('cluster'),
  cluster: z.string().nullable(),
  server: z.string(),
  namespace: z.string(),
});

/** Where the processes of an attempt or of a submission run. Only there can one see whether they are alive. */
export const ownerSchema = z.discriminatedUnion('kind', [machineOwner, clusterOwner]);
export type Owner = Readonly<z.output<typeof ownerSchema>>;

/** Whether the processes of `a` are visible to `b`. */
export function isSameOwner(a: Owner, b: Owner): boolean {
  if (a.kind === 'machine') return b.kind === 'machine' && a.machine === b.machine && a.home === b.home;
  if (b.kind !== 'cluster' || a.namespace !== b.namespace) return false;
  return a.cluster !== null && b.cluster !== null ? a.cluster === b.cluster : a.server === b.server;
}

/** For people: `host laptop-3 (/home/ada/.modelops)`, `namespace team of cluster https://…`. */
export function describeOwner(owner: Owner): string {
  return owner.kind === 'machine' ? `host ${owner.host} (${owner.home})` : `namespace ${owner.namespace} of cluster ${owner.server}`;
}
