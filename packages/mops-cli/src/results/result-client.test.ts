import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobId, parseJobId } from '@modelops/contracts';
import { type ParquetColumn, writeParquet } from '@modelops/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Loss } from './loss.ts';
import { createResultClient } from './result-client.ts';
import type { LossFilter, ResultClient } from './results.ts';

const [FIRST, SECOND] = ['job-1', 'job-2'].map(parseJobId) as [JobId, JobId];

interface Row {
  readonly param_id: string;
  readonly beta: number;
  readonly target?: string;
  readonly loss: number | null;
}

/** A version before November 2026 wrote times as text, and nothing about single replicates. */
function lossFile(job: JobId, bundle: string, hour: number, rows: readonly Row[], { isOld = false } = {}): Uint8Array {
  const text = (name: string, values: readonly (string | null)[]): ParquetColumn => ({ name, type: 'utf8', values });
  const same = (name: string, value: string) =>
    text(
      name,
      rows.map(() => value),
    );
  return writeParquet([
    same('job_id', job),
    text(
      'param_id',
      rows.map(({ param_id }) => param_id),
    ),
    { name: 'param_beta', type: 'float64', values: rows.map(({ beta }) => beta) },
    text(
      'target',
      rows.map(({ target = 'prevalence' }) => target),
    ),
    { name: 'loss', type: 'float64', values: rows.map(({ loss }) => loss) },
    { name: 'n_replicates', type: 'int32', values: rows.map(() => 5) },
    { name: 'n_failed', type: 'int32', values: rows.map(() => 0) },
    same('bundle_digest', bundle),
    same('model_digest', 'sha256:m'),
    same('entrypoint', 'models.seir.SEIR/baseline'),
    same('scenario', 'baseline'),
    ...(isOld
      ? [
          text(
            'computed_at',
            rows.map(({ loss }) => (loss === null ? null : `2026-03-01T1${hour}:00:00.000Z`)),
          ),
        ]
      : [
          {
            name: 'computed_at',
            type: 'timestamp' as const,
            values: rows.map(({ loss }) => (loss === null ? null : Date.UTC(2026, 2, 1, 10 + hour))),
          },
          { name: 'replicate_mean', type: 'float64' as const, values: rows.map(({ loss }) => loss && 2 * loss) },
          { name: 'standard_error', type: 'float64' as const, values: rows.map(({ loss }) => loss && loss / 10) },
        ]),
    { name: 'cache_hit', type: 'bool', values: rows.map(() => false) },
    text(
      'reason',
      rows.map(({ loss }) => (loss === null ? 'no replicates' : null)),
    ),
  ]);
}

let root: string;
let client: ResultClient;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelops-losses-'));
  const files = new Map([
    [
      FIRST,
      lossFile(
        FIRST,
        'sha256:a',
        1,
        [
          { param_id: 'c', beta: 3, loss: 0.3 },
          { param_id: 'a', beta: 1, loss: 0.1 },
          { param_id: 'n', beta: 9, loss: null },
          { param_id: 'a', beta: 1, loss: 7, target: 'deaths' },
        ],
        { isOld: true },
      ),
    ],
    [
      SECOND,
      lossFile(SECOND, 'sha256:b', 2, [
        { param_id: 'a', beta: 1, loss: 0.1 },
        { param_id: 'b', beta: 2, loss: 0.2 },
        { param_id: 'c', beta: 3, loss: 0.8 },
        { param_id: 'n', beta: 9, loss: 0.9 },
      ]),
    ],
  ]);
  for (const [job, bytes] of files) await writeFile(join(root, `it's ${job}.parquet`), bytes);
  const fileOf = (job: JobId) => join(root, `it's ${job}.parquet`);
  const losses = {
    of: async (job: JobId) => (files.has(job) ? fileOf(job) : undefined),
    all: async () => [...files.keys()].map(fileOf),
    summarisedBest: async () => undefined,
  };
  client = createResultClient(losses, {
    jobsOf: async () => [],
    query: async () => expect.fail('nothing is queried'),
    streamQuery: () => expect.fail('nothing is queried'),
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const shown = (losses: readonly { job_id: string; param_id: string }[]) =>
  losses.map(({ job_id, param_id }) => `${job_id.slice(4)}${param_id}`);

describe('ResultClient', () => {
  it('returns the losses of a job in the order of its sets, with parameters', async () => {
    const losses = await client.getLosses(FIRST);
    expect(shown(losses)).toEqual(['1c', '1a', '1n', '1a']);
    expect(losses[2]).toMatchObject({ params: { beta: 9 }, loss: null, reason: 'no replicates', n_replicates: 5 });
    expect(await client.getLosses(FIRST, { target: 'deaths' })).toHaveLength(1);
    expect(await client.getLosses(FIRST, { limit: 1 })).toHaveLength(1);
    await expect(client.getLosses(parseJobId('job-3'))).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
  });

  it('gives times and the spread over replicates, also beside losses of an older version', async () => {
    const spread = ({ computed_at, replicate_mean, standard_error }: Loss) => [computed_at, replicate_mean, standard_error];
    const all = await client.queryLosses({ maxLoss: 0.1 });
    expect(all.map(spread)).toEqual([
      ['2026-03-01T11:00:00.000Z', null, null],
      ['2026-03-01T12:00:00.000Z', 0.2, 0.01],
    ]);
    expect((await client.getLosses(FIRST)).map(spread)[2]).toEqual([null, null, null]);
    expect((await client.getBestParameters({ job: SECOND, nBest: 1 })).map(spread)).toEqual([['2026-03-01T12:00:00.000Z', 0.2, 0.01]]);
    const times = (await client.lossTable({ job: SECOND })).getChild('computed_at')! as unknown as { readonly type: unknown };
    expect(String(times.type)).toMatch(/^Timestamp/);
  });

  it.each([
    [{}, ['1a', '2a', '2b', '1c', '2c', '2n', '1a', '1n']],
    [{ job: SECOND }, ['2a', '2b', '2c', '2n']],
    [{ bundleDigest: 'sha256:a', target: 'prevalence' }, ['1a', '1c', '1n']],
    [{ since: '2026-03-01T12:00:00.000Z' }, ['2a', '2b', '2c', '2n']],
    [{ until: '2026-03-01T11:30:00.000Z' }, ['1a', '1c', '1a']],
    [{ minLoss: 0.2, maxLoss: 0.8 }, ['2b', '1c', '2c']],
    [{ minLoss: 0.2, limit: 2 }, ['2b', '1c']],
  ])('answers %j, lowest loss first', async (filter, expected) => {
    expect(shown(await client.queryLosses(filter))).toEqual(expected);
  });

  it('streams losses job after job, and stops at the limit', async () => {
    const streamed = async (filter: LossFilter) => {
      const losses: Loss[] = [];
      for await (const loss of client.streamLosses(filter)) losses.push(loss);
      return losses;
    };
    expect(shown(await streamed({}))).toEqual(['1c', '1a', '1n', '1a', '2a', '2b', '2c', '2n']);
    expect(await streamed({ job: FIRST })).toEqual(await client.getLosses(FIRST));
    expect(shown(await streamed({ target: 'prevalence', minLoss: 0.2, limit: 3 }))).toEqual(['1c', '2b', '2c']);
    for await (const loss of client.streamLosses({})) {
      expect(loss.param_id).toBe('c');
      break;
    }
  });

  it('returns losses as an Arrow table', async () => {
    const table = await client.lossTable({ target: 'prevalence' });
    expect(table.numRows).toBe(7);
    expect(table.schema.names.slice(0, 4)).toEqual(['job_id', 'param_id', 'param_beta', 'target']);
    expect([...table.getChild('loss')!].filter((loss) => loss === null)).toHaveLength(1);
    expect((await client.lossTable({ job: SECOND, limit: 2 })).numRows).toBe(2);
    expect((await client.lossTable({ target: 'nothing' })).schema.names).toContain('loss');
  });

  it('returns the best sets of all jobs, each once', async () => {
    expect(shown(await client.getBestParameters({ target: 'prevalence', nBest: 3 }))).toEqual(['1a', '2b', '1c']);
    expect(shown(await client.getBestParameters({ job: SECOND, nBest: 2 }))).toEqual(['2a', '2b']);
  });

  it('returns the best sets of a job from its summary, without its losses, where that lists enough', async () => {
    const best = await client.getBestParameters({ job: SECOND, nBest: 1 });
    const losses = {
      of: () => expect.fail('no losses are read'),
      all: () => expect.fail('no losses are read'),
      summarisedBest: async () => ({ best: best.map((loss) => ({ ...loss, rank: 1 })), more_ties: {} }),
    };
    const summarised = createResultClient(losses, {
      jobsOf: async () => [],
      query: async () => expect.fail('nothing is queried'),
      streamQuery: () => expect.fail('nothing is queried'),
    });
    expect(await summarised.getBestParameters({ job: SECOND, nBest: 1 })).toEqual(best);
  });

  it('ranks each target separately', async () => {
    const best = await client.getBestParameters({ job: FIRST, nBest: 1 });
    expect(best.map(({ target, param_id, loss }) => [target, param_id, loss])).toEqual([
      ['deaths', 'a', 7],
      ['prevalence', 'a', 0.1],
    ]);
  });

  it('compares two jobs by set and target, the largest difference first', async () => {
    const { both, only_a, only_b } = await client.compare(FIRST, SECOND);
    expect(both.map(({ param_id, a, b, difference }) => [param_id, a, b, difference])).toEqual([
      ['c', 0.3, 0.8, 0.5],
      ['a', 0.1, 0.1, 0],
      ['n', null, 0.9, null],
    ]);
    expect([only_a, only_b]).toEqual([1, 1]);
  });
});
