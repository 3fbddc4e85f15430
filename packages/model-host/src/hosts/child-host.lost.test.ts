import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../testing/sources.ts';
import { lostTo, ONE_TASK, startHost, tasksOf } from '../testing/started-hosts.ts';
import { untilGone } from '../testing/until-gone.ts';

describe('a host that is lost', () => {
  const LOOP = 'for (;;);';

  it('because of a task beyond its time limit is killed with its whole group, and the limit is reported', async () => {
    const pids = join(makeFolder(), 'pids');
    const host = await startHost(
      {
        head: `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';`,
        simulate: `const child = spawn('sleep', ['1000'], { stdio: 'inherit' }); console.error('looping'); writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid); ${LOOP}`,
      },
      { timeoutMs: 3000 },
    );
    const reason = await lostTo(host.run(ONE_TASK));
    expect(reason).toMatchObject({ kind: 'timeout', message: 'the task ran longer than its limit of 3 s', stderr_tail: 'looping\n' });
    for (const pid of readFileSync(pids, 'utf8').split(' ').map(Number)) await untilGone(pid);
  });

  it('is timed by the task, not by the batch', async () => {
    const host = await startHost(
      { simulate: `const end = performance.now() + 250; while (performance.now() < end); return { out: { x: Int32Array.of(1) } };` },
      { timeoutMs: 2000 },
    );
    const { durations } = await host.run(tasksOf(...Array.from({ length: 16 }, () => ({}))));
    expect(durations.reduce((a, b) => a + b, 0)).toBeGreaterThan(2000);
  });

  it('has at most the longest time limit of a timer', async () => {
    const host = await startHost({ simulate: 'return { out: { x: Int32Array.of(1) } };' }, { timeoutMs: 90 * 24 * 3600 * 1000 });
    expect((await host.run(ONE_TASK)).errors).toEqual([]);
  });

  it('because of an evaluation beyond the limit is reported as such', async () => {
    const host = await startHost({ simulate: '', targets: { hanging: LOOP } }, { timeoutMs: 500 });
    const answer = host.evaluate('hanging', { o: { rows: Int32Array.of(0), columns: [] } });
    expect((await lostTo(answer)).message).toBe('the evaluation ran longer than its limit of 0.5 s');
  });

  it.each([
    [
      'an exit',
      'console.error("going"); process.exit(3)',
      { kind: 'crash', type: 'Exit', message: 'the model host exited with status 3 before it answered', stderr_tail: 'going\n' },
    ],
    [
      'a signal',
      'process.kill(process.pid, "SIGSEGV"); for (;;);',
      { kind: 'crash', type: 'SIGSEGV', message: 'the model host died of SIGSEGV' },
    ],
    ['SIGKILL', 'process.kill(process.pid, "SIGKILL"); for (;;);', { kind: 'crash', type: 'Killed' }],
  ])('by %s is named by it, with what it last wrote to stderr', async (_how, simulate, reason) => {
    const host = await startHost({ simulate });
    expect(await lostTo(host.run(ONE_TASK))).toMatchObject(reason);
    expect(await lostTo(host.run(ONE_TASK))).toMatchObject(reason);
  });

  it('because its heap is exhausted is reported with the limit', async () => {
    const host = await startHost(
      { simulate: 'const held = []; for (;;) held.push(new Array(1e6).fill({}));' },
      { args: ['--max-old-space-size=80', nodeHostOf()] },
    );
    expect(await lostTo(host.run(ONE_TASK))).toMatchObject({
      kind: 'out_of_memory',
      message: expect.stringMatching(/^out of memory, limit \d+ MiB: the model host exhausted its heap$/),
    });
  });

  it('because the kernel killed it for lack of memory is reported with the limit of the container', async () => {
    let kills = 3;
    const memory = { limit: 256 * 2 ** 20, oomKills: () => kills };
    const host = await startHost({ simulate: LOOP }, { memory });
    const answer = host.run(ONE_TASK);
    kills++; // the kernel counts another kill
    await Promise.all([
      host.kill(),
      expect(lostTo(answer)).resolves.toMatchObject({
        kind: 'out_of_memory',
        message: 'out of memory, limit 256 MiB: the kernel killed the model host',
      }),
    ]);
  });

  it('is detected at once even if a child process of the model keeps its streams open', async () => {
    const pid = join(makeFolder(), 'pid');
    const host = await startHost({
      head: `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';`,
      simulate: `writeFileSync(${JSON.stringify(pid)}, String(spawn('sleep', ['1000'], { stdio: 'inherit' }).pid)); process.exit(1);`,
    });
    expect(await lostTo(host.run(ONE_TASK))).toMatchObject({ kind: 'crash', type: 'Exit' });
    await untilGone(Number(readFileSync(pid, 'utf8')));
  });

  it('fails every waiting call, and may be killed twice', async () => {
    const host = await startHost({ simulate: LOOP });
    const answers = [host.run(ONE_TASK), host.run(ONE_TASK), host.evaluate('none', { o: { rows: Int32Array.of(0), columns: [] } })];
    const reason = { kind: 'out_of_memory', type: 'OutOfMemory', message: 'out of memory' } as const;
    await Promise.all([host.kill(reason), host.kill(), ...answers.map((answer) => expect(lostTo(answer)).resolves.toMatchObject(reason))]);
    await host.kill();
  });
});

function nodeHostOf(): string {
  return new URL('../../dist/node-host.js', import.meta.url).pathname;
}
