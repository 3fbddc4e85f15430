import type { KubeObject } from '../engines/kubernetes/objects.ts';

/** Fields of an object that the server sets. */
const SERVER_FIELDS = ['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink'];

/** Paths of the fields in which two states of an object differ; never their values, since a Secret's are among them. */
export function changedFields(before: KubeObject, after: KubeObject): string[] {
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
