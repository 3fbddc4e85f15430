import type { KubePod } from './objects.ts';

/** Which worker of its attempt a pod is. */
export function podIndex({ metadata }: KubePod): number {
  const index =
    metadata.labels?.['batch.kubernetes.io/job-completion-index'] ?? metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
  return Number(index ?? 0);
}
