import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ModelSource, makeFolder, makeModel, nodeHosts } from '../testing/models.ts';
import type { RunMessage } from './messages.ts';
import { HostLost, LoadFailed, type ModelHost } from './model-host.ts';

const running = new Set<ModelHost>();
afterEach(async () => {
  await Promise.all([...running].map((host) => host.kill()));
  running.clear();
  vi.unstubAllEnvs();
});

async function start(source: ModelSource, options: Parameters<typeof nodeHosts>[0] = {}): Promise<ModelHost> {
  const host = await nodeHosts(options).start(makeModel(source));
  running.add(host);
  return host;
}

const tasks = (...values: Record<string, number | string>[]): RunMessage => ({
  values,
  set: values.map((_, at) => at),
  seeds: values.map((_, at) => at),
});
const ONE = tasks({});
const lostTo = async (answer: Promise<unknown>) => {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HostLost);
  return (error as HostLost).reason;
};
const isAlive = (pid: number) => {
  try {
    // A zombie whose parent has not looked yet is gone.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0] !== 'Z';
  } catch {
    return false;
  }
};
const gone = (pid: number) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000 });

describe('what crosses between worker and host', () => {
  it.each([1, 65_535, 65_536, 65_537, 2 ** 20, 2 ** 26])('is whole with an answer of %i bytes', async (size) => {
    const host = await start({
      simulate: `return { out: { x: new Float64Array(values.n).map((_, i) => i), s: new Array(values.n).fill('') } };`,
    });
    const n = Math.max(1, Math.floor(size / 8));
    const { outputs } = await host.run(tasks({ n }));
    const x = outputs.out!.columns[0]!.values as Float64Array;
    expect([x.length, x[0], x[n - 1]]).toEqual([n, 0, n - 1]);
    expect(x.every((value, i) => value === i)).toBe(true);
  });

  it.each([65_535, 65_536, 65_537, 2 ** 20, 2 ** 26])('is whole with text of %i bytes in a value', async (size) => {
    const host = await start({ simulate: `return { out: { n: Int32Array.of(values.text.length), text: [values.text] } };` });
    const text = 'é'.repeat(Math.floor(size / 2)) + (size % 2 ? 'x' : '');
    const { outputs } = await host.run(tasks({ text }));
    expect((outputs.out!.columns[0]!.values as Int32Array)[0]).toBe(text.length);
    expect((outputs.out!.columns[1]!.values as string[])[0]).toBe(text);
  });

  it('is whole with 64 MiB to evaluate, while answers of 64 MiB come back', async () => {
    const host = await start({
      simulate: `return { out: { x: new Float64Array(2 ** 23).fill(2) } };`,
      targets: { total: 'return { loss: columns.x.reduce((a, b) => a + b, 0), diagnostics: {}, n_replicates: rows.length };' },
    });
    const [ran, evaluated] = await Promise.all([
      host.run(ONE),
      host.evaluate('total', { rows: Int32Array.of(2 ** 23), columns: [{ name: 'x', values: new Float64Array(2 ** 23).fill(1) }] }),
    ]);
    expect(ran.outputs.out!.rows[0]).toBe(2 ** 23);
    expect(evaluated).toMatchObject({ loss: 2 ** 23, n_replicates: 1 });
  });

  it('keeps every column type, seeds to 2^64 − 1 and the order of many calls', async () => {
    const host = await start({
      simulate: `return { out: { seed: [String(seed)], i: Int32Array.of(values.k), f: Float64Array.of(values.k / 2), l: BigInt64Array.of(BigInt(values.k)), b: [values.k > 1] } };`,
    });
    const answers = await Promise.all([0, 1, 2].map((k) => host.run({ values: [{ k }], set: [0, 0], seeds: [k, '18446744073709551615'] })));
    answers.forEach(({ outputs }, k) => {
      expect([...outputs.out!.rows]).toEqual([1, 1]);
      expect(Object.fromEntries(outputs.out!.columns.map(({ name, values }) => [name, [...values]]))).toEqual({
        seed: [String(k), '18446744073709551615'],
        i: [k, k],
        f: [k / 2, k / 2],
        l: [BigInt(k), BigInt(k)],
        b: [k > 1, k > 1],
      });
    });
  });

  it('is untouched by what the model prints, on whatever way', async () => {
    const printed: string[] = [];
    const host = await start(
      {
        head: `import { writeSync } from 'node:fs'; import { execFileSync } from 'node:child_process'; console.log('at load');`,
        simulate: `console.log('log'); console.error('error'); process.stdout.write('stdout\\n'); writeSync(1, 'raw 1\\n'); writeSync(2, 'raw 2\\n');
          execFileSync('sh', ['-c', 'echo child; echo child error >&2'], { stdio: 'inherit' }); return { out: { x: Int32Array.of(7) } };`,
      },
      { onOutput: (text) => printed.push(text) },
    );
    for (let round = 0; round < 20; round++) expect((await host.run(ONE)).outputs.out!.columns[0]!.values[0]).toBe(7);
    await vi.waitFor(() => {
      const text = printed.join('');
      for (const line of ['at load', 'log', 'error', 'stdout', 'raw 1', 'raw 2', 'child', 'child error'])
        expect(text).toContain(`${line}\n`);
    });
  });

  it('goes on though the model floods both of its streams', async () => {
    let printed = 0;
    const host = await start(
      {
        head: `import { writeSync } from 'node:fs';`,
        simulate: `const line = 'x'.repeat(65_537); for (let i = 0; i < 40; i++) { writeSync(2, line); writeSync(1, line); } return { out: { x: Int32Array.of(1) } };`,
      },
      {
        onOutput: (text) => {
          printed += text.length;
        },
      },
    );
    for (let round = 0; round < 3; round++) expect((await host.run(ONE)).errors).toEqual([]);
    await vi.waitFor(() => expect(printed).toBe(3 * 40 * 2 * 65_537));
  });

  it('ends the host that writes something else on the descriptor of its answers', async () => {
    const host = await start({
      head: `import { writeSync } from 'node:fs';`,
      simulate: `writeSync(4, Buffer.from([8, 0, 0, 0, 4, 0, 0, 0, 110, 111, 112, 101])); return { out: { x: Int32Array.of(1) } };`,
    });
    expect(await lostTo(host.run(ONE))).toMatchObject({ kind: 'crash', type: 'ProtocolError' });
  });
});

describe('a model exception', () => {
  it('is an answer with type, message, traceback and what the task printed to stderr, and the host goes on', async () => {
    const host = await start({
      head: 'class TooWarm extends Error {}',
      simulate: `console.error('about to look at', values.t); if (values.t > 1) throw new TooWarm('t is ' + values.t); return { out: { t: Int32Array.of(values.t) } };`,
    });
    const { errors, outputs } = await host.run(tasks({ t: 1 }, { t: 2 }, { t: 0 }));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ task: 1, error: { kind: 'exception', type: 'TooWarm', message: 't is 2' } });
    expect(errors[0]!.error.traceback).toMatch(/^Error: t is 2\n.*at .*model\.mjs/s);
    expect(errors[0]!.error.stderr_tail).toBe('about to look at 2\n');
    expect([[...outputs.out!.rows], [...outputs.out!.columns[0]!.values]]).toEqual([
      [1, 0, 1],
      [1, 0],
    ]);
  });

  it.each([
    ['nothing', 'undefined', 'undefined', 'undefined'],
    ['text', '"text"', 'string', 'text'],
    ['a thing without text', 'Object.create(null)', 'object', 'something that has no text'],
    ['an error without a prototype of its own', 'Object.assign(new Error("m"), { constructor: undefined })', 'Error', 'm'],
    [
      'an error whose message is no text',
      'Object.assign(new RangeError(), { message: Object.create(null) })',
      'RangeError',
      'something that has no text',
    ],
  ])('may be %s', async (_what, thrown, type, message) => {
    const host = await start({ simulate: `throw ${thrown};` });
    expect((await host.run(ONE)).errors[0]!.error).toMatchObject({ kind: 'exception', type, message });
  });

  it('is cut where it holds a whole dataset', async () => {
    const host = await start({ simulate: `throw new Error('x'.repeat(10_000_000));` });
    const { message, traceback } = (await host.run(ONE)).errors[0]!.error;
    expect(message).toMatch(/^x{4096}… \(10000000 characters\)$/);
    expect(traceback!.length).toBeLessThan(17_000);
  });

  it('of a target is an evaluation without a loss, as is a loss that is no finite number', async () => {
    const host = await start({
      simulate: '',
      targets: {
        throwing: 'throw new RangeError("no overlap")',
        infinite: 'return { loss: 1 / 0, diagnostics: {}, n_replicates: 1 }',
        nan: 'return { loss: NaN, diagnostics: {}, n_replicates: 1 }',
        unwritable: 'return { loss: 1, diagnostics: { n: 1n }, n_replicates: 1 }',
      },
    });
    const table = { rows: Int32Array.of(0), columns: [] };
    const reasonOf = async (target: string) => (await host.evaluate(target, table)) as { error: { type: string; message: string } };
    expect((await reasonOf('throwing')).error).toMatchObject({ kind: 'exception', type: 'RangeError', message: 'no overlap' });
    expect((await reasonOf('infinite')).error.message).toBe('the loss is Infinity');
    expect((await reasonOf('nan')).error.message).toBe('the loss is NaN');
    expect((await reasonOf('unwritable')).error.message).toMatch(/BigInt/);
  });
});

describe('a host that is lost', () => {
  const LOOP = 'for (;;);';

  it('for a task beyond its limit is killed with its whole group, and the limit is named', async () => {
    const pids = join(makeFolder(), 'pids');
    const host = await start(
      {
        head: `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';`,
        simulate: `const child = spawn('sleep', ['1000'], { stdio: 'inherit' }); console.error('looping'); writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid); ${LOOP}`,
      },
      { timeoutMs: 700 },
    );
    const reason = await lostTo(host.run(ONE));
    expect(reason).toMatchObject({ kind: 'timeout', message: 'the task ran longer than its limit of 0.7 s', stderr_tail: 'looping\n' });
    for (const pid of readFileSync(pids, 'utf8').split(' ').map(Number)) await gone(pid);
  });

  it('is measured by the task, not by the batch', async () => {
    const host = await start(
      { simulate: `const end = performance.now() + 250; while (performance.now() < end); return { out: { x: Int32Array.of(1) } };` },
      { timeoutMs: 2000 },
    );
    const { durations } = await host.run(tasks(...Array.from({ length: 16 }, () => ({}))));
    expect(durations.reduce((a, b) => a + b, 0)).toBeGreaterThan(2000);
  });

  it('is given the longest limit that a timer has where its own is longer', async () => {
    const host = await start({ simulate: 'return { out: { x: Int32Array.of(1) } };' }, { timeoutMs: 90 * 24 * 3600 * 1000 });
    expect((await host.run(ONE)).errors).toEqual([]);
  });

  it('with an evaluation beyond the limit says that it was one', async () => {
    const host = await start({ simulate: '', targets: { hanging: LOOP } }, { timeoutMs: 500 });
    const answer = host.evaluate('hanging', { rows: Int32Array.of(0), columns: [] });
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
    const host = await start({ simulate });
    expect(await lostTo(host.run(ONE))).toMatchObject(reason);
    expect(await lostTo(host.run(ONE))).toMatchObject(reason);
  });

  it('out of its heap says so with the limit', async () => {
    const host = await start(
      { simulate: 'const held = []; for (;;) held.push(new Array(1e6).fill({}));' },
      { args: ['--max-old-space-size=80', nodeHostOf()] },
    );
    expect(await lostTo(host.run(ONE))).toMatchObject({
      kind: 'out_of_memory',
      message: expect.stringMatching(/^out of memory, limit \d+ MiB: the model host exhausted its heap$/),
    });
  });

  it('to the kernel for want of memory says so with the limit of the container', async () => {
    let kills = 3;
    const memory = { limit: 256 * 2 ** 20, oomKills: () => kills };
    const host = await start({ simulate: LOOP }, { memory });
    const answer = host.run(ONE);
    kills++; // as the kernel counts one more
    await Promise.all([
      host.kill(),
      expect(lostTo(answer)).resolves.toMatchObject({
        kind: 'out_of_memory',
        message: 'out of memory, limit 256 MiB: the kernel killed the model host',
      }),
    ]);
  });

  it('is lost at once though what the model started holds its streams open', async () => {
    const pid = join(makeFolder(), 'pid');
    const host = await start({
      head: `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';`,
      simulate: `writeFileSync(${JSON.stringify(pid)}, String(spawn('sleep', ['1000'], { stdio: 'inherit' }).pid)); process.exit(1);`,
    });
    expect(await lostTo(host.run(ONE))).toMatchObject({ kind: 'crash', type: 'Exit' });
    await gone(Number(readFileSync(pid, 'utf8')));
  });

  it('loses every call that waits, and may be killed twice', async () => {
    const host = await start({ simulate: LOOP });
    const answers = [host.run(ONE), host.run(ONE), host.evaluate('none', { rows: Int32Array.of(0), columns: [] })];
    const reason = { kind: 'out_of_memory', type: 'OutOfMemory', message: 'out of memory' } as const;
    await Promise.all([host.kill(reason), host.kill(), ...answers.map((answer) => expect(lostTo(answer)).resolves.toMatchObject(reason))]);
    await host.kill();
  });
});

describe('a model that does not load', () => {
  const loadError = async (source: ModelSource, options = {}) => {
    const error = await start(source, options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LoadFailed);
    return (error as LoadFailed).reason;
  };
  it('fails with the first cause and its traceback', async () => {
    const reason = await loadError({ head: `console.error('reading'); JSON.parse('{');`, simulate: '' });
    expect(reason).toMatchObject({ kind: 'exception', type: 'SyntaxError' });
    expect(reason.traceback).toMatch(/model\.mjs/);
  });
  it('fails with its stderr when it takes the host along, and is tried twice', async () => {
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
    const host = await start({
      head: `import { existsSync, writeFileSync } from 'node:fs'; if (!existsSync(${JSON.stringify(file)})) { writeFileSync(${JSON.stringify(file)}, ''); process.kill(process.pid, 'SIGKILL'); for (;;); }`,
      simulate: 'return { out: { x: Int32Array.of(1) } };',
    });
    expect((await host.run(ONE)).errors).toEqual([]);
    expect(existsSync(file)).toBe(true);
  });
  it('fails when it takes longer than the limit', async () => {
    expect(await loadError({ head: 'for (;;);', simulate: '' }, { loadTimeoutMs: 500 })).toMatchObject({
      kind: 'timeout',
      message: 'the model took longer to load than its limit of 0.5 s',
    });
  });
  it('may take longer to load than a task may take to run', async () => {
    const head = 'const end = performance.now() + 900; while (performance.now() < end);';
    const host = await start({ head, simulate: 'return { out: { x: Int32Array.of(1) } };' }, { timeoutMs: 300 });
    expect((await host.run(ONE)).errors).toEqual([]);
  });
  it('fails where there is no such program to host it', async () => {
    expect(await loadError({ simulate: '' }, { command: '/no/such/node' })).toMatchObject({
      type: 'SpawnError',
      message: expect.stringContaining('/no/such/node did not start'),
    });
  });
});

describe('what a model sees of the environment', () => {
  it('holds no credentials, one thread a library, and nothing on stdin', async () => {
    vi.stubEnv('AZURE_STORAGE_CONNECTION_STRING', 'AccountKey=secret');
    vi.stubEnv('MODELOPS_ENVIRONMENT_FILE', '/etc/modelops/environment.yaml');
    vi.stubEnv('MODELOPS_HOME', '/home/secret');
    vi.stubEnv('DOCKER_CONFIG', '/etc/docker');
    vi.stubEnv('OMP_NUM_THREADS', '64');
    const host = await start({
      head: `import { readFileSync } from 'node:fs';`,
      simulate: `return { out: { env: [JSON.stringify(process.env)], stdin: [readFileSync(0, 'utf8')] } };`,
    });
    const { columns } = (await host.run(ONE)).outputs.out!;
    const env = JSON.parse(columns[0]!.values[0] as string) as Record<string, string>;
    const allowed = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'SYSTEMROOT'];
    expect(Object.keys(env).filter((name) => !allowed.includes(name) && !name.endsWith('_THREADS'))).toEqual([]);
    expect(env).toMatchObject({
      PATH: process.env.PATH,
      OMP_NUM_THREADS: '1',
      OPENBLAS_NUM_THREADS: '1',
      MKL_NUM_THREADS: '1',
      NUMEXPR_NUM_THREADS: '1',
    });
    expect(columns[1]!.values[0]).toBe('');
  });
});

function nodeHostOf(): string {
  return new URL('../../dist/node-host.js', import.meta.url).pathname;
}
