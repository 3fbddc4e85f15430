import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { freshProject, runMeasured } from '../project.mjs';
import { storeSteps } from '../store-steps.mjs';
import { median, secondsOf, timed, usedOf } from '../timing.mjs';

const SETS = 100_000;
const TARGETS = 10;
const JOBS = 200;
const ROWS = 5_000;
const ROUNDS = 5;

/** Commands that read and write losses, on prepared jobs. */
export async function measure() {
  const steps = await storeSteps();
  try {
    const index = onJob(steps, SETS, 1, (mops) => times(() => mops('jobs', 'validate', 'job-bench', '--force')));
    const best = onJob(steps, SETS, TARGETS, (mops, store) => {
      mops('jobs', 'validate', 'job-bench', '--force');
      const bestOf = (n) => mops('results', 'best', 'job-bench', '--target', 'target3', '-n', n);
      const losses = join(store, 'results/job-bench/losses.parquet');
      const rounds = times(() => ({
        ten: bestOf('10'),
        hundred: bestOf('100'),
        peers: Object.keys(PEERS).map((peer) => secondsOfPeer(peer, losses)),
      }));
      return {
        ten: rounds.map(({ ten }) => ten),
        hundred: rounds.map(({ hundred }) => hundred),
        peers: peersOf(rounds.map(({ peers }) => peers)),
      };
    });
    const query = onJob(steps, ROWS, 1, (mops, store) => {
      mops('jobs', 'validate', 'job-bench', '--force');
      for (let job = 1; job < JOBS; job++)
        cpSync(join(store, 'results/job-bench'), join(store, `results/job-bench-${job}`), { recursive: true });
      return times(() => mops('results', 'query', 'SELECT target, count(*), min(loss), median(loss) FROM losses GROUP BY target'));
    });
    return [
      row(`validate ${SETS} parameter sets and index their losses, whole process`, index, 'at most 2 to index'),
      row(`best 10 of ${SETS * TARGETS} losses, which the summary lists, whole process`, best.ten, 'at most 0.35', best.peers),
      row(`best 100 of ${SETS * TARGETS} losses, by DuckDB, whole process`, best.hundred, ''),
      row(`SQL over the losses of ${JOBS} jobs × ${ROWS} rows, whole process`, query, ''),
    ];
  } finally {
    steps.remove();
  }
}

function onJob(steps, sets, targets, action) {
  const project = freshProject('');
  try {
    const store = join(project.home, 'store');
    steps.run('makeLosses', store, sets, targets);
    return action((...args) => runMeasured(project, 'mops', args), store);
  } finally {
    project.remove();
  }
}

const times = (action) => Array.from({ length: ROUNDS + 1 }, action).slice(1);

const row = (what, measured, aim, peers = '') => ({
  what,
  value: secondsOf(measured),
  unit: 's',
  aim,
  beside: [usedOf(measured), peers].filter((text) => text !== '').join('; '),
});

/** The same question in Python, by library. */
const PEERS = {
  duckdb: (file) => `import duckdb; print(duckdb.sql("FROM '${file}' WHERE target = 'target3' ORDER BY loss LIMIT 10").fetchall())`,
  polars: (file) =>
    `import polars as pl; print(pl.scan_parquet('${file}').filter(pl.col('target') == 'target3').sort('loss').head(10).collect())`,
  pandas: (file) => `import pandas as pd; d = pd.read_parquet('${file}'); print(d[d.target == 'target3'].nsmallest(10, 'loss'))`,
};

/** Seconds of a whole process; NaN without BENCH_PYTHON, or if that lacks the library. */
function secondsOfPeer(peer, file) {
  if (process.env.BENCH_PYTHON === undefined) return Number.NaN;
  let status;
  const seconds = timed(() => {
    ({ status } = spawnSync(process.env.BENCH_PYTHON, ['-c', PEERS[peer](file)]));
  });
  return status === 0 ? seconds : Number.NaN;
}

function peersOf(rounds) {
  if (process.env.BENCH_PYTHON === undefined)
    return 'peers not measured: set BENCH_PYTHON to a Python with duckdb, polars, pandas and pyarrow';
  return Object.keys(PEERS)
    .map((peer, at) => `${peer} ${median(rounds.map((seconds) => seconds[at])).toFixed(3)} s`)
    .join(', ');
}
