import type { OutputTable } from '@modelops/contracts';
import type { Evaluation, OutputTables } from '@modelops/model-host';
import { describe, expect, it } from 'vitest';
import { evaluateConcurrently } from './evaluate-concurrently.ts';

const table = (values: number): OutputTable => ({
  rows: Int32Array.of(values),
  columns: [{ name: 'x', values: new Float64Array(values) }],
});
const answer = (loss: number): Evaluation => ({ loss, diagnostics: {}, n_replicates: 1 });

/** A host that answers in turn and reports the largest amount of data it held. */
function createHost() {
  let [held, heldBytes] = [0, 0];
  const most = { tables: 0, bytes: 0 };
  const evaluate = async ({ o }: OutputTables) => {
    const [x] = o!.columns;
    const bytes = x!.values.length * 8;
    [held, heldBytes] = [held + 1, heldBytes + bytes];
    [most.tables, most.bytes] = [Math.max(most.tables, held), Math.max(most.bytes, heldBytes)];
    await new Promise((resolve) => setImmediate(resolve));
    [held, heldBytes] = [held - 1, heldBytes - bytes];
    return answer(x!.values.length);
  };
  return { evaluate, most };
}

describe('evaluateConcurrently', () => {
  it('returns answers in order and sends a host at most 32 tables at once', async () => {
    const { evaluate, most } = createHost();
    const sizes = Array.from({ length: 100 }, (_, k) => 100 - k);
    expect(await evaluateConcurrently(sizes, async (size) => ({ outputs: { o: table(size) } }), evaluate)).toEqual(sizes.map(answer));
    expect(most.tables).toBe(32);
  });

  it('holds at most 16 MiB, except for a single larger table', async () => {
    const { evaluate, most } = createHost();
    const sizes = [2 ** 20, 2 ** 20, 3 * 2 ** 20, 10, 2 ** 20];
    expect(await evaluateConcurrently(sizes, async (size) => ({ outputs: { o: table(size) } }), evaluate)).toEqual(sizes.map(answer));
    expect(most.bytes).toBe(24 * 2 ** 20);
  });

  it('returns what a group has in place of a table', async () => {
    const instead: Evaluation = { error: { kind: 'exception', type: 'ColumnsDiffer', message: 'x' } };
    const tables = [undefined, instead, { outputs: { o: table(3) } }];
    expect(await evaluateConcurrently(tables, async (one) => one, createHost().evaluate)).toEqual([undefined, instead, answer(3)]);
  });

  it('fails with the first evaluation that fails', async () => {
    const failing = async () => {
      throw new Error('the host is gone');
    };
    await expect(evaluateConcurrently([1, 2], async (size) => ({ outputs: { o: table(size) } }), failing)).rejects.toThrow(
      'the host is gone',
    );
  });
});
