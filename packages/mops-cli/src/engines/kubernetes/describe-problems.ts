import { redact } from '@modelops/contracts';
import type { EngineProblem } from '../engine.ts';
import { type ContainerStatus, type KubeCondition, type KubeEvent, type KubeJob, type KubePod, podIndex } from './objects.ts';

/** Maximum number of workers that a problem names; the rest are counted. */
const WORKERS_NAMED = 5;

/** Waiting reasons of a container that starts normally. */
const STARTING = ['ContainerCreating', 'PodInitializing'];

interface Finding {
  readonly reason: string;
  readonly message: string;
  readonly worker?: number;
}

/**
 * Why workers do not start or died, from the Job's conditions, the pods and their warning events: current problems first, then
 * workers that ended. Workers with the same problem share one entry. Pure.
 */
export function describeProblems(job: KubeJob, pods: readonly KubePod[], events: readonly KubeEvent[]): EngineProblem[] {
  const present = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return groupFindings([
    ...conditionFindings(job),
    ...creationFindings(job, events),
    ...present.flatMap(startFindings),
    ...present.flatMap((pod) => eventFindings(pod, events)),
    ...present.flatMap(deathFindings),
  ]);
}

const isTrue = ({ status }: KubeCondition) => status === 'True';

function conditionFindings({ status }: KubeJob): Finding[] {
  return (status?.conditions ?? [])
    .filter((condition) => isTrue(condition) && ['Failed', 'Suspended'].includes(condition.type))
    .map(({ type, reason = type, message = type }) => ({ reason, message }));
}

/** A pod refused by quota or admission never exists: only events of the Job show it, and they remain after the cause is fixed. */
function creationFindings({ metadata, spec, status }: KubeJob, events: readonly KubeEvent[]): Finding[] {
  const created = (status?.active ?? 0) + (status?.succeeded ?? 0) + countIndexes(status?.failedIndexes);
  if (created >= spec.completions) return [];
  return events
    .filter((event) => event.type === 'Warning' && event.involvedObject.kind === 'Job' && event.involvedObject.name === metadata.name)
    .filter(({ reason }) => reason === 'FailedCreate')
    .map(({ reason = 'FailedCreate', message = '' }) => ({ reason, message: message.replace(/^Error creating: /, '') }));
}

/** Statuses of the container that copies the secrets, and of the worker's. */
function statusesOf({ status }: KubePod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function startFindings(pod: KubePod): Finding[] {
  const worker = podIndex(pod);
  const unscheduled = (pod.status?.conditions ?? []).filter(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const waiting = statusesOf(pod).flatMap(({ state }) => state?.waiting ?? []);
  return [
    ...unscheduled.map(({ reason = 'Unschedulable', message = '' }) => ({ worker, reason, message })),
    ...waiting
      .filter(({ reason }) => reason !== undefined && !STARTING.includes(reason))
      .map(({ reason = 'Waiting', message = '' }) => ({ worker, reason, message })),
  ];
}

/** Why the containers of a pod are not created is only in its events: a missing Secret, a volume, a sandbox. */
function eventFindings(pod: KubePod, events: readonly KubeEvent[]): Finding[] {
  const waits = statusesOf(pod).flatMap(({ state }) => state?.waiting?.reason ?? []);
  if (waits.length === 0 || !waits.every((reason) => STARTING.includes(reason))) return [];
  return events
    .filter(({ type, involvedObject }) => type === 'Warning' && involvedObject.kind === 'Pod' && involvedObject.name === pod.metadata.name)
    .filter(({ reason }) => reason !== 'FailedScheduling')
    .map(({ reason = 'Warning', message = '' }) => ({ worker: podIndex(pod), reason, message }));
}

function deathFindings(pod: KubePod): Finding[] {
  const worker = podIndex(pod);
  if (pod.status?.reason !== undefined) return [{ worker, reason: pod.status.reason, message: pod.status.message ?? '' }];
  const limit = pod.spec.containers[0]?.resources?.limits?.memory;
  return statusesOf(pod).flatMap(({ state }) => {
    const { exitCode = 0, reason = 'Error', message = '' } = state?.terminated ?? {};
    if (exitCode === 0) return [];
    if (reason === 'OOMKilled')
      return [{ worker, reason, message: `out of memory, limit ${limit ?? 'of the node'} (exit status ${exitCode})` }];
    const lastLine = message.trimEnd().split('\n').at(-1) ?? '';
    return [{ worker, reason, message: `exit status ${exitCode}${lastLine === '' ? '' : `: ${lastLine}`}` }];
  });
}

function groupFindings(findings: readonly Finding[]): EngineProblem[] {
  const groups = new Map<string, { first: Finding; workers: Set<number> }>();
  for (const finding of findings) {
    const key = `${finding.reason}\n${withoutPodName(finding.message)}`;
    const group = groups.get(key) ?? { first: finding, workers: new Set<number>() };
    if (finding.worker !== undefined) group.workers.add(finding.worker);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first: { reason, message }, workers }) => ({
    reason,
    message: redact([workersText([...workers].sort((a, b) => a - b)), message].filter((text) => text !== '').join(': ')),
  }));
}

/** The name of a refused pod has a random suffix. */
function withoutPodName(message: string): string {
  return message.replace(/pods "[^"]+"/g, 'pods').replace(/\b[a-z0-9-]+_[a-z0-9-]+\([0-9a-f-]{36}\)/g, 'pod');
}

function workersText(workers: readonly number[]): string {
  if (workers.length === 0) return '';
  if (workers.length === 1) return `worker ${workers[0]}`;
  const more = workers.length - WORKERS_NAMED;
  return more > 0 ? `workers ${workers.slice(0, WORKERS_NAMED).join(', ')} and ${more} more` : `workers ${workers.join(', ')}`;
}

/** Number of indexes in a list of ranges: 4 for `1,3-5`. */
export function countIndexes(ranges: string | undefined): number {
  return countIndexesBelow(ranges, Number.POSITIVE_INFINITY);
}

/** The same for indexes below a limit: 2 for `1,3-5` and 4. */
export function countIndexesBelow(ranges: string | undefined, limit: number): number {
  if (ranges === undefined || ranges === '') return 0;
  return ranges
    .split(',')
    .map((range) => range.split('-').map(Number))
    .reduce((sum, [from = 0, to = from]) => sum + Math.max(0, Math.min(to + 1, limit) - from), 0);
}
