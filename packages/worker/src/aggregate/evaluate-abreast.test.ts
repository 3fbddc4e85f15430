import type { Evaluation, OutputTable } from '@modelops/model-host';
import { describe, expect, it } from 'vitest';
import { evaluateAbreast } from './evaluate-abreast.ts';

const table = (values: number): OutputTable => ({
  rows: Int32Array.of(values),
  columns: [{ name: 'x', values: new Float64Array(values) }],
});
const answer = (loss: number): Evaluation => ({ loss, diagnostics: {}, n_replicates: 1 });

/** A host that answers what it holds in turn, and tells the most that it held. */
function createHost() {
  let [held, heldBytes] = [0, 0];
  const most = { tables: 0, bytes: 0 };
  const evaluate = async ({ columns: [x] }: OutputTable) => {
    const bytes = x!.values.length * 8;
    [held, heldBytes] = [held + 1, heldBytes + bytes];
    [most.tables, most.bytes] = [Math.max(most.tables, held), Math.max(most.bytes, heldBytes)];
    await new Promise((resolve) => setImmediate(resolve));
    [held, heldBytes] = [held - 1, heldBytes - bytes];
    return answer(x!.values.length);
  };
  return { evaluate, most };
}

describe('evaluations abreast', () => {
  it('come in order, and no more at once than a host is given', async () => {
    const { evaluate, most } = createHost();
    const sizes = Array.from({ length: 100 }, (_, k) => 100 - k);
    expect(await evaluateAbreast(sizes, async (size) => table(size), evaluate)).toEqual(sizes.map(answer));
    expect(most.tables).toBe(32);
  });

  it('hold 16 MiB at most, but for one that is larger alone', async () => {
    const { evaluate, most } = createHost();
    const sizes = [2 ** 20, 2 ** 20, 3 * 2 ** 20, 10, 2 ** 20];
    expect(await evaluateAbreast(sizes, async (size) => table(size), evaluate)).toEqual(sizes.map(answer));
    expect(most.bytes).toBe(24 * 2 ** 20);
  });

  it('leave a group without a table at what it has instead', async () => {
    const instead: Evaluation = { error: { kind: 'exception', type: 'ColumnsDiffer', message: 'x' } };
    const tables = [undefined, instead, table(3)];
    expect(await evaluateAbreast(tables, async (one) => one, createHost().evaluate)).toEqual([undefined, instead, answer(3)]);
  });

  it('end with the first that fails', async () => {
    const failing = async () => {
      throw new Error('the host is gone');
    };
    await expect(evaluateAbreast([1, 2], async (size) => table(size), failing)).rejects.toThrow('the host is gone');
  });
});
