import type { EngineView } from '../engine.ts';
import { countIndexes, describeProblems } from './describe-problems.ts';
import type { KubeEvent, KubeJob, KubePod } from './objects.ts';

/** The view of an attempt whose Job does not exist. */
export const GONE: EngineView = { phase: 'gone', workers: { active: 0, succeeded: 0, failed: 0 }, problems: [] };

/** The view of an attempt from its Job, pods and events. Only conditions decide whether a Job has ended, never counters. */
export function viewOfJob(job: KubeJob, pods: readonly KubePod[], events: readonly KubeEvent[]): EngineView {
  const { active = 0, succeeded = 0, failedIndexes } = job.status ?? {};
  const isEnded = hasEnded(job);
  const isRunning = succeeded > 0 || pods.some(({ status }) => status?.phase === 'Running');
  return {
    phase: isEnded ? 'ended' : isRunning ? 'running' : 'waiting',
    workers: { active, succeeded, failed: countIndexes(failedIndexes) },
    problems: describeProblems(job, pods, isEnded ? [] : events),
  };
}

/** True once a condition excludes further pods of the Job; a Job that waits for a retry has not ended. */
export function hasEnded({ status }: KubeJob): boolean {
  return (status?.conditions ?? []).some(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'));
}
