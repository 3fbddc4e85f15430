import { type JobId, ModelOpsError } from '@modelops/contracts';

/** The error for an attempt without a running worker. */
export function nothingToScale(job: JobId): ModelOpsError {
  return new ModelOpsError('CONFLICT', `the workers of ${job} have ended`, { hint: `mops jobs sync ${job}` });
}

/** The error for a width in which every worker has ended: those outside it run the last chunks, which nobody would continue. */
export function noneWouldRemain(job: JobId, workers: number): ModelOpsError {
  const which = workers === 1 ? 'the first worker' : `each of the first ${workers} workers`;
  return new ModelOpsError('CONFLICT', `${which} of ${job} has ended, and only further ones still run`, { hint: `mops jobs wait ${job}` });
}
