// Runs the example study with the README's commands, prints its best parameters and plots the fit: examples/seir-ts/out/fit.svg
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildAll } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const project = join(root, 'examples/seir-ts');
const programs = { cb: 'cb-cli', mops: 'mops-cli', 'modelops-bundle': 'bundle' };

function run(line, { capture = false } = {}) {
  if (!capture) console.log(`\n$ ${line}`);
  const [program, ...args] = line.split(' ');
  const file = join(root, 'packages', programs[program], 'dist', `${program}.js`);
  const { status, stdout } = spawnSync(process.execPath, [file, ...args], {
    cwd: project,
    stdio: ['inherit', capture ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

await buildAll();
mkdirSync(join(project, 'out'), { recursive: true });
run('modelops-bundle init epi-sim');
run('modelops-bundle register-model models/seir.ts');
run(
  'cb sampling sobol models/seir.ts:StochasticSEIR --n-samples 256 --n-replicates 20 --targets targets/prevalence.ts:prevalence --output out/study.json --force',
);
run('mops jobs submit out/study.json --auto --wait');
const { jobs } = JSON.parse(run('mops jobs list --limit 1 --json', { capture: true }));
const job = jobs[0].job;
run(`mops results best ${job}`);

const { losses } = JSON.parse(run(`mops results losses ${job} --json`, { capture: true }));
const best = losses.reduce((least, row) => (row.loss < least.loss ? row : least));
const store = join(process.env.MODELOPS_HOME || join(homedir(), '.modelops'), 'store');
const packs = `${store}/provenance/token/v1/sims/${best.model_digest.slice(7, 19)}/*/*/prevalence.parquet`;
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql) =>
  (await connection.runAndReadAll(sql))
    .getRowObjectsJS()
    .map(({ day, infected, seed }) => ({ day: Number(day), infected: Number(infected), seed: String(seed ?? '') }));
const simulated = await rows(
  `SELECT day, infected, seed FROM read_parquet('${packs}', filename = true) WHERE param_id = '${best.param_id}' AND filename LIKE '%@baseline%' ORDER BY seed, day`,
);
const observed = await rows(`SELECT day, infected FROM read_csv('${project}/data/observed.csv')`);

const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
const axis = (field, title) => ({ field, type: 'quantitative', title });
const spec = {
  hconcat: [
    {
      width: 340,
      height: 300,
      title: `Loss of ${losses.length} parameter sets (truth: red)`,
      layer: [
        {
          data: { values: losses.map(({ params, loss }) => ({ ...params, loss: Math.log10(loss) })) },
          mark: { type: 'circle', size: 60, opacity: 1 },
          encoding: {
            x: axis('beta', 'beta'),
            y: axis('gamma', 'gamma'),
            color: { ...axis('loss', 'log10 loss'), scale: { scheme: 'viridis', reverse: true } },
          },
        },
        {
          data: { values: [{ beta: 0.8, gamma: 0.2 }] },
          mark: { type: 'point', shape: 'cross', size: 200, color: 'red', strokeWidth: 2, filled: false },
          encoding: { x: axis('beta'), y: axis('gamma') },
        },
      ],
    },
    {
      width: 340,
      height: 300,
      title: `Observed (dots) and ${best.n_replicates} replicates of the best set`,
      layer: [
        {
          data: { values: simulated },
          mark: { type: 'line', opacity: 0.35 },
          encoding: { x: axis('day', 'day'), y: axis('infected', 'people infectious'), detail: { field: 'seed', type: 'nominal' } },
        },
        {
          data: { values: observed },
          mark: { type: 'circle', color: 'black', size: 18 },
          encoding: { x: axis('day'), y: axis('infected') },
        },
      ],
    },
  ],
  background: 'white',
};
const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
const file = join(project, 'out/fit.svg');
writeFileSync(file, await view.toSVG());
console.log(`\nplot: ${file}`);
