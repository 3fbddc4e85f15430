import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Laptop } from './laptop.ts';
import { query } from './query.ts';

const SDK = new URL('../../../packages/sdk-python/src', import.meta.url).pathname;

export interface PlainLoop {
  /** `models/seir.py:seir` */
  readonly model: string;
  readonly output: string;
  /** A column, and the column by which its rows are sorted. */
  readonly column: string;
  readonly by: string;
  /** An interpreter with the model's packages. */
  readonly python?: string;
}

/**
 * Simulates every task of a laptop's store in a plain Python loop over the same parameters and seeds; returns their number.
 * @throws Error naming a task whose values differ in any bit
 */
export async function compareWithPlainLoop(laptop: Laptop, { model, output, column, by, python = 'python3' }: PlainLoop): Promise<number> {
  const packs = `${laptop.store}/provenance/token/v1/sims/*/*/*`;
  const rows = await query<{ params: string; seed: bigint; values: string }>(
    `SELECT i.params, i.seed, CAST(list(o.${column} ORDER BY o.${by}) AS VARCHAR) AS values FROM read_parquet('${packs}/_index.parquet') i
     JOIN read_parquet('${packs}/${output}.parquet') o ON i.param_id = o.param_id AND i.seed = o.seed GROUP BY ALL`,
  );
  const tasks = rows.map(({ params, seed, values }) => ({ params: JSON.parse(params), seed: Number(seed), values: JSON.parse(values) }));
  writeFileSync(join(laptop.dir, 'tasks.json'), JSON.stringify(tasks));
  const [file, name] = model.split(':') as [string, string];
  const loop = `import json
from ${file.replace('.py', '').replaceAll('/', '.')} import ${name} as model
from modelops import simulate
for task in json.load(open("tasks.json")):
    table = simulate(model, task["params"], seed=task["seed"])["${output}"]
    assert list(table["${column}"]) == task["values"], task`;
  const env = { ...process.env, PYTHONPATH: SDK, PYTHONDONTWRITEBYTECODE: '1' };
  execFileSync(python, ['-c', loop], { cwd: laptop.dir, env });
  return tasks.length;
}
