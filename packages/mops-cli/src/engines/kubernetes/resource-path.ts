import type { ObjectRef } from './cluster.ts';

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  Secret: 'secrets',
  NetworkPolicy: 'networkpolicies',
  Job: 'jobs',
  Pod: 'pods',
  Event: 'events',
};

/** Path of a collection in the API: `/apis/batch/v1/namespaces/team/jobs`. */
export function collectionPath({ apiVersion, kind, namespace }: Omit<ObjectRef, 'name'>): string {
  const plural = PLURALS[kind];
  if (plural === undefined) throw new Error(`unknown kind ${kind}: add its plural`);
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${base}/${plural}` : `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

export function objectPath(ref: ObjectRef): string {
  return `${collectionPath(ref)}/${encodeURIComponent(ref.name)}`;
}
