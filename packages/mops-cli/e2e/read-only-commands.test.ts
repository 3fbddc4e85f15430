import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '@modelops/cli-kit';
import { createMemoryIo } from '@modelops/cli-kit/testing';
import { localEnvironment } from '@modelops/contracts';
import { openStores } from '@modelops/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MopsDeps } from '../src/deps.ts';
import { createLocalEngine } from '../src/engines/local/local-engine.ts';
import { thisMachine } from '../src/engines/this-machine.ts';
import { openInfraDeps } from '../src/infra/infra-deps.ts';
import { mops } from '../src/program.ts';
import { type Laptop, openLaptop } from './laptop.ts';
import { writeTiny } from './tiny/project.ts';

let laptop: Laptop;
let job: string;
let task: string;
beforeAll(async () => {
  laptop = openLaptop();
  await writeTiny(laptop, { xs: [1, 7] });
  ({ job } = await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'tiny.json', '--wait', '--workers', '1', '--slots', '1'));
  await laptop.run('mops', 'results', 'export', job, '--layout', 'tree', '--output', 'tree');
  [, task] = (await laptop.must('mops', 'jobs', 'manifest', job)).stdout.split('\t') as [string, string];
  damageAPack();
});
afterAll(() => laptop.remove());

/** Adds a pack with a damaged index. A command that repairs would quarantine it. */
function damageAPack(): void {
  const index = filesOf(join(laptop.store, 'provenance')).find((file) => file.includes('/sims/') && file.endsWith('_index.parquet'))!;
  const bytes = readFileSync(index);
  bytes[bytes.length - 20]! ^= 1;
  writeFileSync(index, bytes);
}

function filesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name));
}

/** Every file and folder of the store, the engine and the registry, with the metadata that a write changes. */
function fingerprint(): string[] {
  return ['store', 'engine', 'registry'].flatMap((folder) =>
    filesOf(join(laptop.home, folder))
      .sort()
      .map((path) => {
        const { ino, size, mtimeNs } = statSync(path, { bigint: true });
        return `${path} ${ino} ${size} ${mtimeNs}`;
      }),
  );
}

/** Runs a command in this process, as `main.ts` does. */
async function run(argv: readonly string[]) {
  const io = createMemoryIo({ cwd: laptop.dir, env: laptop.env });
  const cacheDir = join(laptop.home, 'cache');
  const status = await runProgram<MopsDeps>({
    ...mops,
    argv,
    io,
    deps: ({ reporter, signal, cwd }) => ({
      reporter,
      signal,
      readStdin: async () => '',
      abandon: () => undefined,
      clock: () => performance.now(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      ...openInfraDeps({ home: laptop.home, cwd, connectionString: undefined }),
      async open(_, { repairs = false } = {}) {
        const environment = localEnvironment(laptop.home);
        const stores = await openStores(environment, { cacheDir, isReadOnly: !repairs, onBadPack: ({ pack }) => reporter.warn(pack) });
        const machine = thisMachine(laptop.home, laptop.env);
        const engine = createLocalEngine({ dir: join(laptop.home, 'engine'), owner: machine, env: laptop.env });
        return { name: 'local', environment, stores, engine, machine, cacheDir };
      },
    }),
  });
  return { status, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** Read-only commands and dry runs with their allowed exit statuses; JOB and TASK are replaced. */
const READ_ONLY: Readonly<Record<string, readonly [string, ...number[]][]>> = {
  'jobs status': [['jobs status JOB']],
  'jobs list': [['jobs list'], ['jobs list --status partial --since 1d']],
  'jobs logs': [['jobs logs JOB --tail 3']],
  'jobs failures': [['jobs failures JOB']],
  'jobs manifest': [['jobs manifest JOB'], ['jobs manifest JOB --missing']],
  'jobs explain': [['jobs explain JOB TASK']],
  'jobs submit': [['jobs submit tiny.json --plan --bundle latest']],
  'jobs resume': [['jobs resume JOB --dry-run']],
  'jobs sync': [['jobs sync --dry-run'], ['jobs sync JOB --dry-run']],
  'results losses': [['results losses JOB']],
  'results best': [['results best'], ['results best JOB']],
  'results query': [['results query SELECT\u00a0count(*)\u00a0FROM\u00a0losses']],
  'results list': [['results list']],
  'results compare': [['results compare JOB JOB', 2]],
  'results progress': [['results progress']],
  'results download': [['results download JOB --output download', 1, 10]],
  watch: [['watch JOB', 10]],
  report: [['report JOB --output report.html']],
  'results report': [['results report JOB --output report.html']],
  'results show': [['results show TASK', 1]],
  'results jobs-of': [['results jobs-of TASK', 1]],
  'results export': [['results export JOB --output export --force', 10]],
  'results import': [['results import tree --dry-run']],
  'results rm': [['results rm TASK --dry-run', 1]],
  'store check': [['store check', 1]],
  'store stats': [['store stats']],
  'store gc': [['store gc']],
  'store compact': [['store compact --dry-run']],
  'env list': [['env list']],
  'infra outputs': [['infra outputs --env local']],
  'infra status': [['infra status --env local']],
};
/** Commands that write, or that need a cluster. */
const WRITING = [
  ...['jobs wait', 'jobs cancel', 'jobs scale', 'jobs validate', 'jobs delete', 'results reindex'],
  ...['infra up', 'infra down', 'repro', 'audit'],
];

describe('a read-only command', () => {
  it.each(Object.values(READ_ONLY).flat())('writes nothing to the store and starts nothing: %s', async (line, ...statuses) => {
    const argv = line.split(' ').map((word) => (word === 'JOB' ? job : word === 'TASK' ? task : word.replaceAll('\u00a0', ' ')));
    const before = fingerprint();
    const { status, stderr } = await run(argv);
    expect([0, ...statuses], stderr).toContain(status);
    expect(fingerprint()).toEqual(before);
  });

  it('is in the table above, unless it writes', () => {
    const known = new Set([...Object.keys(READ_ONLY), ...WRITING]);
    expect(mops.commands.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  it('would be detected if it wrote: validation quarantines the damaged pack', async () => {
    const before = fingerprint();
    await run(['jobs', 'validate', job, '--force']);
    expect(fingerprint()).not.toEqual(before);
  });
});
