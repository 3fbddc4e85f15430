import { ModelOpsError } from '../errors.ts';
import type { Branded } from './hex-id.ts';

export type JobId = Branded<'JobId'>;

/** A job's name: `job-` and 1 to 36 lowercase letters or digits; a DNS label, so it can name a Kubernetes object. @throws IDENTITY_INVALID */
export function parseJobId(text: string): JobId {
  if (!isJobId(text)) throw new ModelOpsError('IDENTITY_INVALID', `invalid job id "${text.slice(0, 80)}"`, { hint: 'mops jobs list' });
  return text;
}

export function isJobId(text: string): text is JobId {
  return /^job-[a-z0-9]{1,36}$/.test(text);
}
