/** The parts of Kubernetes objects that this package reads or writes, with the field names of the API's JSON. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeMetadata;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly uid?: string;
}

export interface KubeNamespace extends KubeObject {
  readonly status?: { readonly phase?: string };
}

export interface KubeCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface KubeJob extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>> & { readonly completions: number; readonly parallelism: number };
  readonly status?: {
    readonly active?: number;
    readonly ready?: number;
    readonly succeeded?: number;
    /** Ranges of indexes: `1,3-5`. */
    readonly completedIndexes?: string;
    readonly failedIndexes?: string;
    readonly conditions?: readonly KubeCondition[];
  };
}

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

export interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: Terminated;
  };
}

export interface KubePod extends KubeObject {
  readonly spec: { readonly containers: readonly { readonly resources?: { readonly limits?: Readonly<Record<string, string>> } }[] };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly KubeCondition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface KubeEvent extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject: { readonly kind?: string; readonly name?: string };
}

/** Index of the worker that a pod runs. */
export function podIndex({ metadata }: KubePod): number {
  const index =
    metadata.labels?.['batch.kubernetes.io/job-completion-index'] ?? metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
  return Number(index ?? 0);
}
