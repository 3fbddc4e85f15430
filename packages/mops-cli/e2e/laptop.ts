import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, signalProcess } from '@modelops/system';
import { readSupervisorRecord } from '../src/engines/local/read-supervisor-record.ts';

const root = new URL('../../..', import.meta.url).pathname;
const homes = { cb: 'cb-cli', mops: 'mops-cli', 'modelops-bundle': 'bundle' } as const;

/** The built file of a program. */
export function programFile(program: keyof typeof homes): string {
  return join(root, 'packages', homes[program], 'dist', `${program}.js`);
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A simulated laptop: a copy of the SEIR example, an empty home, and the built programs. */
export interface Laptop {
  readonly dir: string;
  readonly home: string;
  readonly store: string;
  /** The environment of its programs. */
  readonly env: NodeJS.ProcessEnv;
  run(program: keyof typeof homes, ...args: string[]): Promise<Ran>;
  /** As `run`. @throws Error with its stderr if it fails */
  must(program: keyof typeof homes, ...args: string[]): Promise<Ran>;
  /** As `run`, with text on stdin. */
  feed(text: string, program: keyof typeof homes, ...args: string[]): Promise<Ran>;
  /** As `run` with `--json`, parsed. */
  json<T>(program: keyof typeof homes, ...args: string[]): Promise<T & { readonly status_code: number }>;
  /** Waits for running processes, then removes the folder. */
  remove(): Promise<void>;
}

/** What `mops jobs submit --json` prints, as far as tests read it. */
export interface Submitted {
  readonly job: string;
  readonly status: string;
  readonly bundle_ref: string;
  readonly results: string;
  readonly tasks: { readonly total: number; readonly new: number; readonly reused: number };
}

/** Workers of a finished job may still be exiting and writing. */
async function stopEngines(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) {
    const record = readSupervisorRecord(join(dir, name));
    if (record === undefined) continue;
    const running = [record.supervisor, ...record.workers.flatMap(({ process }) => process ?? [])];
    const deadline = Date.now() + 10_000;
    while (running.some(isRunning) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const process of running.filter(isRunning)) signalProcess(process, 'SIGKILL');
  }
}

export function openLaptop(example = 'seir-ts', extra: NodeJS.ProcessEnv = {}): Laptop {
  const base = mkdtempSync(join(tmpdir(), 'modelops-e2e-'));
  const dir = join(base, 'project');
  const home = join(base, 'home');
  cpSync(join(root, 'examples', example), dir, {
    recursive: true,
    filter: (path) => !/node_modules|\/out(\/|$)|\.modelops-bundle|\/dist(\/|$)/.test(path.slice(root.length)),
  });
  const feed: Laptop['feed'] = (text, program, ...args) =>
    new Promise((resolve) => {
      const file = programFile(program);
      const child = execFile(process.execPath, [file, ...args], { cwd: dir, env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
      });
      child.stdin?.end(text);
    });
  const env = { ...process.env, MODELOPS_HOME: home, NODE_EXTRA_CA_CERTS: '', ...extra };
  const run: Laptop['run'] = (program, ...args) => feed('', program, ...args);
  return {
    dir,
    home,
    store: join(home, 'store'),
    env,
    run,
    async must(program, ...args) {
      const ran = await run(program, ...args);
      if (ran.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${ran.stderr}`);
      return ran;
    },
    feed,
    async json<T>(program: keyof typeof homes, ...args: string[]) {
      const { status, stdout, stderr } = await run(program, ...args, '--json');
      if (stdout === '') throw new Error(`${program} ${args.join(' ')} printed nothing: ${stderr}`);
      return { ...(JSON.parse(stdout) as T), status_code: status };
    },
    async remove() {
      await stopEngines(join(home, 'engine'));
      rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** `init`, `register-model`, and a study of `sets` × `replicates`. */
export async function prepare(
  laptop: Laptop,
  { sets, replicates, scenario = 'baseline', file = 'study.json' }: { sets: number; replicates: number; scenario?: string; file?: string },
): Promise<void> {
  await laptop.run('modelops-bundle', 'init', 'epi-sim');
  await laptop.run('modelops-bundle', 'register-model', 'models/seir.ts');
  const args = [
    '--n-samples',
    String(sets),
    '--n-replicates',
    String(replicates),
    '--seed',
    '1',
    '--scenario',
    scenario,
    '--targets',
    'targets/prevalence.ts:prevalence',
    '--output',
    file,
    '--force',
  ];
  const { status, stderr } = await laptop.run('cb', 'sampling', 'sobol', 'models/seir.ts:StochasticSEIR', ...args);
  if (status !== 0) throw new Error(stderr);
}

/** Waits up to 60 s until a condition holds, and checks it every 5 ms. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 5) {
    if (waited > 60_000) throw new Error('waited 60 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
