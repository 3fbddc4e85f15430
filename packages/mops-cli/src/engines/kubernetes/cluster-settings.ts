import { type BundleEnvironment, ModelOpsError, parseValue } from '@modelops/contracts';
import * as z from 'zod';

/** A Kubernetes CPU quantity. */
export const cpuQuantity = z.string().regex(/^(\d+m|\d+(\.\d+)?)$/, 'expected a number of CPUs: 2, 0.5, 500m');

/** A Kubernetes byte quantity; `4GB` is not one. */
export const byteQuantity = z.string().regex(/^\d+(\.\d+)?([KMGT]i|[kMGT])?$/, 'expected a size: 512Mi, 4Gi, 4G');

/** The `cluster` part of an environment: every setting of a Job. */
export const clusterSettingsSchema = z.looseObject({
  /** A context of the kubeconfig; the current one when left out. */
  context: z.string().optional(),
  namespace: z.string().min(1),
  image: z.string().min(1),
  workers: z.int().min(1).default(4),
  /** CPUs and memory of one worker, as Kubernetes quantities: both its requests and its limits. */
  cpu: cpuQuantity.default('1'),
  memory: byteQuantity.default('1Gi'),
  /** The container's command; the worker's arguments follow it. */
  command: z.array(z.string()).min(1).default(['mops-worker']),
  service_account: z.string().default('modelops-worker'),
  environment_secret: z.string().default('modelops-environment'),
  /** A Secret of type `kubernetes.io/dockerconfigjson`: for pulling the image and for pulling bundles. */
  registry_secret: z.string().optional(),
  /** A Kueue LocalQueue. */
  queue: z.string().optional(),
  /** Maximum number of restarts of a worker. */
  restarts: z.int().min(0).default(10),
  /** Time to write finished results after SIGTERM. */
  grace_seconds: z.int().min(1).default(60),
  /** How long a finished Job, its pods and their logs are kept. */
  keep_seconds: z.int().min(0).default(86_400),
  tmp_size: byteQuantity.default('1Gi'),
  cache_size: byteQuantity.default('8Gi'),
  /** A PersistentVolumeClaim for Python environments, which pods then share. Default: each pod builds its own. */
  environments_claim: z.string().min(1).optional(),
});

export type ClusterSettings = Readonly<z.output<typeof clusterSettingsSchema>>;

/** @throws CONFIG_INVALID if the environment has no cluster, or invalid settings for one. */
export function clusterSettingsOf({ environment, cluster }: BundleEnvironment): ClusterSettings {
  if (cluster === undefined) {
    throw new ModelOpsError('CONFIG_INVALID', `environment ${environment} has no cluster`, {
      hint: `mops infra up --provider kubernetes --env ${environment} --namespace NS --image IMAGE`,
    });
  }
  return parseValue(cluster, clusterSettingsSchema, { source: `cluster of environment ${environment}`, code: 'CONFIG_INVALID' });
}

/** Whole CPUs of a Kubernetes quantity (`2`, `1500m`, `0.5`), at least 1: the default number of slots of a worker. */
export function wholeCpus(quantity: string): number {
  const [, digits = '1', unit] = /^([0-9.]+)(m?)$/.exec(quantity) ?? [];
  const cpus = Number(digits) / (unit === 'm' ? 1000 : 1);
  return Math.max(1, Math.floor(cpus));
}
