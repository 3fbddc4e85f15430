import type { KubeObject } from './objects.ts';

/** Identifies an object; cluster-scoped objects have no `namespace`. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface ListOptions {
  readonly namespace: string;
  /** All of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** All of these fields: `involvedObject.name`. */
  readonly fields?: Readonly<Record<string, string>>;
}

export interface PodLogOptions {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly tail?: number | undefined;
}

/**
 * A Kubernetes cluster as seen by one user. Every call may be repeated.
 * Errors: CLUSTER_UNREACHABLE, CLUSTER_REFUSED with the API's message, UNAUTHORISED.
 */
export interface Cluster {
  /** Address of its API. */
  readonly server: string;
  read<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined>;
  list<T extends KubeObject>(type: Pick<ObjectRef, 'apiVersion' | 'kind'>, options: ListOptions): Promise<readonly T[]>;
  create(object: KubeObject): Promise<'created' | 'exists'>;
  /** Server-side apply as the field manager `mops`; a dry run goes through admission and changes nothing. Returns the object after it. */
  apply(object: KubeObject, options?: { readonly isDryRun?: boolean }): Promise<KubeObject>;
  /** Merges the changes into an object (RFC 7386). Undefined if it does not exist. */
  merge(ref: ObjectRef, changes: object): Promise<KubeObject | undefined>;
  /** Deletes an object after the objects that it owns; succeeds if it does not exist. */
  remove(ref: ObjectRef): Promise<void>;
  /** Lines of a container's log; none if it has not started or no longer exists. */
  readLog(options: PodLogOptions): AsyncIterable<string>;
}

export function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
