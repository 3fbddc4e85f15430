import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '@modelops/store';
import { query } from '../query.ts';

/** Copies the packs of a store into a folder, where DuckDB reads them. */
export async function mirrorPacks(objects: ObjectStore, dir: string): Promise<void> {
  for await (const { key } of objects.list('provenance/', {})) {
    const found = await objects.get(key);
    await mkdir(dirname(join(dir, key)), { recursive: true });
    await writeFile(join(dir, key), found!.bytes);
  }
}

export interface DatasetSummary {
  readonly tasks: number;
  /** Number of written results, including duplicates of a task. */
  readonly written: number;
  /** Digest over the ids of all tasks; and over the ids with their rows, in order. */
  readonly ids: string;
  readonly results: string;
}

/** Summary of the packs in a folder. If a task has two results, the one with the lowest pack name counts. */
export async function summariseDataset(dir: string, output: string): Promise<DatasetSummary> {
  const packs = (file: string) => `read_parquet('${dir}/provenance/token/v1/sims/*/*/*/${file}.parquet', filename = true)`;
  const pack = 'parse_filename(parse_path(filename)[-2])';
  const [summary] = await query<{ tasks: bigint; written: bigint; ids: string; results: string }>(`
    WITH simulations AS (SELECT task_id, param_id, seed, ${pack} AS pack FROM ${packs('_index')} WHERE status = 'ok'),
    kept AS (SELECT * FROM simulations QUALIFY row_number() OVER (PARTITION BY task_id ORDER BY pack) = 1),
    rows AS (SELECT param_id, seed, ${pack} AS pack, md5(string_agg(day || ':' || infected, ',' ORDER BY day)) AS digest
      FROM ${packs(output)} GROUP BY ALL)
    SELECT (SELECT count(*) FROM kept) AS tasks, (SELECT count(*) FROM simulations) AS written,
      (SELECT md5(string_agg(task_id, ',' ORDER BY task_id)) FROM kept) AS ids,
      (SELECT md5(string_agg(task_id || digest, ',' ORDER BY task_id)) FROM kept JOIN rows USING (param_id, seed, pack)) AS results`);
  return { tasks: Number(summary!.tasks), written: Number(summary!.written), ids: summary!.ids, results: summary!.results };
}

/** The rows of an output in the packs of a folder. */
export function readRows(dir: string, output: string): Promise<Record<string, unknown>[]> {
  return query(`SELECT * FROM read_parquet('${dir}/provenance/token/v1/sims/*/*/*/${output}.parquet')`);
}
