import { type IndexRow, indexRows } from '../packs/index/index-rows.ts';
import type { ParquetTable } from '../packs/parquet/read-parquet.ts';
import { gatherOutput, type OutputPlace, type PackOutput } from '../packs/reader/read-output.ts';
import type { PackContents } from '../packs/writer/write-pack.ts';

/** A pack that was read completely and matches its digests. */
export interface OpenPack {
  readonly name: string;
  readonly index: ParquetTable;
  readonly outputs: ReadonlyMap<string, PackOutput>;
}

/** Packs whose outputs have the same columns in the same order and of the same types, so that they can be merged without changing a value. */
export interface PackGroup {
  readonly packs: OpenPack[];
  /** The columns by output; undefined while no pack of the group has a row of it. */
  readonly forms: Map<string, string | undefined>;
}

/** Adds the pack to the first group with the same columns, or to a new one. */
export function joinGroup(groups: PackGroup[], pack: OpenPack): void {
  const forms = new Map([...pack.outputs].map(([output, from]) => [output, formOfOutput(from)]));
  const fitting = groups.find((group) =>
    [...forms].every(([output, form]) => form === undefined || (group.forms.get(output) ?? form) === form),
  );
  const group = fitting ?? { packs: [], forms: new Map<string, string | undefined>() };
  if (fitting === undefined) groups.push(group);
  group.packs.push(pack);
  for (const [output, form] of forms) group.forms.set(output, group.forms.get(output) ?? form);
}

function formOfOutput({ starts, table }: PackOutput): string | undefined {
  if (table === undefined || starts.at(-1) === 0) return undefined;
  return JSON.stringify(table.names.map((name) => [name, table.column(name).type]));
}

/** Merges the kept rows of packs with the same columns, in order of the packs. Undefined if no row is kept. */
export function mergePacks(packs: readonly OpenPack[], keep: (row: IndexRow, place: number) => boolean): PackContents | undefined {
  const rows: IndexRow[] = [];
  const places = new Map<string, OutputPlace[]>();
  for (const { name, index, outputs } of packs) {
    const all = indexRows(
      index,
      name,
      Array.from({ length: index.rows }, (_, at) => at),
    );
    all.forEach((row, at) => {
      if (!keep(row, at)) return;
      rows.push(row);
      for (const [output, from] of outputs) {
        const held = places.get(output);
        if (held === undefined) places.set(output, [{ output: from, row: at }]);
        else held.push({ output: from, row: at });
      }
    });
  }
  if (rows.length === 0) return undefined;
  return {
    simulations: rows,
    outputs: Object.fromEntries([...places].map(([output, found]) => [output, gatherOutput(output, found)])),
    job_id: rows.map(({ job_id }) => job_id),
    worker: rows.map(({ worker }) => worker),
  };
}
