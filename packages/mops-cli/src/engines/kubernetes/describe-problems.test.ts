import { describe, expect, it } from 'vitest';
import { countIndexes, countIndexesBelow, describeProblems } from './describe-problems.ts';
import type { KubeEvent, KubeJob, KubePod } from './objects.ts';

const job = (status: KubeJob['status'] = {}, completions = 3): KubeJob => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'job-1' },
  spec: { completions, parallelism: completions },
  ...(status === undefined ? {} : { status }),
});

const pod = (index: number, status: KubePod['status']): KubePod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `job-1-${index}-abcde`, labels: { 'batch.kubernetes.io/job-completion-index': String(index) } },
  spec: { containers: [{ resources: { limits: { memory: '64Mi' } } }] },
  ...(status === undefined ? {} : { status }),
});

const waiting = (reason: string, message: string): KubePod['status'] => ({
  phase: 'Pending',
  containerStatuses: [{ name: 'worker', state: { waiting: { reason, message } } }],
});

const died = (exitCode: number, reason: string, message = ''): KubePod['status'] => ({
  phase: 'Failed',
  containerStatuses: [{ name: 'worker', state: { terminated: { exitCode, reason, message } } }],
});

const warning = (kind: string, name: string, reason: string, message: string): KubeEvent => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${name}.1` },
  type: 'Warning',
  reason,
  message,
  involvedObject: { kind, name },
});

const QUOTA = 'is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0';

describe('describeProblems', () => {
  it('reports no problem of running workers', () => {
    const running: KubePod['status'] = { phase: 'Running', containerStatuses: [{ name: 'worker', state: { running: {} } }] };
    expect(describeProblems(job({ active: 3 }), [pod(0, running)], [])).toEqual([]);
  });

  it('names an image that cannot be pulled once, with the workers that wait for it', () => {
    const pods = [0, 1, 2].map((i) => pod(i, waiting('ImagePullBackOff', 'Back-off pulling image "x"')));
    expect(describeProblems(job({ active: 3 }), pods, [])).toEqual([
      { reason: 'ImagePullBackOff', message: 'workers 0, 1, 2: Back-off pulling image "x"' },
    ]);
  });

  it('reports a quota once, though each refusal names another pod', () => {
    const events = ['job-1-0-aaaaa', 'job-1-0-bbbbb'].map((name) =>
      warning('Job', 'job-1', 'FailedCreate', `Error creating: pods "${name}" ${QUOTA}`),
    );
    expect(describeProblems(job(), [], events)).toEqual([{ reason: 'FailedCreate', message: `pods "job-1-0-aaaaa" ${QUOTA}` }]);
  });

  it('ignores refusals once all workers exist, and those of other jobs', () => {
    const refused = warning('Job', 'job-1', 'FailedCreate', `pods "a" ${QUOTA}`);
    expect(describeProblems(job({ active: 2, succeeded: 1 }), [], [refused])).toEqual([]);
    expect(describeProblems(job(), [], [warning('Job', 'job-2', 'FailedCreate', 'other')])).toEqual([]);
  });

  it('reports why a pod is not scheduled', () => {
    const message = '0/1 nodes are available: 1 Insufficient memory.';
    const unscheduled = { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] };
    expect(describeProblems(job({ active: 1 }), [pod(2, unscheduled)], [])).toEqual([
      { reason: 'Unschedulable', message: `worker 2: ${message}` },
    ]);
  });

  it('reports a missing Secret from the events of a pod that is being created', () => {
    const events = [warning('Pod', 'job-1-0-abcde', 'FailedMount', 'secret "modelops-environment" not found')];
    const pods = [pod(0, waiting('ContainerCreating', ''))];
    expect(describeProblems(job({ active: 1 }), pods, events)).toEqual([
      { reason: 'FailedMount', message: 'worker 0: secret "modelops-environment" not found' },
    ]);
  });

  it('reports an init container that cannot start, and not the worker that waits for it', () => {
    const status: KubePod['status'] = {
      ...waiting('PodInitializing', ''),
      initContainerStatuses: [{ name: 'secrets', state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } }],
    };
    const pulled = warning('Pod', 'job-1-0-abcde', 'Failed', 'Error: ErrImagePull');
    expect(describeProblems(job({ active: 1 }), [pod(0, status)], [pulled])).toEqual([
      { reason: 'ErrImagePull', message: 'worker 0: not found' },
    ]);
  });

  it('reports out of memory with the limit', () => {
    expect(describeProblems(job({ active: 1 }), [pod(1, died(137, 'OOMKilled'))], [])).toEqual([
      { reason: 'OOMKilled', message: 'worker 1: out of memory, limit 64Mi (exit status 137)' },
    ]);
  });

  it('shows the last line of a failed worker, without secrets', () => {
    const log = 'start\nbundle sha256:1 is broken, AccountKey=abc123==\n';
    expect(describeProblems(job(), [pod(0, died(42, 'Error', log))], [])[0]?.message).toBe(
      'worker 0: exit status 42: bundle sha256:1 is broken, AccountKey=<redacted>',
    );
  });

  it('reports evictions, a failed Job and a suspended Job with the message of the cluster', () => {
    const evicted = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
    const conditions = [
      { type: 'Failed', status: 'True', reason: 'FailedIndexes', message: 'Job has failed indexes' },
      { type: 'Suspended', status: 'False' },
    ];
    expect(describeProblems(job({ conditions }), [pod(0, evicted)], [])).toEqual([
      { reason: 'FailedIndexes', message: 'Job has failed indexes' },
      { reason: 'Evicted', message: 'worker 0: The node was low on resource: memory.' },
    ]);
  });

  it('counts the workers beyond the first five', () => {
    const pods = Array.from({ length: 40 }, (_, i) => pod(i, died(1, 'Error')));
    expect(describeProblems(job({}, 40), pods, [])[0]?.message).toBe('workers 0, 1, 2, 3, 4 and 35 more: exit status 1');
  });
});

describe('countIndexes', () => {
  it('counts ranges', () => expect([undefined, '', '3', '1,3-5', '0-9'].map(countIndexes)).toEqual([0, 0, 1, 4, 10]));

  it('counts the indexes of ranges below a limit', () =>
    expect([0, 1, 2, 4, 6].map((limit) => countIndexesBelow('1,3-5', limit))).toEqual([0, 0, 1, 2, 4]));
});
