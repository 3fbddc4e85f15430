import type { ClusterSettings } from '../engines/kubernetes/cluster-settings.ts';
import type { KubeObject } from '../engines/kubernetes/objects.ts';

/** Marks a namespace that `mops infra up` created: `down` may delete it entirely. */
export const MADE_BY = { annotation: 'modelops.io/made-by', value: 'mops-infra' } as const;
const LABELS = { 'app.kubernetes.io/managed-by': 'mops', 'app.kubernetes.io/part-of': 'modelops' };

export interface NamespaceContents {
  readonly settings: ClusterSettings;
  /** Text of the environment as workers read it. */
  readonly environmentText: string;
  /** Text of a Docker `config.json`. */
  readonly registryConfig: string | undefined;
  /** False for a namespace that existed before, which `down` must not delete. */
  readonly isOurNamespace: boolean;
}

/**
 * What workers need in a namespace: the *restricted* Pod Security level, an account without rights or token, the environment as a Secret, and
 * no ingress. In the order of creation. Reads nothing.
 */
export function namespaceObjects({ settings, environmentText, registryConfig, isOurNamespace }: NamespaceContents): KubeObject[] {
  const { namespace, service_account, environment_secret, registry_secret } = settings;
  const inNamespace = (name: string) => ({ name, namespace, labels: LABELS });
  const registry =
    registryConfig === undefined || registry_secret === undefined
      ? []
      : [secret(inNamespace(registry_secret), 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': registryConfig })];
  return [
    namespaceObject(namespace, isOurNamespace),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inNamespace(service_account), automountServiceAccountToken: false } as KubeObject,
    secret(inNamespace(environment_secret), 'Opaque', { 'environment.yaml': environmentText }),
    ...registry,
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: inNamespace('modelops-deny-ingress'),
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    } as KubeObject,
  ];
}

function namespaceObject(name: string, isOurs: boolean): KubeObject {
  const level = ['enforce', 'audit', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']);
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { ...(isOurs ? LABELS : {}), ...Object.fromEntries(level) },
      ...(isOurs ? { annotations: { [MADE_BY.annotation]: MADE_BY.value } } : {}),
    },
  };
}

function secret(metadata: KubeObject['metadata'], type: string, texts: Readonly<Record<string, string>>): KubeObject {
  const data = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return { apiVersion: 'v1', kind: 'Secret', metadata, type, data: Object.fromEntries(data) } as KubeObject;
}
