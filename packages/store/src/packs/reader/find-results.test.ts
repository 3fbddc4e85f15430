import { digestOf, type PackAddress, type ParamId, packPrefix, parseAddress, sha256Hex, type TaskId } from '@modelops/contracts';
import { expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../objects/memory-object-store.ts';
import { packName } from '../pack-name.ts';
import { createProvenanceStore } from '../provenance-store.ts';
import { missedOnce } from '../testing/missed-once.ts';
import { findResults } from './find-results.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const SIMS: PackAddress = { schema: 'token', kind: 'sims', code: digestOf('model'), name: 'models.seir.SEIR/baseline' };

function open() {
  const objects = createMemoryObjectStore();
  const store = createProvenanceStore(objects, { now: () => NOW });
  const write = (address: PackAddress, names: readonly string[], at = 0) =>
    store.writeSimulations(address, {
      name: packName(NOW + at, () => 0.5),
      simulations: names.map((name, seed) => ({
        task_id: sha256Hex(name) as TaskId,
        param_id: sha256Hex('values') as ParamId,
        params: '{}',
        seed: BigInt(seed),
        status: 'ok',
        error: null,
        started_at: NOW,
        duration_ms: 1,
      })),
      outputs: {},
      job_id: 'job-a',
      worker: 'w',
    });
  return { objects, store, write };
}

it('finds rows of every address by the beginning of their id, and rows of one model by path', async () => {
  const { objects, write } = open();
  await write(SIMS, ['a', 'b']);
  await write({ ...SIMS, schema: 'bundle' }, ['c']);
  await write({ ...SIMS, code: digestOf('other') }, ['d']);
  const [id] = [sha256Hex('a')];
  expect((await findResults(objects, { taskId: id.slice(0, 8) })).rows.map(({ task_id }) => task_id)).toEqual([id]);
  const at = { code: parseAddress(packPrefix(SIMS)).code, paramId: sha256Hex('values').slice(0, 8), seed: 0n };
  expect((await findResults(objects, at)).rows.map(({ task_id }) => task_id)).toEqual([sha256Hex('c'), sha256Hex('a')]);
  expect((await findResults(objects, { ...at, schema: 'token' })).rows.map(({ address }) => address)).toEqual([{ ...SIMS, code: at.code }]);
});

it('searches more packs than are read at once, and names unreadable packs', async () => {
  const { objects, write } = open();
  for (let at = 0; at < 40; at++) await write(SIMS, [`task ${at}`], at);
  const folder = `${packPrefix(SIMS)}${packName(NOW + 7, () => 0.5)}`;
  await objects.put(`${folder}/_index.parquet`, new Uint8Array(40));
  await objects.put(`${packPrefix(SIMS)}half/prevalence.parquet`, new Uint8Array(40));
  const { rows, unreadable } = await findResults(objects, { taskId: '' });
  expect(rows).toHaveLength(39);
  expect(unreadable).toEqual([{ pack: folder, reason: expect.stringContaining('cannot read its index') }]);
});

it('finds all rows of a large pack', async () => {
  const { objects, write } = open();
  const names = Array.from({ length: 150_000 }, (_, at) => `task ${at}`);
  await write(SIMS, names);
  expect((await findResults(objects, { taskId: '' })).rows).toHaveLength(names.length);
});

it('returns index rows in order of the tasks, of duplicates that of the lowest pack', async () => {
  const { store, write } = open();
  await write(SIMS, ['a', 'b'], 2);
  await write(SIMS, ['b', 'c'], 1);
  const rows = await store.rows(
    SIMS,
    ['c', 'none', 'b', 'a'].map((name) => sha256Hex(name) as TaskId),
  );
  expect(rows.map((row) => row && [row.task_id, row.pack, row.job_id])).toEqual([
    [sha256Hex('c'), packName(NOW + 1, () => 0.5), 'job-a'],
    undefined,
    [sha256Hex('b'), packName(NOW + 1, () => 0.5), 'job-a'],
    [sha256Hex('a'), packName(NOW + 2, () => 0.5), 'job-a'],
  ]);
});

it('parses the prefix of an address', () => {
  for (const address of [SIMS, { ...SIMS, schema: 'bundle' }, { ...SIMS, kind: 'aggs', name: 'prevalence' }] as const)
    expect(packPrefix(parseAddress(packPrefix(address)))).toBe(packPrefix(address));
  expect(() => parseAddress('provenance/token/v1/sims/xyz/')).toThrow(RangeError);
});

it('finds a row whose pack was replaced while the packs were listed', async () => {
  const { objects, write } = open();
  await write(SIMS, ['a']);
  const { rows } = await findResults(missedOnce(objects), { taskId: sha256Hex('a') });
  expect(rows.map(({ task_id }) => task_id)).toEqual([sha256Hex('a')]);
});
