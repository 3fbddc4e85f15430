import type { ParamValue, ParamValues } from '@modelops/contracts';
import { blockOf } from './saltelli-indices.ts';

export interface SaltelliLayout {
  /** The parameters that vary, in the order of the design. */
  readonly names: readonly string[];
  /** Number of base points: of blocks. */
  readonly points: number;
  readonly secondOrder: boolean;
}

/**
 * For each row of a Saltelli design, block after block (A, AB₁ … AB_d, with second order BA₁ … BA_d, then B), its number among the distinct sets of the
 * study in their order. A row that repeats an earlier set is not listed again by the study. Returns undefined if the sets are not those of such a design:
 * each row of each block is checked.
 */
export function saltelliRows(sets: readonly ParamValues[], { names, points, secondOrder }: SaltelliLayout): Uint32Array | undefined {
  const valuesOf = (set: number): ParamValue[] | undefined => (set < sets.length ? names.map((name) => sets[set]![name]!) : undefined);
  const seen = new Map<string, number>();
  const rows: number[] = [];
  let next = 0;
  const take = (row: readonly ParamValue[]): boolean => {
    const key = JSON.stringify(row);
    let set = seen.get(key);
    if (set === undefined) {
      if (JSON.stringify(valuesOf(next)) !== key) return false;
      set = next++;
      seen.set(key, set);
    }
    rows.push(set);
    return true;
  };
  while (next < sets.length) {
    const a = valuesOf(next)!;
    const b = [...a];
    // AB_k differs from A in parameter k alone, or is A itself.
    for (let k = 0, at = next + 1; k < names.length; k++) {
      const row = valuesOf(at);
      if (row === undefined || row.some((value, column) => (value !== a[column]) !== (column === k))) continue;
      b[k] = row[k]!;
      at++;
    }
    const withOne = (own: readonly ParamValue[], other: readonly ParamValue[]) => names.map((_, k) => own.with(k, other[k]!));
    if (![a, ...withOne(a, b), ...(secondOrder ? withOne(b, a) : []), b].every(take)) return undefined;
  }
  return rows.length === points * blockOf({ d: names.length, secondOrder }).size ? Uint32Array.from(rows) : undefined;
}
