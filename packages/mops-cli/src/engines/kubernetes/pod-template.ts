import type { ClusterSettings } from './cluster-settings.ts';

/** The user and group of the worker's image. */
const WORKER_UID = 65532;
export const WORKER_CONTAINER = 'worker';
/** Where the init container reads the secrets, and where it copies them for the worker. */
const SECRETS_FROM = '/run/secrets/modelops';
const SECRETS_DIR = '/run/modelops';
const HOME_DIR = '/var/lib/modelops';
const CACHE_DIR = `${HOME_DIR}/cache`;

/**
 * The pod of one worker. It meets the *restricted* Pod Security level, writes only to its scratch folders, and has no API credentials. Models
 * run as the worker's user, so the Secrets are mounted only in an init container: it copies them to memory, and the worker reads and
 * deletes the copies before it starts a model.
 */
export function podTemplate(args: readonly string[], labels: Readonly<Record<string, string>>, settings: ClusterSettings) {
  return {
    metadata: { labels },
    spec: {
      // Required by per-index backoff and the failure policy: a restarted worker is a new pod.
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: settings.grace_seconds,
      serviceAccountName: settings.service_account,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: WORKER_UID,
        runAsGroup: WORKER_UID,
        fsGroup: WORKER_UID,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(settings.registry_secret === undefined ? {} : { imagePullSecrets: [{ name: settings.registry_secret }] }),
      initContainers: [secretsContainer(settings)],
      containers: [workerContainer(args, settings)],
      volumes: volumesOf(settings),
    },
  };
}

/** What the two containers of a pod share. Equal resources, so that the pod needs no more than its worker. */
function containerOf({ image, cpu, memory }: ClusterSettings) {
  const resources = { cpu, memory };
  return {
    image,
    resources: { requests: resources, limits: resources },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    // The last log lines of a failed worker are kept in its status, which outlives the log.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

function secretsContainer(settings: ClusterSettings) {
  const copy = `require('node:fs').cpSync('${SECRETS_FROM}', '${SECRETS_DIR}', { recursive: true })`;
  const mount = (name: string, file: string) => ({ name, mountPath: `${SECRETS_FROM}/${file}`, subPath: file, readOnly: true });
  return {
    name: 'secrets',
    ...containerOf(settings),
    command: ['node', '--eval', copy],
    volumeMounts: [
      mount('environment', 'environment.yaml'),
      ...(settings.registry_secret === undefined ? [] : [mount('registry', 'config.json')]),
      { name: 'secrets', mountPath: SECRETS_DIR },
    ],
  };
}

function workerContainer(args: readonly string[], settings: ClusterSettings) {
  return {
    name: WORKER_CONTAINER,
    ...containerOf(settings),
    command: settings.command,
    args,
    env: environmentOf(settings),
    volumeMounts: [
      { name: 'secrets', mountPath: SECRETS_DIR },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'home', mountPath: HOME_DIR },
      ...environmentMounts(settings),
    ],
  };
}

/**
 * The folder of Python environments. The runtime creates a missing folder above a mount as root, which the worker could not write to, so the cache
 * is a volume too.
 */
function environmentMounts({ environments_claim }: ClusterSettings) {
  if (environments_claim === undefined) return [];
  return [
    { name: 'cache', mountPath: CACHE_DIR },
    { name: 'environments', mountPath: `${CACHE_DIR}/environments` },
  ];
}

function environmentOf({ registry_secret }: ClusterSettings) {
  const variables = {
    MODELOPS_ENVIRONMENT_FILE: `${SECRETS_DIR}/environment.yaml`,
    MODELOPS_SECRETS_DIR: SECRETS_DIR,
    MODELOPS_HOME: HOME_DIR,
    MODELOPS_CACHE: CACHE_DIR,
    HOME: '/tmp',
    TMPDIR: '/tmp',
    ...(registry_secret === undefined ? {} : { DOCKER_CONFIG: SECRETS_DIR }),
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

function volumesOf({ environment_secret, registry_secret, tmp_size, cache_size, environments_claim }: ClusterSettings) {
  const registry = {
    name: 'registry',
    secret: { secretName: registry_secret, defaultMode: 0o440, items: [{ key: '.dockerconfigjson', path: 'config.json' }] },
  };
  return [
    { name: 'environment', secret: { secretName: environment_secret, defaultMode: 0o440 } },
    { name: 'secrets', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'tmp', emptyDir: { sizeLimit: tmp_size } },
    { name: 'home', emptyDir: { sizeLimit: cache_size } },
    ...(environments_claim === undefined
      ? []
      : [
          { name: 'cache', emptyDir: { sizeLimit: cache_size } },
          { name: 'environments', persistentVolumeClaim: { claimName: environments_claim } },
        ]),
    ...(registry_secret === undefined ? [] : [registry]),
  ];
}
