import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap, type SourceMapping } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Laptop, openLaptop, programFile } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

const TIMEOUT_MS = 300_000;

/** By language. Each fails depending on x: 2 throws, 3 crashes, 4 hangs, 5 exhausts its memory; x = 1 returns the time of day. */
const MODELS = {
  typescript: {
    file: 'models/kinds.ts',
    text: `import { defineModel, float } from '@modelops/sdk';

export const Kinds = defineModel({
  parameters: { x: float(0, 11) },
  outputs: ['y'],
  simulate: ({ x }) => {
    if (x === 2) throw new RangeError(\`x is \${x}\`);
    if (x === 3) process.kill(process.pid, 'SIGSEGV');
    while (x === 4);
    for (const held: Uint8Array[] = []; x === 5; ) held.push(new Uint8Array(2 ** 23).fill(1));
    console.log('the model ran at', x);
    return { y: { t: Int32Array.of(0, 1), v: Float64Array.of(x, x === 1 ? Date.now() : 2 * x) } };
  },
});
`,
  },
  python: {
    file: 'models/kinds.py',
    text: `import os, signal, time
from modelops import Float, model

@model(parameters={"x": Float(0, 11)}, outputs=["y"])
def Kinds(x):
    if x == 2:
        raise ValueError(f"x is {x}")
    if x == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    while x == 4:
        pass
    held = []
    while x == 5:
        held.append(bytearray(b"1") * 2**23)
    print("the model ran at", x)
    return {"y": {"t": [0, 1], "v": [x, time.time() if x == 1 else 2 * x]}}
`,
  },
  command: {
    file: 'modelops.yaml',
    text: `models:
  Kinds:
    command: sh kinds.sh {{ x }}
    parameters: { x: { kind: float, min: 0, max: 11 } }
    outputs: { y: { file: y.csv, columns: { t: int, v: float } } }
`,
  },
} as const;

/** The program of the command. */
const SCRIPT = `v=$((2 * $1))
case $1 in
  1) v=$(date +%s%N) ;;
  2) echo "error: x is $1" >&2; exit 3 ;;
  3) kill -SEGV $$ ;;
  4) while :; do :; done ;;
  5) awk 'BEGIN { for (s = "x"; length(s) < 2 ^ 20; ) s = s s; for (;;) held[n++] = s n }' ;;
esac
echo "the model ran at $1"
printf 't,v\\n0,%s\\n1,%s\\n' "$1" "$v" > y.csv
`;

interface Report {
  readonly task: { readonly task_id: string; readonly path: string };
  readonly run: { readonly status: string; readonly error: { readonly kind: string } | null; readonly comparison: Record<string, unknown> };
  readonly status_code: number;
}

describe.each(Object.entries(MODELS))('a model in %s', { timeout: TIMEOUT_MS }, (language, { file, text }) => {
  let laptop: Laptop;
  let job: string;
  /** By x. */
  let tasks: { job: string; task_id: string; provenance_path: string }[];
  const repro = (x: number, ...args: string[]) => laptop.json<Report>('mops', 'repro', tasks[x]!.task_id.slice(0, 12), ...args);

  beforeAll(async () => {
    laptop = openLaptop();
    mkdirSync(join(laptop.dir, 'models'), { recursive: true });
    writeFileSync(join(laptop.dir, file), text);
    writeFileSync(join(laptop.dir, 'kinds.sh'), SCRIPT);
    await laptop.must('modelops-bundle', 'init', 'kinds');
    await laptop.must('modelops-bundle', 'register-model', file);
    const submit = async (name: string, xs: readonly number[], ...limits: string[]) => {
      writeFileSync(join(laptop.dir, name), JSON.stringify({ model: `${file}:Kinds`, parameter_sets: xs.map((x) => ({ x })) }));
      const options = ['--task-memory', '300', '--max-attempts', '1', ...limits];
      const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', name, ...options, '--wait');
      const { stdout } = await laptop.must('mops', 'jobs', 'manifest', job, '--format', 'jsonl');
      const lines = stdout.trim().split('\n');
      return { job, tasks: lines.map((line) => ({ job, ...JSON.parse(line) })) };
    };
    // A loaded machine takes long to fill the memory: only the task that hangs has a short limit.
    const few = await submit('kinds.json', [0, 1, 2, 3, 4], '--task-timeout', '3');
    tasks = [...few.tasks, ...(await submit('memory.json', [5], '--task-timeout', '120')).tasks];
    job = few.job;
    expect(tasks).toHaveLength(6);
  }, TIMEOUT_MS);
  afterAll(() => laptop.remove());

  it('reproduces a result, prints the output of the model, and keeps both results in a folder', async () => {
    const ran = await laptop.run('mops', 'repro', tasks[0]!.task_id, '--keep');
    expect(ran).toMatchObject({ status: 0, stdout: expect.stringContaining('same: every value equals the stored result') });
    expect(ran.stderr).toMatch(/^the model ran at 0/m);
    const [, folder, files] = /^kept in (.*): (.*)$/m.exec(ran.stdout)!;
    try {
      const scratch = language === 'command' ? ['kinds.sh', 'params.json', 'y.csv'].map((name) => `scratch/task/${name}`) : [];
      expect(files!.split(', ')).toEqual(['computed/y.csv', 'output.log', ...scratch, 'stored/y.csv', 'task.json']);
      expect(readFileSync(join(folder!, 'output.log'), 'utf8')).toContain('the model ran at 0');
      for (const side of ['stored', 'computed']) expect(readFileSync(join(folder!, side, 'y.csv'), 'utf8')).toBe('t,v\n0,0\n1,0\n');
    } finally {
      rmSync(folder!, { recursive: true });
    }
  });

  it.each([
    [2, 'exception'],
    [3, 'crash'],
    [4, 'timeout'],
    [5, 'out_of_memory'],
  ])('ends a failure (x = %i, %s) as the job recorded it', async (x, kind) => {
    expect(await repro(x)).toMatchObject({
      status_code: 11,
      stored: { status: 'failed', by_job: tasks[x]!.job },
      run: { status: 'failed', error: { kind }, comparison: { verdict: 'failed_same' } },
    });
  });

  it('detects a result that depends on the time with an audit, which writes nothing', async () => {
    const writtenBefore = readdirSync(laptop.store, { recursive: true });
    const difference = { what: 'value', output: 'y', column: 'v', row: 1, differing: 1, of: 2 };
    const audited = await laptop.json('mops', 'audit', job, '--sample', '59');
    expect(audited).toMatchObject({
      status_code: 4,
      results: 2,
      compared: 2,
      same: 1,
      share_at_most: 0.5,
      differing: [
        {
          task_id: tasks[1]!.task_id,
          comparison: { verdict: 'differs', difference },
          reproduce: `mops repro ${tasks[1]!.task_id.slice(0, 12)}`,
        },
      ],
    });
    expect(readdirSync(laptop.store, { recursive: true })).toEqual(writtenBefore);
  });

  it('stops in a debugger at the first line of the model', async () => {
    if (language === 'python') {
      const ran = await laptop.feed('p x + 40\nc\n', 'mops', 'repro', tasks[2]!.task_id, '--debugger');
      expect(ran).toMatchObject({ status: 11, stdout: expect.stringContaining('failed the same way') });
      expect(ran.stderr).toMatch(/kinds\.py\(\d+\)Kinds\(\)\n-> if x == 2:\n\(Pdb\) 42\.0\n/);
      return;
    }
    if (language === 'command') {
      const refused = await laptop.run('mops', 'repro', tasks[2]!.task_id, '--debugger');
      expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot debug a command model') });
      return;
    }
    const stopped = await debugInNode(laptop, tasks[2]!.task_id);
    expect(stopped.text).toContain('if (x === 2) throw new RangeError(');
    expect(stopped.file.endsWith(file)).toBe(true);
    expect(readFileSync(stopped.file, 'utf8')).toBe(text);
    expect(stopped.stdout).toContain('failed the same way');
    expect(stopped.stdout).toContain(`at simulate (${file}:7:`);
  });

  it('accepts a path, or a parameter set and seed in a job; explain compares too', async () => {
    const { task } = await repro(1);
    const same = { task: { task_id: task.task_id }, run: { status: 'ok', comparison: { verdict: 'differs' } } };
    expect(await laptop.json('mops', 'repro', task.path)).toMatchObject({ status_code: 4, ...same });
    const [, param, seed] = /params_([0-9a-f]+)\/seed_(\d+)/.exec(task.path)!;
    expect(await laptop.json('mops', 'repro', `${param}/${seed}`, '--job', job)).toMatchObject({ status_code: 4, ...same });
    expect(await laptop.run('mops', 'repro', 'f'.repeat(64))).toMatchObject({ status: 3, stderr: expect.stringContaining('--job JOB') });
    const explained = await laptop.run('mops', 'jobs', 'explain', job, task.task_id, '--run');
    expect(explained).toMatchObject({ status: 4, stdout: expect.stringMatching(/not reproducible: differs at y\/v\/1: stored .*, here /) });
  });
});

it('bounds the share of results that are not reproducible: 59 equal ones of 64 show that it is below 5 %', {
  timeout: TIMEOUT_MS,
}, async () => {
  const laptop = openLaptop();
  try {
    await writeTiny(laptop, { xs: [1, 2, 3, 4], replicates: 16, targets: false });
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait');
    const { status, stdout } = await laptop.run('mops', 'audit', job, '--sample', '59', '--seed', '1');
    expect([status, stdout.split('\n')]).toEqual([
      0,
      expect.arrayContaining([
        `${job}: 59 of 59 results recomputed are the same; sampled from 64, seed 1`,
        'at most 4.96 % of the results are not reproducible here, with 95 % confidence',
      ]),
    ]);
  } finally {
    await laptop.remove();
  }
});

it('detects a Python model that draws random numbers at import, or keeps state between tasks', { timeout: TIMEOUT_MS }, async () => {
  const laptop = openLaptop();
  try {
    mkdirSync(join(laptop.dir, 'models'), { recursive: true });
    const model = `import random
from modelops import Int, model

DRAWN, seen = random.random(), []

@model(parameters={"x": Int(0, 9)}, outputs=["y"])
def careless(x):
    seen.append(x)
    return {"y": {"v": [DRAWN if x == 0 else float(len(seen)) if x < 3 else random.random()]}}
`;
    writeFileSync(join(laptop.dir, 'models/careless.py'), model);
    const study = { model: 'models/careless.py:careless', parameter_sets: [0, 1, 2, 3].map((x) => ({ x })) };
    writeFileSync(join(laptop.dir, 'careless.json'), JSON.stringify(study));
    await laptop.must('modelops-bundle', 'init', 'careless');
    await laptop.must('modelops-bundle', 'register-model', 'models/careless.py');
    const { job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'careless.json', '--slots', '1', '--wait');
    const { stdout } = await laptop.must('mops', 'jobs', 'manifest', job, '--format', 'jsonl');
    const tasks = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).task_id as string);
    const explain = (x: number) => laptop.run('mops', 'jobs', 'explain', job, tasks[x]!, '--run');
    expect(await explain(0)).toMatchObject({ status: 4, stdout: expect.stringContaining('not reproducible: differs at y/v/0') });
    expect((await explain(2)).stdout).toContain('not reproducible: differs at y/v/0: stored 3, here 1');
    expect(await explain(3)).toMatchObject({ status: 0, stdout: expect.stringContaining('same: every value equals') }); // seeded
  } finally {
    await laptop.remove();
  }
});

/** Prints the first pause under a debugger, with the source map of the script, and continues. */
const DEBUGGER_CLIENT = `
const [{ webSocketDebuggerUrl }] = await (await fetch('http://127.0.0.1:' + process.argv[1] + '/json')).json();
const socket = new WebSocket(webSocketDebuggerUrl);
const send = (id, method) => socket.send(JSON.stringify({ id, method }));
const maps = new Map();
socket.onopen = () => ['Runtime.enable', 'Debugger.enable', 'Runtime.runIfWaitingForDebugger'].forEach((method, at) => send(at, method));
socket.onmessage = ({ data }) => {
  const { method, params } = JSON.parse(data);
  if (method === 'Debugger.scriptParsed') maps.set(params.scriptId, params.sourceMapURL);
  if (method !== 'Debugger.paused') return;
  const [{ location }] = params.callFrames;
  console.log(JSON.stringify({ ...location, map: maps.get(location.scriptId) }));
  send(9, 'Debugger.resume');
};
socket.onclose = () => process.exit(0);
`;

/** Attaches a debugger to a task under `--debugger`; where it first stopped, by the source map of the script, and the text of that line. */
async function debugInNode(laptop: Laptop, task: string) {
  const args = [programFile('mops'), 'repro', task, '--debugger'];
  const command = execFile(process.execPath, args, { cwd: laptop.dir, env: laptop.env });
  let [stdout, stderr, stopped] = ['', '', ''];
  command.stdout!.on('data', (data: string) => {
    stdout += data;
  });
  const port = await new Promise<string>((resolve) => {
    command.stderr!.on('data', (data: string) => {
      stderr += data;
      const found = /node inspect 127\.0\.0\.1:(\d+)/.exec(stderr);
      if (found !== null) resolve(found[1]!);
    });
  });
  const ended = new Promise((resolve) => command.on('close', resolve));
  const client = execFile(process.execPath, ['--experimental-websocket', '--input-type=module', '-e', DEBUGGER_CLIENT, port]);
  client.stdout!.on('data', (data: string) => {
    stopped += data;
  });
  const clientEnded = new Promise((resolve) => client.on('close', resolve));
  await Promise.all([ended, clientEnded]);
  const { lineNumber, columnNumber, map } = JSON.parse(stopped);
  const payload = JSON.parse(Buffer.from(map.slice(map.indexOf(',') + 1), 'base64').toString('utf8'));
  const entry = new SourceMap(payload).findEntry(lineNumber, columnNumber) as SourceMapping;
  const text = payload.sourcesContent[payload.sources.indexOf(entry.originalSource)].split('\n')[entry.originalLine];
  return { file: fileURLToPath(entry.originalSource), text, stdout, stderr };
}
