import { type AttemptPlan, isSameOwner, ModelOpsError, type Owner, parseJobId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import type { WorkerLine } from '../engine.ts';
import { createMemoryCluster, type MemoryCluster } from '../testing/memory-cluster.ts';
import { clusterSettingsSchema } from './cluster-settings.ts';
import { createKubernetesEngine } from './kubernetes-engine.ts';
import type { KubeJob, KubeNamespace, KubePod } from './objects.ts';

const JOB = parseJobId('job-0abc123');
const settings = clusterSettingsSchema.parse({ namespace: 'epi', image: 'worker:1', workers: 3 });
const attempt = { n: 1 };
const spec = { job_id: JOB } as never;
const plan: AttemptPlan = { schema_version: 1, n: 1, width: 3, tasks: 10, chunks: [] };

function setUp() {
  const cluster = createMemoryCluster();
  const pauses: number[] = [];
  const engine = createKubernetesEngine(settings, { cluster, pause: async (ms) => void pauses.push(ms) });
  return { cluster, engine, pauses };
}

function putPod(
  cluster: MemoryCluster,
  index: number,
  { name = `${JOB}-${index}-aaaaa`, phase = 'Running', at = '2026-01-01T00:00:00Z' } = {},
) {
  const labels = { 'modelops.io/job': JOB, 'modelops.io/attempt': '1', 'batch.kubernetes.io/job-completion-index': String(index) };
  const state = phase === 'Running' ? { running: {} } : phase === 'Failed' ? { terminated: { exitCode: 1 } } : { waiting: {} };
  const pod: KubePod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'epi', labels, creationTimestamp: at },
    spec: { containers: [{}] },
    status: { phase, containerStatuses: [{ name: 'worker', state }] },
  };
  cluster.put(pod);
}

const linesOf = async (lines: AsyncIterable<WorkerLine>) => {
  const all: string[] = [];
  for await (const { worker, text } of lines) all.push(`[${worker}] ${text}`);
  return all;
};

describe('createKubernetesEngine', () => {
  it.each([
    ['4', 4],
    ['250m', 1],
    ['3500m', 3],
  ])('has a slot for each whole CPU of %s by default', (cpu, slots) => {
    const engine = createKubernetesEngine(
      { ...settings, cpu, workers: 5 },
      { cluster: createMemoryCluster(), pause: async () => undefined },
    );
    expect(engine.widthOf({})).toEqual({ workers: 5, slots });
    expect(engine.widthOf({ workers: 2, slots: 7 })).toEqual({ workers: 2, slots: 7 });
  });

  it('starts an attempt with one write, and changes nothing when started again', async () => {
    const { cluster, engine } = setUp();
    expect(await engine.start(spec, plan)).toEqual({ name: JOB });
    expect(cluster.writes).toEqual([`create Job epi/${JOB}`]);
    const before = cluster.objects.get(`Job epi/${JOB}`);
    expect(await engine.start(spec, plan)).toEqual({ name: JOB });
    expect(cluster.objects.get(`Job epi/${JOB}`)).toBe(before);
  });

  it('identifies the owner of attempts by the cluster UID and the namespace', async () => {
    const { cluster, engine } = setUp();
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'u-1' } });
    const owner = { kind: 'cluster', cluster: 'u-1', server: cluster.server, namespace: 'epi' } as const;
    expect(await engine.owner()).toEqual(owner);
    expect(isSameOwner(owner, { ...owner, server: 'https://another-name.example' })).toBe(true);
    expect(isSameOwner(owner, { ...owner, cluster: 'u-2' })).toBe(false);
    expect(isSameOwner(owner, { ...owner, namespace: 'other' })).toBe(false);
  });

  it('identifies the owner by the server address for a user who may not read kube-system', async () => {
    const { cluster } = setUp();
    const read = async () => {
      throw new ModelOpsError('UNAUTHORISED', 'namespaces "kube-system" is forbidden');
    };
    const engine = createKubernetesEngine(settings, { cluster: { ...cluster, read }, pause: async () => undefined });
    const owner = await engine.owner();
    expect(owner).toMatchObject({ cluster: null, server: cluster.server });
    expect(isSameOwner(owner, { ...owner, cluster: 'u-1' } as Owner)).toBe(true);
  });

  it('reports a namespace that is being deleted', async () => {
    const { cluster, engine } = setUp();
    await engine.start(spec, plan);
    cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'epi' }, status: { phase: 'Terminating' } } as KubeNamespace);
    const problem = { reason: 'NamespaceTerminating', message: expect.stringContaining('namespace epi is being deleted') };
    expect((await engine.observe(JOB, attempt)).problems).toEqual([problem]);
    await engine.stop(JOB, attempt);
    expect(await engine.observe(JOB, attempt)).toMatchObject({ phase: 'gone', problems: [problem] });
  });

  it('reports a Job that does not exist as gone', async () => {
    const { engine } = setUp();
    expect(await engine.observe(JOB, attempt)).toEqual({ phase: 'gone', workers: { active: 0, succeeded: 0, failed: 0 }, problems: [] });
  });

  it('is waiting until a worker runs, and running until a condition of the Job ends it', async () => {
    const { cluster, engine } = setUp();
    await engine.start(spec, plan);
    const job = cluster.objects.get(`Job epi/${JOB}`) as KubeJob;
    putPod(cluster, 0, { phase: 'Pending' });
    expect((await engine.observe(JOB, attempt)).phase).toBe('waiting');
    putPod(cluster, 0);
    cluster.put({ ...job, status: { active: 3, failedIndexes: '2' } } as KubeJob);
    expect(await engine.observe(JOB, attempt)).toMatchObject({ phase: 'running', workers: { active: 3, succeeded: 0, failed: 1 } });
    cluster.put({ ...job, status: { succeeded: 3, conditions: [{ type: 'Complete', status: 'True' }] } } as KubeJob);
    expect(await engine.observe(JOB, attempt)).toMatchObject({ phase: 'ended', workers: { succeeded: 3 } });
  });

  describe('scales', () => {
    const status = (cluster: MemoryCluster, change: KubeJob['status'], labels = {}) => {
      const job = cluster.objects.get(`Job epi/${JOB}`) as KubeJob;
      cluster.put({ ...job, metadata: { ...job.metadata, labels: { ...job.metadata.labels, ...labels } }, status: change } as KubeJob);
    };

    it('by one write, which changes completions and parallelism together', async () => {
      const { cluster, engine } = setUp();
      await engine.start(spec, plan);
      expect(await engine.scale(JOB, attempt, 5)).toEqual({ before: 3 });
      expect(await engine.scale(JOB, attempt, 5)).toEqual({ before: 5 });
      const job = cluster.objects.get(`Job epi/${JOB}`) as KubeJob;
      expect(job.spec).toMatchObject({ completions: 5, parallelism: 5, completionMode: 'Indexed', template: expect.anything() });
      expect(cluster.writes).toEqual([`create Job epi/${JOB}`, `merge Job epi/${JOB}`]);
    });

    it.each<[string, number, KubeJob['status'], Record<string, string>]>([
      ['that is complete', 5, { conditions: [{ type: 'Complete', status: 'True' }] }, {}],
      ['whose first indexes have ended', 2, { completedIndexes: '0', failedIndexes: '1' }, {}],
      ['that Kueue has admitted', 5, {}, { 'kueue.x-k8s.io/queue-name': 'team' }],
    ])('no Job %s', async (_name, workers, change, labels) => {
      const { cluster, engine } = setUp();
      await engine.start(spec, plan);
      status(cluster, change, labels);
      await expect(engine.scale(JOB, attempt, workers)).rejects.toMatchObject({ code: 'CONFLICT', hint: expect.stringContaining(JOB) });
      expect(cluster.writes).toEqual([`create Job epi/${JOB}`]);
    });

    it('down while one of the first indexes runs', async () => {
      const { cluster, engine } = setUp();
      await engine.start(spec, plan);
      status(cluster, { completedIndexes: '0,2' });
      expect(await engine.scale(JOB, attempt, 2)).toEqual({ before: 3 });
    });
  });

  it('stops by deleting the Job, and waits until its last pod is gone', async () => {
    const { cluster, engine, pauses } = setUp();
    await engine.start(spec, plan);
    putPod(cluster, 0);
    const looks = createKubernetesEngine(settings, {
      cluster,
      pause: async (ms) => {
        if (pauses.push(ms) === 3) cluster.objects.delete(`Pod epi/${JOB}-0-aaaaa`);
      },
    });
    await looks.stop(JOB, attempt);
    expect(pauses).toHaveLength(3);
    expect(cluster.objects.size).toBe(0);
    await engine.stop(JOB, attempt);
  });

  it('names the pods that do not end', async () => {
    const { cluster, engine } = setUp();
    await engine.start(spec, plan);
    putPod(cluster, 1);
    await expect(engine.stop(JOB, attempt)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining(`${JOB}-1-aaaaa`),
    });
  });

  it('prints the lines of all workers in order, of one worker, and the last lines of the newest pods', async () => {
    const { cluster, engine } = setUp();
    putPod(cluster, 1);
    putPod(cluster, 0, { name: 'old', phase: 'Failed' });
    putPod(cluster, 0, { name: 'new', at: '2026-01-01T00:01:00Z' });
    putPod(cluster, 2, { phase: 'Pending' });
    cluster.podLogs.set('old', ['a', 'b']);
    cluster.podLogs.set('new', ['c', 'd']);
    cluster.podLogs.set(`${JOB}-1-aaaaa`, ['e']);
    expect(await linesOf(engine.logs(JOB, attempt))).toEqual(['[0] a', '[0] b', '[0] c', '[0] d', '[1] e']);
    expect(await linesOf(engine.logs(JOB, attempt, { index: 1 }))).toEqual(['[1] e']);
    expect(await linesOf(engine.logs(JOB, attempt, { tail: 1 }))).toEqual(['[0] d', '[1] e']);
  });
});
