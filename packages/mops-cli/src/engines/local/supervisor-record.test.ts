import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '@modelops/system';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { untilRecordChanges } from './read-supervisor-record.ts';
import { unstartedWorkers, writeSupervisorRecord } from './supervisor-record.ts';

const FOR_EVER = 2 ** 31 - 1;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'record-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('untilRecordChanges', () => {
  it('ends when the supervisor writes its record', async () => {
    const changed = untilRecordChanges(dir, FOR_EVER);
    writeSupervisorRecord(dir, { supervisor: identifyProcess(process.pid), workers: unstartedWorkers(1) });
    await expect(changed).resolves.toBeUndefined();
  });

  it('ends after the timeout when there is no folder to watch', async () => {
    await expect(untilRecordChanges(join(dir, 'gone'), 10)).resolves.toBeUndefined();
  });
});
