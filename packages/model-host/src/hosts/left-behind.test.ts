import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../testing/sources.ts';
import { lostTo, ONE_TASK, startHost } from '../testing/started-hosts.ts';
import { untilGone } from '../testing/until-gone.ts';

/** A model that starts processes in separate sessions, which keep its streams open, and then does `after`. */
function daemonModel(file: string, after: string) {
  const path = JSON.stringify(file);
  return {
    head: `import { spawn, execFileSync } from 'node:child_process'; import { writeFileSync } from 'node:fs';`,
    simulate: `const child = spawn('sleep', ['1000'], { stdio: [0, 1, 2, 3, 4], detached: true });
      const orphan = execFileSync('sh', ['-c', 'setsid sleep 1000 >&2 & echo $!'], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
      writeFileSync(${path}, child.pid + ' ' + orphan.trim()); ${after}`,
  };
}
const pidsIn = (file: string) => readFileSync(file, 'utf8').split(' ').map(Number);

describe.skipIf(!existsSync('/proc/self/environ'))('processes that a model started in separate sessions (needs /proc)', () => {
  it('are killed with their host when a task exceeds its limit', async () => {
    const file = join(makeFolder(), 'pids');
    const host = await startHost(daemonModel(file, 'for (;;);'), { timeoutMs: 3000 });
    expect(await lostTo(host.run(ONE_TASK))).toMatchObject({ kind: 'timeout' });
    for (const pid of pidsIn(file)) await untilGone(pid);
  });

  it('are killed when their host exits, and do not delay its report', async () => {
    const file = join(makeFolder(), 'pids');
    const host = await startHost(daemonModel(file, 'process.exit(1);'));
    expect(await lostTo(host.run(ONE_TASK))).toMatchObject({ kind: 'crash', type: 'Exit' });
    for (const pid of pidsIn(file)) await untilGone(pid);
  });

  it('do not delay the report of a host when they hide from the search', async () => {
    const file = join(makeFolder(), 'pid');
    const host = await startHost({
      head: `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';`,
      simulate: `const child = spawn('sleep', ['1000'], { stdio: [0, 1, 2, 3, 4], detached: true, env: { PATH: process.env.PATH } });
        writeFileSync(${JSON.stringify(file)}, String(child.pid)); process.exit(1);`,
    });
    expect(await lostTo(host.run(ONE_TASK))).toMatchObject({ kind: 'crash', type: 'Exit' });
    process.kill(Number(readFileSync(file, 'utf8')), 'SIGKILL');
  });

  it('of another host are not killed', async () => {
    const [first, second] = [join(makeFolder(), 'a'), join(makeFolder(), 'b')];
    const staying = await startHost(daemonModel(first, 'return { out: { x: Int32Array.of(1) } };'));
    await staying.run(ONE_TASK);
    const ending = await startHost(daemonModel(second, 'return { out: { x: Int32Array.of(1) } };'));
    await ending.run(ONE_TASK);
    await ending.kill();
    for (const pid of pidsIn(second)) await untilGone(pid);
    for (const pid of pidsIn(first)) expect(existsSync(`/proc/${pid}`)).toBe(true);
    await staying.kill();
    for (const pid of pidsIn(first)) await untilGone(pid);
  });
});
