import { type Attempt, type AttemptPlan, type JobId, WORKER_EXIT } from '@modelops/contracts';
import type { ClusterSettings } from './cluster-settings.ts';
import type { KubeJob } from './objects.ts';
import { podTemplate, WORKER_CONTAINER } from './pod-template.ts';

/** Label of a Job that Kueue admits. */
export const QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';

/** Name of the Kubernetes Job of an attempt: the job's id, and from the second attempt on `-a<n>`. */
export function kubeJobName(job: JobId, n: Attempt['n']): string {
  return n === 1 ? job : `${job}-a${n}`;
}

/** Labels of a Job and its pods, by which they are selected. */
export function attemptLabels(job: JobId, n: Attempt['n']): Readonly<Record<string, string>> {
  return { 'modelops.io/job': job, 'modelops.io/attempt': String(n) };
}

/**
 * The Indexed Job of an attempt. Its size does not depend on the number of tasks. An index that exits with {@link WORKER_EXIT}.final is
 * not restarted; a disruption (drain, preemption) does not count as a restart; other indexes continue.
 */
export function jobManifest(
  job: JobId,
  { n, width, slots = 1 }: Pick<AttemptPlan, 'n' | 'width' | 'slots'>,
  settings: ClusterSettings,
): KubeJob {
  const labels = { ...attemptLabels(job, n), 'app.kubernetes.io/name': 'modelops-worker', 'app.kubernetes.io/managed-by': 'mops' };
  const queue = settings.queue === undefined ? {} : { [QUEUE_LABEL]: settings.queue };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: kubeJobName(job, n), namespace: settings.namespace, labels: { ...labels, ...queue } },
    spec: {
      completionMode: 'Indexed',
      completions: width,
      parallelism: width,
      backoffLimitPerIndex: settings.restarts,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'FailIndex', onExitCodes: { containerName: WORKER_CONTAINER, operator: 'In', values: [WORKER_EXIT.final] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      ttlSecondsAfterFinished: settings.keep_seconds,
      template: podTemplate(workerArgs(job, n, slots), labels, settings),
    },
  };
}

/** Kubernetes substitutes the index, so a worker does not depend on where it runs. */
function workerArgs(job: JobId, n: number, slots: number): string[] {
  return ['--job', job, '--attempt', String(n), '--index', '$(JOB_COMPLETION_INDEX)', '--slots', String(slots)];
}
