import { ModelOpsError } from '../errors.ts';

declare const brand: unique symbol;
/** A string that only its own parser or rule returns. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** 64 lowercase hex digits, branded. @throws IDENTITY_INVALID */
export function parseHexId<Name extends string>(text: string, noun: string): Branded<Name> {
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new ModelOpsError('IDENTITY_INVALID', `invalid ${noun} "${text.slice(0, 80)}": expected 64 lowercase hex digits`);
  return text as Branded<Name>;
}

/** For people only: the first 12 digits of an id, without its `sha256:`. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

export type JobId = Branded<'JobId'>;

/** A job's name: `job-` and 1 to 36 lowercase letters or digits; a DNS label, so it can name a Kubernetes object. @throws IDENTITY_INVALID */
export function parseJobId(text: string): JobId {
  if (!isJobId(text)) throw new ModelOpsError('IDENTITY_INVALID', `invalid job id "${text.slice(0, 80)}"`, { hint: 'mops jobs list' });
  return text;
}

export function isJobId(text: string): text is JobId {
  return /^job-[a-z0-9]{1,36}$/.test(text);
}
