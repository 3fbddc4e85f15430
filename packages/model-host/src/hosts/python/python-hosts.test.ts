import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ColumnValues } from '@modelops/contracts';
import { buildProgram } from '@modelops/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pythonPackages } from '../../programs.ts';
import { type PythonSource, pythonModel } from '../../testing/python-models.ts';
import { lostTo, tasksOf } from '../../testing/started-hosts.ts';
import { untilGone } from '../../testing/until-gone.ts';
import { LoadFailed, type ModelHost } from '../model-host.ts';

const running = new Set<ModelHost>();
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([...running].map((host) => host.kill()));
  running.clear();
});

async function started(source: PythonSource, count = 1, options: Parameters<typeof pythonModel>[1] = {}) {
  const { hosts, load, dir } = pythonModel(source, options);
  const list = await Promise.all(Array.from({ length: count }, () => hosts.start(load)));
  for (const host of list) running.add(host);
  return { hosts: list, dir, startAnother: () => hosts.start(load) };
}

const column = async (host: ModelHost, name: string, ...values: Record<string, number>[]): Promise<ColumnValues | undefined> => {
  const { outputs, errors } = await host.run(tasksOf(...values));
  expect(errors).toEqual([]);
  return outputs.out?.columns.find((one) => one.name === name)?.values;
};

describe('hosts of a Python model', () => {
  it('run tasks with their parameters and seeds', async () => {
    const { hosts } = await started({ simulate: ['return {"out": {"x": [x, 2 * x], "drawn": [seed, seed]}}'] });
    expect(await column(hosts[0]!, 'x', { x: 1.5 }, { x: 2 })).toEqual(Float64Array.of(1.5, 3, 2, 4));
    expect(await column(hosts[0]!, 'drawn', { x: 1.5 }, { x: 2 })).toEqual(BigInt64Array.of(0n, 0n, 1n, 1n));
  });

  it('are forks of one process that imports the model once', async () => {
    const head = 'import os\nopen("imports", "a").write("x")';
    const { hosts, dir } = await started({ head, simulate: ['return {"out": {"pid": [os.getpid()], "parent": [os.getppid()]}}'] }, 3);
    const pids = await Promise.all(hosts.map(async (host) => (await column(host, 'pid', { x: 1 }))![0]));
    const parents = await Promise.all(hosts.map(async (host) => (await column(host, 'parent', { x: 1 }))![0]));
    expect(new Set(pids).size).toBe(3);
    expect(new Set(parents).size).toBe(1);
    expect(readFileSync(join(dir, 'imports'), 'utf8')).toBe('x');
  });

  it('are separate processes if the import starts a thread', async () => {
    const head =
      'import os, threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\nopen("imports", "a").write("x")';
    const { hosts, dir } = await started({ head, simulate: ['return {"out": {"pid": [os.getpid()]}}'] }, 2);
    const pids = await Promise.all(hosts.map(async (host) => (await column(host, 'pid', { x: 1 }))![0]));
    expect(new Set(pids).size).toBe(2);
    expect(readFileSync(join(dir, 'imports'), 'utf8')).toBe('xxx');
  });

  it('have fixed string hashes and one thread per numerical library, in any environment', async () => {
    vi.stubEnv('PYTHONHASHSEED', 'random').stubEnv('NUMBA_NUM_THREADS', '64').stubEnv('PYTHONPATH', '/elsewhere');
    const printed: string[] = [];
    const simulate = [
      'import json, os',
      'print(json.dumps({name: value for name, value in os.environ.items() if name.endswith(("_THREADS", "HASHSEED"))}))',
      'return {"out": {"x": [float(hash("a word"))]}}',
    ];
    const hashes = [];
    for (let k = 0; k < 2; k++) {
      const { hosts } = await started({ simulate }, 1, { onOutput: (text) => void printed.push(text) });
      hashes.push(await column(hosts[0]!, 'x', { x: 1 }));
      await hosts[0]!.kill();
    }
    expect(hashes[0]).toEqual(hashes[1]);
    const { PYTHONHASHSEED, ...threads } = JSON.parse(printed.join('').split('\n')[0]!);
    expect(PYTHONHASHSEED).toBe('0');
    expect(Object.keys(threads)).toEqual(
      expect.arrayContaining(['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'NUMBA_NUM_THREADS', 'POLARS_MAX_THREADS']),
    );
    expect(new Set(Object.values(threads))).toEqual(new Set(['1']));
  });

  it('print any amount of text to the log without affecting responses', async () => {
    const printed: string[] = [];
    const { hosts } = await started(
      { simulate: ['import os', 'print("hello")', 'os.write(1, b"y" * 200_000)', 'return {"out": {"x": [x]}}'] },
      1,
      { onOutput: (text) => void printed.push(text) },
    );
    expect(await column(hosts[0]!, 'x', { x: 1 })).toEqual(Float64Array.of(1));
    await hosts[0]!.kill();
    expect(printed.join('')).toContain('hello');
    expect(printed.join('').length).toBeGreaterThan(200_000);
  });

  it('report the exception of a failed task, with the line of the model', async () => {
    const { hosts } = await started({ simulate: ['if x > 1: raise ValueError("too large")', 'return {"out": {"x": [x]}}'] });
    const { errors, outputs } = await hosts[0]!.run(tasksOf({ x: 1 }, { x: 2 }));
    expect(errors).toMatchObject([{ task: 1, error: { kind: 'exception', type: 'ValueError', message: 'too large' } }]);
    expect(errors[0]!.error.traceback).toMatch(/File "models\/m\.py", line 5, in m/);
    expect([...outputs.out!.rows]).toEqual([1, 0]);
  });

  it('fork a process for each task of an isolated model, from one import', async () => {
    const { hosts, dir } = await started({
      head: 'import os\nopen("imports", "a").write("x")\nseen = []',
      declared: 'isolation="fresh"',
      simulate: ['seen.append(x)', 'return {"out": {"seen": [len(seen)], "pid": [os.getpid()]}}'],
    });
    const host = hosts[0]!;
    expect(await column(host, 'seen', { x: 1 }, { x: 2 }, { x: 3 })).toEqual(BigInt64Array.of(1n, 1n, 1n));
    const pids = await column(host, 'pid', { x: 1 }, { x: 2 });
    expect(pids?.[0]).not.toBe(pids?.[1]);
    expect(readFileSync(join(dir, 'imports'), 'utf8')).toBe('x');
  });

  it('report the command that declares a missing file', async () => {
    const { hosts, load } = pythonModel({ simulate: ['return {"out": {"x": [float(open("data/contacts.csv").read())]}}'] });
    const host = await hosts.start({ ...load, source: 'models/m.py:m' });
    running.add(host);
    const { errors } = await host.run(tasksOf({ x: 1 }));
    expect(errors[0]!.error).toMatchObject({
      type: 'FileNotFoundError',
      message: expect.stringContaining(
        '(a model sees only its declared files; to declare this one: modelops-bundle register-model models/m.py:m --data data/contacts.csv',
      ),
    });
  });

  it.each([
    ['nothing', 'return None', 'ModelError', /^model m returned None \(return/],
    ['None for an output', 'return {"out": None}', 'ModelError', /output out is None/],
    ['more columns than the limit', 'return {"out": {f"c{i}": [1] for i in range(10_001)}}', 'ModelError', /out has 10001 columns/],
  ])('fail the task of a model that returns %s', async (_, code, type, message) => {
    const { hosts } = await started({ simulate: [code] });
    const { errors } = await hosts[0]!.run(tasksOf({ x: 1 }));
    expect(errors[0]!.error).toMatchObject({ kind: 'exception', type, message: expect.stringMatching(message) });
  });

  it.each([
    ['a signal', 'os.kill(os.getpid(), 11)', { kind: 'crash', type: 'SIGSEGV' }],
    ['os._exit', 'os._exit(7)', { kind: 'crash', type: 'Exit', message: 'the model host exited with status 7 before it answered' }],
  ])('that end by %s are lost with the reason, and another is forked', async (_, code, reason) => {
    const { hosts, startAnother, dir } = await started({
      head: 'import os, sys\nopen("imports", "a").write("x")',
      simulate: ['if x > 1:', '    print("last words", file=sys.stderr)', `    ${code}`, 'return {"out": {"x": [x]}}'],
    });
    const lost = await lostTo(hosts[0]!.run(tasksOf({ x: 2 })));
    expect(lost).toMatchObject(reason);
    expect(lost.stderr_tail).toContain('last words');
    const next = await startAnother();
    running.add(next);
    expect(await column(next, 'x', { x: 1 })).toEqual(Float64Array.of(1));
    expect(readFileSync(join(dir, 'imports'), 'utf8')).toBe('x');
  });

  it('that exceed the time limit are killed with their child processes', async () => {
    const { hosts, dir } = await started(
      {
        head: 'import subprocess, os',
        simulate: [
          'child = subprocess.Popen(["sleep", "600"])',
          'open("pid.new", "w").write(str(child.pid)); os.rename("pid.new", "pid")',
          'while True: pass',
        ],
      },
      1,
      { timeoutMs: 2000 },
    );
    expect(await lostTo(hosts[0]!.run(tasksOf({ x: 1 })))).toMatchObject({ kind: 'timeout' });
    expect(existsSync(join(dir, 'pid'))).toBe(true);
    await untilGone(Number(readFileSync(join(dir, 'pid'), 'utf8')));
  });

  it('are lost when the process that forked them is killed, and are started again', async () => {
    const { hosts, startAnother, dir } = await started({
      head: 'import os, signal\nopen("imports", "a").write("x")',
      simulate: ['if x > 1: os.kill(os.getppid(), signal.SIGKILL)', 'if x > 1: signal.pause()', 'return {"out": {"x": [x]}}'],
    });
    expect(await lostTo(hosts[0]!.run(tasksOf({ x: 2 })))).toMatchObject({ kind: 'crash', type: 'Killed' });
    const next = await startAnother();
    running.add(next);
    expect(await column(next, 'x', { x: 1 })).toEqual(Float64Array.of(1));
    expect(readFileSync(join(dir, 'imports'), 'utf8')).toBe('xx');
  });

  it('fail to load with the cause', async () => {
    const failed = await started({ head: 'import no_such_package', simulate: ['return {}'] }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(LoadFailed);
    expect((failed as LoadFailed).reason).toMatchObject({ kind: 'exception', type: 'ModuleNotFoundError' });
  });
});

const PROGRAM = `
import { createPythonHosts } from './python-hosts.ts';
const [cwd] = process.argv.slice(2);
const hosts = createPythonHosts({ python: { interpreter: 'python3' }, cwd, timeoutMs: 60_000, onOutput: () => {} });
const load = { program: 'models/m.py', exportName: 'm', scenario: 'baseline', config: null, outputs: ['out'], targets: [] };
for (let n = 0; n < 3; n++) {
  const host = await hosts.start(load);
  await host.run({ values: [{ x: 1 }], set: [0], seeds: [0] });
  await host.kill();
}
console.log('done');
`;

it('the forking process ends once its hosts have ended', async () => {
  const { dir } = pythonModel({ simulate: ['return {"out": {"x": [x]}}'] });
  const program = await buildProgram(PROGRAM, import.meta.dirname);
  const beside = join(dirname(program.path), 'python');
  if (!existsSync(beside)) symlinkSync(pythonPackages(), beside);
  try {
    expect(await program.run(dir)).toBe('done\n');
  } finally {
    await program.remove();
  }
});
