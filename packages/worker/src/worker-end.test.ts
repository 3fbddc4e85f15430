import { ModelOpsError } from '@modelops/contracts';
import { LoadFailed } from '@modelops/model-host';
import { describe, expect, it } from 'vitest';
import { describeFailure } from './worker-end.ts';

const SECRET = 'AccountKey=hush/Hush8w==';

describe('how a worker logs what stopped it', () => {
  it.each([
    ['a defect, with its stack', new TypeError(`x is undefined (${SECRET})`), 1, /^defect: TypeError: x is undefined .*\n\s+at /s],
    ['something thrown that is not an error', `thrown ${SECRET}`, 1, /^defect: thrown/],
    ['an error that a restart may fix', new ModelOpsError('STORE_UNREACHABLE', SECRET), 1, /^STORE_UNREACHABLE: /],
    ['an error that a restart would not fix', new ModelOpsError('BUNDLE_INVALID', SECRET, { hint: SECRET }), 42, /^BUNDLE_INVALID: /],
    ['a full disk', new ModelOpsError('STORE_UNWRITABLE', `the store is full ${SECRET}`), 42, /^STORE_UNWRITABLE: the store is full/],
    [
      'a model that does not load',
      new LoadFailed({ kind: 'exception', type: 'Error', message: SECRET, traceback: `Error: ${SECRET}\n    at m.ts:1` }),
      42,
      /^the model does not load: Error: .*\nError: /,
    ],
  ])('is without secrets, and names %s', (_, error, status, message) => {
    const found = describeFailure(error);
    expect(found).toEqual({ message: expect.stringMatching(message), status });
    expect(found.message).not.toContain('hush');
  });
});
