import type { ClusterSettings } from './cluster-settings.ts';

/** The user and group of the worker's image. */
const WORKER_UID = 65532;
export const WORKER_CONTAINER = 'worker';
const ENVIRONMENT_DIR = '/etc/modelops';
const REGISTRY_DIR = '/etc/modelops-registry';
const HOME_DIR = '/var/lib/modelops';

/**
 * The pod of one worker: admitted where the *restricted* Pod Security level is enforced, writing only to its two scratch folders,
 * with no way to the API and no secret but those mounted as files.
 */
export function podTemplate(args: readonly string[], labels: Readonly<Record<string, string>>, settings: ClusterSettings) {
  return {
    metadata: { labels },
    spec: {
      // Per-index backoff and the failure policy need it: a worker that died is a new pod.
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
      containers: [workerContainer(args, settings)],
      volumes: volumesOf(settings),
    },
  };
}

function workerContainer(args: readonly string[], settings: ClusterSettings) {
  const resources = { cpu: settings.cpu, memory: settings.memory };
  return {
    name: WORKER_CONTAINER,
    image: settings.image,
    command: settings.command,
    args,
    env: environmentOf(settings),
    resources: { requests: resources, limits: resources },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    // The last lines of a worker that failed stand in its status, where they outlive the log.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      { name: 'environment', mountPath: ENVIRONMENT_DIR, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'home', mountPath: HOME_DIR },
      ...(settings.registry_secret === undefined ? [] : [{ name: 'registry', mountPath: REGISTRY_DIR, readOnly: true }]),
    ],
  };
}

function environmentOf({ registry_secret }: ClusterSettings) {
  const variables = {
    MODELOPS_ENVIRONMENT_FILE: `${ENVIRONMENT_DIR}/environment.yaml`,
    MODELOPS_HOME: HOME_DIR,
    MODELOPS_CACHE: `${HOME_DIR}/cache`,
    HOME: '/tmp',
    TMPDIR: '/tmp',
    ...(registry_secret === undefined ? {} : { DOCKER_CONFIG: REGISTRY_DIR }),
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

function volumesOf({ environment_secret, registry_secret, tmp_size, cache_size }: ClusterSettings) {
  const registry = {
    name: 'registry',
    secret: { secretName: registry_secret, defaultMode: 0o440, items: [{ key: '.dockerconfigjson', path: 'config.json' }] },
  };
  return [
    { name: 'environment', secret: { secretName: environment_secret, defaultMode: 0o440 } },
    { name: 'tmp', emptyDir: { sizeLimit: tmp_size } },
    { name: 'home', emptyDir: { sizeLimit: cache_size } },
    ...(registry_secret === undefined ? [] : [registry]),
  ];
}
