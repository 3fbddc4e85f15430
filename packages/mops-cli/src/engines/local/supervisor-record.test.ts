import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '@modelops/system';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unstartedWorkers, untilRecordChanges, writeSupervisorRecord } from './supervisor-record.ts';

const FOR_EVER = 2 ** 31 - 1;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'record-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('untilRecordChanges', () => {
  it('ends as soon as the supervisor writes its record, long before its time', async () => {
    const changed = untilRecordChanges(dir, FOR_EVER);
    writeSupervisorRecord(dir, { supervisor: identifyProcess(process.pid), workers: unstartedWorkers(1) });
    await expect(changed).resolves.toBeUndefined();
  });

  it('ends when its time is over where there is nothing to watch', async () => {
    await expect(untilRecordChanges(join(dir, 'gone'), 10)).resolves.toBeUndefined();
  });
});
