import { spawnSync } from 'node:child_process';
import { importSource } from '../source.mjs';
import { repeat } from '../timing.mjs';

const [POINTS, DIMENSIONS, BOOTSTRAPS] = [32_768, 8, 1000];
const ROWS = POINTS * (DIMENSIONS + 2);

/** CPU time of first-order and total indices with their intervals, compared with SALib if BENCH_PYTHON is a Python with SALib. */
export async function measure() {
  const { saltelliIndices } = await importSource('packages/report/src/sensitivity/index.ts');
  const { drawerOf } = await importSource('packages/cb-cli/src/sensitivity/analyse.ts');
  const y = Float64Array.from({ length: ROWS }, (_, row) => Math.sin(row * 0.7) + (row % 10) / 10);
  const responses = { y, noise: new Float64Array(ROWS), set: Uint32Array.from(y, (_, row) => row) };
  const options = { d: DIMENSIONS, secondOrder: false, estimator: 'saltelli', bootstraps: BOOTSTRAPS, draw: drawerOf(0n) };
  const cpuSeconds = () => {
    const before = process.cpuUsage();
    saltelliIndices(responses, options);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  return [
    {
      what: `indices of ${ROWS} rows, ${BOOTSTRAPS} bootstraps`,
      value: repeat(3, cpuSeconds),
      unit: 's CPU',
      aim: 'at most 2',
      beside: salib(),
    },
  ];
}

function salib() {
  const python = process.env.BENCH_PYTHON;
  if (python === undefined) return 'SALib not measured: set BENCH_PYTHON to a Python with SALib';
  const program = `
import time, numpy as np
from SALib.analyze import sobol
row = np.arange(${ROWS})
y = np.sin(row * 0.7) + (row % 10) / 10
problem = {"num_vars": ${DIMENSIONS}, "names": [f"x{k}" for k in range(${DIMENSIONS})], "bounds": [[0, 1]] * ${DIMENSIONS}}
before = time.process_time()
sobol.analyze(problem, y, calc_second_order=False, num_resamples=${BOOTSTRAPS}, seed=0)
print(time.process_time() - before)`;
  const { stdout, stderr, status } = spawnSync(python, ['-c', program], { encoding: 'utf8' });
  return status === 0 ? `SALib ${Number(stdout).toFixed(1)} s CPU` : `SALib failed: ${stderr.trim().split('\n').at(-1)}`;
}
