import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lastWorkerError } from './worker-error.ts';

const log = join(mkdtempSync(join(tmpdir(), 'modelops-log-')), 'worker-0.log');
const at = '2026-03-01T12:00:00.000Z';
const full = 'STORE_UNWRITABLE: the store /data is full: jobs/job-1/attempts/1/done/3 (choose another folder)';

it.each([
  ['a full disk', `${at} chunk 0: 3 computed\n${at} ${full}\n`, full],
  ['the last of several', `${at} CONFLICT: earlier\n${at} SIGTERM: writing finished results\n${at} ${full}\nprinted: by a model\n`, full],
  ['a defect', `${at} defect: TypeError: x is undefined\n    at f (a.js:1:1)\n`, 'defect: TypeError: x is undefined'],
  ['nothing', `${at} chunk 0: 3 computed\nSTORE_UNWRITABLE: printed by a model\n`, undefined],
  ['an error after 1 MB of output', `${'x'.repeat(2 ** 20)}\n${at} ${full}\n`, full],
])('finds %s in the log of a worker', (_, text, error) => {
  writeFileSync(log, text);
  expect(lastWorkerError(log)).toBe(error);
});

it('finds nothing without a log', () => expect(lastWorkerError(`${log}.gone`)).toBeUndefined());
