import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '@modelops/model-host/testing';
import { expect, it } from 'vitest';
import { withFileLock } from './file-lock.ts';

it('lets one in at a time, whether it succeeds or fails', async () => {
  const file = join(makeFolder(), 'lock');
  let inside = 0;
  let most = 0;
  const work = async (i: number) => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
    if (i % 3 === 0) throw new Error('failed');
  };
  await Promise.allSettled(Array.from({ length: 20 }, (_, i) => withFileLock(file, () => work(i))));
  expect([most, existsSync(file)]).toEqual([1, false]);
});

it('takes over from a process that has died, one at a time', async () => {
  const file = join(makeFolder(), 'lock');
  const dead = execFileSync(process.execPath, ['-e', 'console.log(process.pid)']).toString().trim();
  writeFileSync(file, `${hostname()} ${dead}`);
  let inside = 0;
  const seen = await Promise.all(
    Array.from({ length: 8 }, () =>
      withFileLock(file, async () => {
        inside++;
        await new Promise((resolve) => setImmediate(resolve));
        return inside--;
      }),
    ),
  );
  expect(seen).toEqual(Array(8).fill(1));
});
