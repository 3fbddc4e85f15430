import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createReaper } from './reaper.ts';

const shells = () =>
  readdirSync(`/proc/${process.pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${process.pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/bin/sh')),
  );

it.skipIf(!existsSync('/proc/self/task'))('holds nothing of its worker’s environment (needs /proc)', () => {
  process.env.MODELOPS_LOOK_FOR_ME = 'a secret';
  const before = shells();
  createReaper();
  delete process.env.MODELOPS_LOOK_FOR_ME;
  const [shell] = shells().filter((pid) => !before.includes(pid));
  expect(readFileSync(`/proc/${shell}/environ`, 'utf8')).toBe('');
});
