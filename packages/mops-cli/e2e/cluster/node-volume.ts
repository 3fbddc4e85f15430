import { randomBytes } from 'node:crypto';
import { kubectl, kubectlApply, kubectlJson, until } from './kubectl.ts';

/** A claim in a namespace, whose volume is a new folder of the node that every user can write to. For clusters of one node. */
export async function nodeVolume(namespace: string, image: string): Promise<{ readonly claim: string; remove(): Promise<void> }> {
  const name = `environments-${randomBytes(3).toString('hex')}`;
  const path = `/var/tmp/modelops-${name}`;
  await onNode(`${name}-make`, image, `fs.mkdirSync('/node/${path}'); fs.chmodSync('/node/${path}', 0o777)`);
  const [size, none] = [{ storage: '1Gi' }, ''];
  await kubectlApply({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: size,
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: none,
      hostPath: { path, type: 'Directory' },
      claimRef: { name, namespace },
    },
  });
  await kubectlApply({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: none, volumeName: name, resources: { requests: size } },
  });
  return {
    claim: name,
    async remove() {
      await kubectl('delete', 'pvc', name, '--namespace', namespace, '--wait=false');
      await kubectl('delete', 'pv', name, '--wait=false');
      await onNode(`${name}-remove`, image, `fs.rmSync('/node/${path}', { recursive: true })`);
    },
  };
}

/** Runs JavaScript as root, with the node's folder /var/tmp at /node/var/tmp, in a namespace that does not forbid it. */
async function onNode(name: string, image: string, code: string): Promise<void> {
  const folder = '/var/tmp';
  const container = {
    name: 'node',
    image,
    command: ['node', '--eval', code],
    securityContext: { runAsUser: 0 },
    volumeMounts: [{ name: 'node', mountPath: `/node${folder}` }],
  };
  const spec = { restartPolicy: 'Never', containers: [container], volumes: [{ name: 'node', hostPath: { path: folder } }] };
  await kubectlApply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec });
  const phase = async () => (await kubectlJson<{ status: { phase: string } }>('get', 'pod', name, '--namespace', 'default')).status.phase;
  const ended = await until(phase, (one) => one === 'Succeeded' || one === 'Failed');
  if (ended === 'Failed') throw new Error(await kubectl('logs', name, '--namespace', 'default'));
  await kubectl('delete', 'pod', name, '--namespace', 'default', '--wait=false');
}
