import type { KubePod } from './objects.ts';

/** Index of the worker that a pod runs. */
export function podIndex({ metadata }: KubePod): number {
  const index =
    metadata.labels?.['batch.kubernetes.io/job-completion-index'] ?? metadata.annotations?.['batch.kubernetes.io/job-completion-index'];
  return Number(index ?? 0);
}
