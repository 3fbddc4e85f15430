import { type ParamId, sha256Hex, type TaskId } from '@modelops/contracts';
import type { ParquetColumn } from '../parquet/columns.ts';
import type { SimulationPack } from '../rows.ts';

/** More rows than one page holds. */
const ROWS = 131_072 + 1_000;
const each = <T>(value: (at: number) => T): T[] => Array.from({ length: ROWS }, (_, at) => value(at));

/**
 * The contents of `snappy-packs/columns.parquet`: every type of column, as the store wrote it with Snappy, delta pages and its own Parquet writer
 * (until November 2026). The files are kept because stores contain such packs.
 */
export function snappyColumns(): ParquetColumn[] {
  return [
    { name: 'doubles', type: 'float64', values: Float64Array.from({ length: ROWS }, (_, at) => Math.floor(at / 1_000) / 4) },
    { name: 'nullableDoubles', type: 'float64', values: each((at) => (at % 1_000 < 3 ? null : (at >> 12) / 8)) },
    { name: 'ints', type: 'int32', values: Int32Array.from({ length: ROWS }, (_, at) => (at % 60) - 7) },
    { name: 'nullableInts', type: 'int32', values: each((at) => (at % 900 === 0 ? null : at >> 10)) },
    { name: 'longs', type: 'int64', values: BigInt64Array.from({ length: ROWS }, (_, at) => -(2n ** 62n) + BigInt(at >> 12)) },
    { name: 'seeds', type: 'uint64', values: BigUint64Array.from({ length: ROWS }, (_, at) => 2n ** 64n - 1n - BigInt(at >> 12)) },
    { name: 'bools', type: 'bool', values: each((at) => (at >> 8) % 2 === 0) },
    { name: 'nullableBools', type: 'bool', values: each((at) => (at % 700 === 1 ? null : at < 50_000)) },
    { name: 'fewTexts', type: 'utf8', values: each((at) => ['', 'ü', '日本', 'a\0b'][(at >> 9) % 4]!) },
    { name: 'nullableTexts', type: 'utf8', values: each((at) => (at % 800 === 2 ? `reason ${at >> 12}` : null)) },
    { name: 'coded', type: 'coded', dictionary: ['x', 'y', 'z'], indices: Int32Array.of(2, 0, 1), repeats: Int32Array.of(5, ROWS - 8, 3) },
    {
      name: 'codedSeeds',
      type: 'coded',
      dictionary: BigUint64Array.of(7n, 2n ** 64n - 2n),
      indices: Int32Array.of(1, 0),
      repeats: Int32Array.of(1, ROWS - 1),
    },
  ];
}

/** The contents of `snappy-packs/texts.parquet`: too many texts for a dictionary, and ids, which were not compressed. */
export function snappyTexts(): ParquetColumn[] {
  const texts = Array.from({ length: 5_000 }, (_, at) => `${at}`);
  return [
    { name: 'manyTexts', type: 'utf8', values: texts },
    { name: 'ids', type: 'utf8', values: texts.map((text) => `é${text}`), isUnique: true },
  ];
}

/** The contents of `snappy-packs/pack`: two outputs, one without rows, and a failure. */
export const SNAPPY_PACK: SimulationPack = {
  name: '000000001-snappy0000',
  simulations: [0, 1, 2].map((at) => ({
    task_id: sha256Hex(`task ${at}`) as TaskId,
    param_id: sha256Hex(`param ${at >> 1}`) as ParamId,
    params: `{"beta":${at >> 1}}`,
    seed: 2n ** 64n - 1n - BigInt(at),
    status: at === 2 ? 'failed' : 'ok',
    error: at === 2 ? '{"type":"ValueError"}' : null,
    started_at: 1.7e12 + at,
    duration_ms: 0.25 * at,
  })),
  outputs: {
    prevalence: {
      rows: Int32Array.of(2, 1, 0),
      columns: [
        { name: 'day', values: Int32Array.of(0, 1, 0) },
        { name: 'infected', values: Float64Array.of(1.5, Number.NaN, -0) },
        { name: 'place', values: ['é', '', 'z'] },
        { name: 'isPeak', values: [true, false, true] },
        { name: 'count', values: BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n) },
      ],
    },
    nothing: { rows: Int32Array.of(0, 0, 0), columns: [{ name: 'x', values: new Float64Array(0) }] },
  },
  job_id: 'job-snappy',
  worker: 'host/0',
};
