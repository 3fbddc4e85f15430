import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProgram, type TestProgram } from '@modelops/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { programPath } from '../programs.ts';
import { makeModel } from '../testing/models.ts';
import { makeFolder } from '../testing/sources.ts';
import { untilGone } from '../testing/until-gone.ts';
import { createReaper } from './reaper.ts';

/** A worker that starts a host with a task that never ends, and announces it. */
const WORKER = `
import { createChildHostStarter } from './child-host.ts';
const [program, host] = process.argv.slice(2);
const hosts = createChildHostStarter({ command: process.execPath, args: [host], cwd: '/', timeoutMs: 3_600_000, onOutput: () => {} });
const load = { program, exportName: 'Model', scenario: 'baseline', config: null, outputs: ['out'], targets: [] };
await (await hosts.start(load)).run({ values: [{}], set: [0], seeds: [0] });
`;

let worker: TestProgram;
beforeAll(async () => {
  worker = await buildProgram(WORKER, import.meta.dirname);
});
afterAll(() => worker.remove());

describe('a host whose worker is killed', () => {
  it.each(['SIGKILL', 'SIGTERM', 'the whole group'] as const)('by %s does not outlive it, even if it hangs in a task', async (how) => {
    const file = join(makeFolder(), 'pids');
    const { program } = makeModel({
      head: `import { spawn } from 'node:child_process'; import { renameSync, writeFileSync } from 'node:fs';`,
      simulate: `const pids = [false, true].map((detached) => spawn('sleep', ['1000'], { detached }).pid);
        writeFileSync(${JSON.stringify(`${file}.new`)}, [process.pid, ...pids].join(' '));
        renameSync(${JSON.stringify(`${file}.new`)}, ${JSON.stringify(file)}); for (;;);`,
    });
    const child = spawn(process.execPath, [worker.path, program, programPath('node-host')], { detached: true, stdio: 'ignore' });
    const pids = await vi.waitFor(() => readFileSync(file, 'utf8').split(' ').map(Number), { timeout: 30_000 });
    if (how === 'the whole group') process.kill(-child.pid!, 'SIGKILL');
    else child.kill(how);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    for (const pid of pids) await untilGone(pid);
  });
});

const shells = () =>
  readdirSync(`/proc/${process.pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${process.pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/bin/sh')),
  );

it.skipIf(!existsSync('/proc/self/task'))('has no variable of its worker’s environment (needs /proc)', () => {
  process.env.MODELOPS_LOOK_FOR_ME = 'a secret';
  const before = shells();
  createReaper();
  delete process.env.MODELOPS_LOOK_FOR_ME;
  const [shell] = shells().filter((pid) => !before.includes(pid));
  expect(readFileSync(`/proc/${shell}/environ`, 'utf8')).toBe('PATH=/usr/bin:/bin\0');
});
