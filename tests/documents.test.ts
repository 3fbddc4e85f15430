import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelopsBundle } from '../packages/bundle/src/program.ts';
import { cb } from '../packages/cb-cli/src/program.ts';
import { type Laptop, openLaptop, prepare } from '../packages/mops-cli/e2e/laptop.ts';
import { writeTiny } from '../packages/mops-cli/e2e/tiny/project.ts';
import { createMemoryCluster } from '../packages/mops-cli/src/engines/testing/memory-cluster.ts';
import { runInfra } from '../packages/mops-cli/src/infra/testing/run-infra.ts';
import { mops } from '../packages/mops-cli/src/program.ts';

const programs = [cb, modelopsBundle, mops];
const folder = new URL('../docs/schemas', import.meta.url).pathname;
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
const schemas = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
const published = new Map(schemas.map((schema): [string, ValidateFunction] => [schema.title, ajv.compile(schema)]));

/** A study is a separate file format without a schema name. */
const nameOf = (document: { readonly schema?: string }): string => document.schema ?? 'modelops.study/v1';

/** The differences between a document and its published schema. */
function deviations(document: object): string[] {
  const validate = published.get(nameOf(document));
  if (validate === undefined) return [`no schema ${nameOf(document)} is published`];
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}

const SOBOL = 'cb sampling sobol models/seir.ts:StochasticSEIR --n-samples 4';
const SALTELLI = 'cb sampling saltelli models/seir.ts:StochasticSEIR --n-samples 16';
const UP =
  'mops infra up --env team --registry registry.example:5000 --storage-connection-string-file SECRET --container results --namespace epi --image registry.example:5000/worker:1';

/**
 * Command lines in an order that works, with the exit status unless it is 0. JOB and OTHER are jobs that have ended, BROKEN is partial,
 * TASK is a result of JOB, and FAILED a task of BROKEN; `␣` is a space.
 */
const LINES: readonly (readonly [line: string, status?: number])[] = [
  ['modelops-bundle init tiny'],
  ['modelops-bundle register-model models/seir.ts'],
  ['modelops-bundle register-target targets/prevalence.ts:prevalence --set fits'],
  ['modelops-bundle list'],
  ['modelops-bundle status'],
  ['modelops-bundle push'],
  ['modelops-bundle status'],
  ['modelops-bundle list'],
  ['modelops-bundle pull latest --dir copy'],
  ['modelops-bundle unregister-target-set fits'],
  ['modelops-bundle unregister-target targets/prevalence.ts:prevalence'],
  ['modelops-bundle unregister-model models/tiny.ts:Tiny'],
  ['modelops-bundle env show'],
  ['cb models list'],
  ['cb models show models/seir.ts:StochasticSEIR'],
  [SOBOL],
  [`${SOBOL} --output sobol.json`],
  [SOBOL.replace('sobol', 'halton')],
  [SOBOL.replace('sobol', 'lhs')],
  [`${SOBOL.replace('sobol', 'sliced-lhs')} --slices 2`],
  [SOBOL.replace('sobol', 'random')],
  ['cb sampling grid models/seir.ts:StochasticSEIR --grid-points 2'],
  ['cb sampling morris models/seir.ts:StochasticSEIR --trajectories 4'],
  ['cb sampling fast models/seir.ts:StochasticSEIR --n-samples 257'],
  [`${SALTELLI} --output saltelli.json`],
  ['cb sampling one-at-a-time models/seir.ts:StochasticSEIR'],
  ['cb sampling from points.csv models/seir.ts:StochasticSEIR'],
  ['cb sampling manual --model models/seir.ts:StochasticSEIR beta=0.5 gamma=0.1'],
  ['cb study show sobol.json'],
  ['cb study validate sobol.json'],
  ['cb study extend sobol.json --n-samples 8'],
  ['cb study extend sobol.json --n-samples 16 --output more.json'],
  ['cb study merge sobol.json more.json'],
  ['cb study migrate old.json'],
  ['cb study split sobol.json --parts 2'],
  ['cb study points sobol.json'],
  ['cb study points sobol.json --output points.parquet'],
  ['cb sensitivity LOSSES --study study.json'],
  ['cb sensitivity LOSSES'],
  ['cb diagnostics report LOSSES --plots plots'],
  ['mops jobs submit study.json --plan --pilot 2'],
  ['mops jobs submit study.json'],
  ['mops jobs scale HELD --workers 2'],
  ['mops jobs scale HELD BROKEN --workers 1', 4],
  ['mops jobs cancel HELD'],
  ['mops jobs wait JOB'],
  ['mops jobs wait JOB OTHER'],
  ['mops jobs status JOB'],
  ['mops jobs status JOB BROKEN'],
  ['mops jobs list --limit 1'],
  ['mops jobs logs JOB'],
  ['mops jobs logs JOB OTHER'],
  ['mops jobs manifest JOB'],
  ['mops jobs manifest JOB BROKEN --missing'],
  ['mops jobs failures BROKEN'],
  ['mops jobs failures JOB BROKEN'],
  ['mops jobs validate BROKEN --force', 10],
  ['mops jobs validate JOB OTHER'],
  ['mops jobs explain JOB TASK --run'],
  ['mops jobs explain BROKEN FAILED'],
  ['mops jobs explain JOB 0000', 3],
  ['mops jobs resume BROKEN --dry-run'],
  ['mops jobs resume BROKEN JOB --bundle latest --dry-run', 3],
  ['mops jobs sync --dry-run'],
  ['mops jobs sync JOB'],
  ['mops repro FAILED --job BROKEN --keep', 11],
  ['mops repro TASK'],
  ['mops audit JOB --sample 2'],
  ['mops watch JOB --html watched.html'],
  ['mops report JOB --plots figures'],
  ['mops results report JOB --output again.html'],
  ['mops results reindex JOB'],
  ['mops results reindex JOB BROKEN'],
  ['mops results losses JOB --plot beta'],
  ['mops results list'],
  ['mops results best --weight prevalence=1'],
  ['mops results compare JOB OTHER'],
  ['mops results progress --target prevalence'],
  ['mops results query SELECT␣*␣FROM␣tasks'],
  ['mops results query SELECT␣*␣FROM␣jobs --explain'],
  ['mops results query SELECT␣*␣FROM␣losses --parquet losses.parquet'],
  ['mops results download JOB --output downloaded'],
  ['mops results export JOB --output exported'],
  ['mops results export JOB --layout tree --output tree'],
  ['mops results import tree --dry-run'],
  ['mops results show TASK'],
  ['mops results show FAILED'],
  ['mops results jobs-of TASK'],
  ['mops results rm TASK --dry-run'],
  ['mops store check'],
  ['mops store stats'],
  ['mops store gc --evict JOB'],
  ['mops store compact --min-age 0 --dry-run'],
  [`${UP} --plan`],
  [UP],
  ['mops infra status --env team'],
  ['mops infra up --env course --provider local --path course'],
  ['mops infra status --env course'],
  ['mops infra outputs --env team'],
  ['mops infra outputs --env local'],
  ['mops infra down --env team --plan'],
  ['mops env list'],
  ['mops jobs cancel BROKEN'],
  ['mops jobs cancel BROKEN JOB'],
  ['mops jobs delete OTHER --yes'],
  ['mops jobs delete JOB BROKEN --yes'],
  ['modelops-bundle env lock'],
  ['modelops-bundle env build'],
];

const ran = new Set<string>();
const printed = new Set<string>();
const cluster = createMemoryCluster();
let laptop: Laptop;
const words: Record<string, string> = {};

async function submit(file: string): Promise<string> {
  return (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', file, '--wait', '--slots', '1')).job;
}
const firstTask = async (...args: string[]) => (await laptop.must('mops', 'jobs', 'manifest', ...args)).stdout.split('\t')[1]!;

beforeAll(async () => {
  laptop = openLaptop();
  const observed = join(laptop.dir, 'data/observed.csv');
  const original = readFileSync(observed);
  const hold = join(laptop.dir, 'hold');
  writeFileSync(hold, '');
  await writeTiny(laptop, { xs: [5], hold, file: 'held.json' });
  await writeTiny(laptop, { xs: [1, 7], replicates: 1, hold });
  words.BROKEN = await submit('tiny.json');
  words.HELD = (await laptop.json<{ job: string }>('mops', 'jobs', 'submit', 'held.json', '--slots', '1')).job;
  writeFileSync(observed, original);
  await prepare(laptop, { sets: 4, replicates: 3 });
  const study = ['--n-replicates', '2', '--targets', 'targets/prevalence.ts:prevalence', '--output', 'study.json', '--force'];
  await laptop.must('cb', ...SALTELLI.split(' ').slice(1), ...study);
  words.JOB = await submit('study.json');
  words.OTHER = await submit('study.json');
  words.LOSSES = join(laptop.store, 'results', words.JOB, 'losses.parquet');
  words.TASK = await firstTask(words.JOB);
  words.FAILED = await firstTask(words.BROKEN, '--missing');
  writeFileSync(join(laptop.dir, 'points.csv'), 'beta,gamma\n0.5,0.1\n');
  writeFileSync(join(laptop.dir, 'old.json'), JSON.stringify({ model: 'models/tiny.ts:Tiny', parameter_sets: [{ params: { x: 1 } }] }));
  words.SECRET = join(laptop.dir, 'secret.txt');
  writeFileSync(
    words.SECRET,
    'DefaultEndpointsProtocol=https;AccountName=team;AccountKey=c2VjcmV0LWtleQ==;EndpointSuffix=core.windows.net',
  );
  writeFileSync(join(laptop.dir, 'pylock.toml'), 'packages = []\n');
});
afterAll(() => laptop.remove());

describe('a document of --json', () => {
  it.each(LINES.map(([line, status = 0]) => ({ line, expected: status })))('fits its schema: $line', async ({ line, expected }) => {
    const [program, ...args] = line.split(' ').map((word) => (words[word] ?? word).replaceAll('␣', ' '));
    const all = [...args, '--json'];
    const isInfra = args[0] === 'infra';
    const { status, stdout, stderr } = await (isInfra
      ? runInfra(all, { home: laptop.home, cwd: laptop.dir, cluster })
      : laptop.run(program as 'mops', ...all));
    expect([status, stdout === '' ? stderr : '']).toEqual([expected, '']);
    const document = JSON.parse(stdout);
    expect(deviations(document)).toEqual([]);
    printed.add(nameOf(document));
    const names = programs.find(({ name }) => name === program)!.commands.map(({ name }) => name);
    ran.add(`${program} ${names.find((name) => `${args.join(' ')} `.startsWith(`${name} `))}`);
  });

  it('is printed above by every command, and every document is printed', () => {
    const commands = programs.flatMap((program) => program.commands.map(({ name }) => `${program.name} ${name}`));
    expect(commands.filter((name) => !ran.has(name))).toEqual([]);
    expect([...published.keys()].filter((name) => !printed.has(name))).toEqual(['modelops.error/v1']);
  });

  it('is an error document on stderr when a command fails', async () => {
    for (const line of ['jobs status job-0000', 'jobs status --sinse 1d', 'jobs list --limit 0', 'infra status --env absent']) {
      const { status, stdout, stderr } = await laptop.run('mops', ...line.split(' '), '--json');
      expect([status, stdout]).toEqual([expect.toSatisfy((code) => code > 1), '']);
      expect(deviations(JSON.parse(stderr)), line).toEqual([]);
    }
  });
});
