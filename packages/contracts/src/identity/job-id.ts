import { ModelOpsError } from '../errors.ts';
import type { Branded } from './hex-id.ts';

export type JobId = Branded<'JobId'>;

/** A job's name: `job-` and 8 or more lower-case letters or digits; a DNS label, so it may name a Kubernetes object. @throws IDENTITY_INVALID */
export function parseJobId(text: string): JobId {
  if (!/^job-[a-z0-9]{1,36}$/.test(text))
    throw new ModelOpsError('IDENTITY_INVALID', `"${text.slice(0, 80)}" is not a job id`, { hint: 'mops jobs list shows them' });
  return text as JobId;
}
