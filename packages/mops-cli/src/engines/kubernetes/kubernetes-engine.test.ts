import { type AttemptPlan, parseJobId } from '@modelops/contracts';
import { describe, expect, it } from 'vitest';
import { createMemoryCluster, type MemoryCluster } from '../testing/memory-cluster.ts';
import { clusterSettingsSchema } from './cluster-settings.ts';
import { createKubernetesEngine } from './kubernetes-engine.ts';
import type { KubeJob, KubePod } from './objects.ts';

const JOB = parseJobId('job-0abc123');
const settings = clusterSettingsSchema.parse({ namespace: 'epi', image: 'worker:1', workers: 3 });
const attempt = { n: 1, engine: 'kubernetes', k8s_name: JOB, tasks: 10, started_at: '2026-01-01T00:00:00Z', ended_at: null };
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

const linesOf = async (lines: AsyncIterable<string>) => {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
};

describe('createKubernetesEngine', () => {
  it('starts an attempt by one write, and the same start again changes nothing', async () => {
    const { cluster, engine } = setUp();
    expect(await engine.start(spec, plan)).toEqual({ name: JOB });
    expect(cluster.writes).toEqual([`create Job epi/${JOB}`]);
    const before = cluster.objects.get(`Job epi/${JOB}`);
    expect(await engine.start(spec, plan)).toEqual({ name: JOB });
    expect(cluster.objects.get(`Job epi/${JOB}`)).toBe(before);
  });

  it('says gone of a Job that is not there', async () => {
    const { engine } = setUp();
    expect(await engine.observe(JOB, attempt)).toEqual({ phase: 'gone', workers: { active: 0, succeeded: 0, failed: 0 }, problems: [] });
  });

  it('waits until a worker runs, runs until a condition of the Job ends it', async () => {
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

  it('stops by deleting the Job, and waits until its last pod has gone', async () => {
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

  it('names the pods that do not go', async () => {
    const { cluster, engine } = setUp();
    await engine.start(spec, plan);
    putPod(cluster, 1);
    await expect(engine.stop(JOB, attempt)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining(`${JOB}-1-aaaaa`),
    });
  });

  it('gives the lines of all workers in order, of one worker, and the last lines of the newest pods', async () => {
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
