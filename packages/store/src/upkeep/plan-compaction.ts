/** The facts about a pack that compaction uses. */
export interface CompactablePack {
  readonly name: string;
  readonly bytes: number;
  readonly rows: number;
  /** Packs of the same form, which have the same outputs, may be merged. */
  readonly form: string;
}

export interface CompactionLimits {
  /** Maximum size of a new pack; a pack of half of it or more is not compacted. */
  readonly targetBytes: number;
  readonly maxRows: number;
}

/** A group is merged in memory, decompressed: up to ten times its bytes. */
export const DEFAULT_LIMITS: CompactionLimits = { targetBytes: 32 * 2 ** 20, maxRows: 250_000 };

/** Groups the small packs to merge, each group in order of names. Reads nothing. */
export function planCompaction(packs: readonly CompactablePack[], { targetBytes, maxRows }: CompactionLimits): string[][] {
  const groups: string[][] = [];
  const open = new Map<string, { names: string[]; bytes: number; rows: number }>();
  const small = packs.filter(({ bytes, rows }) => bytes < targetBytes / 2 && rows < maxRows / 2);
  for (const { name, bytes, rows, form } of [...small].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    let group = open.get(form);
    if (group === undefined || group.bytes + bytes > targetBytes || group.rows + rows > maxRows) {
      group = { names: [], bytes: 0, rows: 0 };
      groups.push(group.names);
      open.set(form, group);
    }
    group.names.push(name);
    group.bytes += bytes;
    group.rows += rows;
  }
  return groups.filter(({ length }) => length > 1);
}
