import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelSource } from '../testing/models.ts';
import { makeFolder } from '../testing/sources.ts';
import { ONE_TASK, startHost } from '../testing/started-hosts.ts';
import { LoadFailed } from './model-host.ts';

describe('a model that does not load', () => {
  const loadError = async (source: ModelSource, options = {}) => {
    const error = await startHost(source, options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LoadFailed);
    return (error as LoadFailed).reason;
  };
  it('fails with the first cause and its traceback', async () => {
    const reason = await loadError({ head: `console.error('reading'); JSON.parse('{');`, simulate: '' });
    expect(reason).toMatchObject({ kind: 'exception', type: 'SyntaxError' });
    expect(reason.traceback).toMatch(/model\.mjs/);
  });
  it('fails with its stderr if it kills the host, after two attempts', async () => {
    const file = join(makeFolder(), 'loads');
    const reason = await loadError({
      head: `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(file)}, 'x'); console.error('no licence'); process.exit(9);`,
      simulate: '',
    });
    expect(reason).toMatchObject({
      kind: 'crash',
      message: 'the model host exited with status 9 before it answered',
      stderr_tail: 'no licence\n',
    });
    expect(readFileSync(file, 'utf8')).toBe('xx');
  });
  it('loads when only its first host died', async () => {
    const file = join(makeFolder(), 'loads');
    const host = await startHost({
      head: `import { existsSync, writeFileSync } from 'node:fs'; if (!existsSync(${JSON.stringify(file)})) { writeFileSync(${JSON.stringify(file)}, ''); process.kill(process.pid, 'SIGKILL'); for (;;); }`,
      simulate: 'return { out: { x: Int32Array.of(1) } };',
    });
    expect((await host.run(ONE_TASK)).errors).toEqual([]);
    expect(existsSync(file)).toBe(true);
  });
  it('fails when it takes longer than the limit', async () => {
    expect(await loadError({ head: 'for (;;);', simulate: '' }, { loadTimeoutMs: 500 })).toMatchObject({
      kind: 'timeout',
      message: 'the model took longer to load than its limit of 0.5 s',
    });
  });
  it('may take longer to load than a task may take to run', async () => {
    const head = 'const end = performance.now() + 3500; while (performance.now() < end);';
    const host = await startHost({ head, simulate: 'return { out: { x: Int32Array.of(1) } };' }, { timeoutMs: 3000 });
    expect((await host.run(ONE_TASK)).errors).toEqual([]);
  });
  it('fails if the program of its host does not exist', async () => {
    expect(await loadError({ simulate: '' }, { command: '/no/such/node' })).toMatchObject({
      type: 'SpawnError',
      message: expect.stringContaining('/no/such/node did not start'),
    });
  });
});
