import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { BundleEnvironment } from '@modelops/contracts';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { clusterSettingsOf } from '../src/engines/kubernetes/cluster-settings.ts';
import { createKubernetesEngine } from '../src/engines/kubernetes/kubernetes-engine.ts';
import { openCluster } from '../src/engines/kubernetes/open-cluster.ts';
import { describeEngine } from '../src/engines/testing/describe-engine.ts';
import { bringUp } from '../src/infra/bring-up.ts';
import { tearDown } from '../src/infra/tear-down.ts';
import { kubectl } from './cluster/kubectl.ts';

const lab = inject('lab');

describe.skipIf(lab === null)('on a real cluster', () => {
  const namespace = `contract-${randomBytes(3).toString('hex')}`;
  const base: BundleEnvironment = {
    environment: 'lab',
    registry: { provider: 'docker', login_server: lab?.registry ?? '', requires_auth: false, insecure: true },
    storage: { provider: 'azure', container: 'results', connection_string: 'AccountName=lab;AccountKey=c2VjcmV0LW9mLWxhYg==' },
    cluster: { provider: 'kubernetes', namespace, image: lab?.nodeImage ?? '', workers: 1, cpu: '100m', memory: '128Mi' },
  };
  beforeAll(async () => void (await bringUp(base, {}, await openCluster())));
  afterAll(async () => void (await tearDown(base, {}, { cluster: await openCluster(), pause: (ms) => pause(ms) })));

  describeEngine('kubernetes', {
    address: () => lab!.ip,
    open: async (program, { restarts, graceSeconds }) => {
      const cluster = { ...base.cluster!, command: ['node', '-e', program, '--'], restarts, grace_seconds: graceSeconds };
      return createKubernetesEngine(clusterSettingsOf({ ...base, cluster }), {
        cluster: await openCluster(),
        pause: (ms) => pause(ms),
      });
    },
    forget: async (name) => void (await kubectl('delete', 'job', name, '--namespace', namespace, '--wait')),
  });
});
