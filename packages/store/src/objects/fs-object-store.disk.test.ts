import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProgram, type TestProgram } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Puts until the disk is full, makes it read-only, and prints the outcomes. */
const PROGRAM = `
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createFsObjectStore } from './fs-object-store.ts';
const root = process.argv[2];
const store = createFsObjectStore(root);
const bytes = new Uint8Array(100_000).fill(7);
const fails = async (action) => { try { await action(); } catch ({ code, message }) { return { code, message }; } };
let count = 0;
let full;
while (full === undefined) full = await fails(async () => { await store.put('full/' + count, bytes); count++; });
const unfinished = readdirSync(root + '/.tmp').filter((name) => name.startsWith('write.'));
const whole = [];
for await (const { key } of store.list('full/')) whole.push((await store.get(key)).bytes.length);
await store.delete('full/0');
const roomAgain = await fails(() => store.put('full/again', bytes));
execFileSync('mount', ['-o', 'remount,ro', root]);
const readOnly = await fails(() => store.put('a', bytes.subarray(0, 10)));
const stillRead = (await store.get('full/again')).bytes.length;
console.log(JSON.stringify({ count, full, unfinished, whole, roomAgain, readOnly, stillRead }));
`;

const MOUNT = 'mount -t tmpfs -o size=1m none "$1"';
/** A file system of our own needs a user namespace; some containers allow none. */
const canMount = spawnSync('unshare', ['-rm', 'sh', '-c', MOUNT, 'sh', tmpdir()]).status === 0;

let program: TestProgram;
let root: string;
beforeAll(async () => {
  program = await buildProgram(PROGRAM, import.meta.dirname);
  root = await mkdtemp(join(tmpdir(), 'modelops-disk-'));
});
afterAll(async () => {
  await program.remove();
  await rm(root, { recursive: true, force: true });
});

describe.skipIf(!canMount)('createFsObjectStore on a disk of 1 MiB (needs a user namespace)', () => {
  it('reports a full and a read-only disk; nothing written before is lost', () => {
    const { stdout, stderr } = spawnSync(
      'unshare',
      ['-rm', 'sh', '-c', `${MOUNT} && exec "$2" "$3" "$1"`, 'sh', root, process.execPath, program.path],
      {
        encoding: 'utf8',
      },
    );
    expect(stderr).toBe('');
    const report = JSON.parse(stdout);
    expect(report).toEqual({
      count: expect.any(Number),
      full: { code: 'STORE_UNWRITABLE', message: `the store ${root} is full: full/${report.count}` },
      unfinished: [],
      whole: Array.from({ length: report.count }, () => 100_000),
      readOnly: { code: 'STORE_UNWRITABLE', message: `the store ${root} is read-only: a` },
      stillRead: 100_000,
    });
    expect(report.count).toBeGreaterThan(5);
  });
});
