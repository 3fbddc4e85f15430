import { ModelOpsError } from '@modelops/contracts';

const TAG = /^\w[\w.-]{0,127}$/;

/** @throws IDENTITY_INVALID for a tag that the OCI distribution spec does not allow */
export function checkTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  throw new ModelOpsError('IDENTITY_INVALID', `invalid tag "${tag.slice(0, 160)}"`, {
    hint: 'use 1 to 128 letters, digits, _ . or -, not starting with . or -',
  });
}
