import { type BundleEnvironment, environmentDocument } from '@modelops/contracts';
import type { UpReport } from '../documents/infra.ts';
import { type Cluster, refOf } from '../engines/kubernetes/cluster.ts';
import { type ClusterSettings, clusterSettingsOf } from '../engines/kubernetes/cluster-settings.ts';
import type { KubeObject } from '../engines/kubernetes/objects.ts';
import { MADE_BY, namespaceObjects } from './namespace-objects.ts';

/** A change made to one object, or planned. */
export type InfraChange = UpReport['changes'][number];

const DONE = { create: 'created', change: 'changed', unchanged: 'unchanged', delete: 'deleted' } as const;
const PLANNED = { create: 'to create', change: 'to change', unchanged: 'unchanged', delete: 'to delete' } as const;

/** One line per object; fields by name only, since some values are secret. */
export function describeChanges(changes: readonly InfraChange[], isPlan: boolean): string {
  if (changes.length === 0) return 'nothing to do';
  const words = isPlan ? PLANNED : DONE;
  return changes
    .map(({ kind, name, action, fields }) => {
      const what = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
      return `${words[action].padEnd(10)} ${kind} ${name}${what}`;
    })
    .join('\n');
}

export interface BringUpOptions {
  readonly registryConfig?: string | undefined;
  /** Passes the server's admission checks without changing anything. */
  readonly isPlan?: boolean;
}

/** Creates what an environment's workers need in its cluster, by server-side apply. Repeating the call changes nothing. */
export async function bringUp(
  environment: BundleEnvironment,
  { registryConfig, isPlan = false }: BringUpOptions,
  cluster: Pick<Cluster, 'read' | 'apply'>,
): Promise<InfraChange[]> {
  const { registry, storage } = environment;
  const settings = clusterSettingsOf(environment);
  const namespace = await readNamespace(settings, cluster);
  const { stringify } = await import('yaml');
  const objects = namespaceObjects({
    settings,
    // Workers need no cluster settings.
    environmentText: stringify(environmentDocument({ environment: environment.environment, registry, storage })),
    registryConfig,
    isOurNamespace: namespace === undefined || isMadeByUs(namespace),
  });
  const changes: InfraChange[] = [];
  for (const object of objects) changes.push(await applyOne(object, { isPlan, hasNamespace: namespace !== undefined }, cluster));
  return changes;
}

export function readNamespace({ namespace }: ClusterSettings, cluster: Pick<Cluster, 'read'>): Promise<KubeObject | undefined> {
  return cluster.read({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
}

export function isMadeByUs({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[MADE_BY.annotation] === MADE_BY.value;
}

async function applyOne(
  object: KubeObject,
  { isPlan, hasNamespace }: { readonly isPlan: boolean; readonly hasNamespace: boolean },
  cluster: Pick<Cluster, 'read' | 'apply'>,
): Promise<InfraChange> {
  const { kind, metadata } = object;
  const before = await cluster.read(refOf(object));
  // A dry run fails in a namespace that does not exist yet.
  const after = isPlan && !hasNamespace && kind !== 'Namespace' ? object : await cluster.apply(object, { isDryRun: isPlan });
  return changeOf({ kind, name: metadata.name }, before && changedFields(before, after));
}

/** `fields`: those that differ; undefined if the object did not exist. */
export function changeOf(object: Pick<InfraChange, 'kind' | 'name'>, fields: readonly string[] | undefined): InfraChange {
  if (fields === undefined) return { ...object, action: 'create', fields: [] };
  return { ...object, action: fields.length === 0 ? 'unchanged' : 'change', fields };
}

/** Fields of an object that the server sets. */
const SERVER_FIELDS = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'];

/** Paths of the fields in which two states of an object differ; never their values, since a Secret's are among them. */
function changedFields(before: KubeObject, after: KubeObject): string[] {
  return differingPaths(ownFields(before), ownFields(after));
}

function ownFields(object: KubeObject): Record<string, unknown> {
  const { status: _, ...rest } = object as KubeObject & { status?: unknown };
  const metadata = Object.entries(object.metadata).filter(([key]) => !SERVER_FIELDS.includes(key));
  return { ...rest, metadata: Object.fromEntries(metadata) };
}

/** Paths at which two values differ. */
export function differingPaths(a: unknown, b: unknown, path = ''): string[] {
  if (isRecord(a) && isRecord(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
    return keys.flatMap((key) => differingPaths(a[key], b[key], path === '' ? key : `${path}.${key}`));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
