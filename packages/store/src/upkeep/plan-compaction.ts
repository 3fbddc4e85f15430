/** A pack as compaction sees it. */
export interface CompactablePack {
  readonly name: string;
  readonly bytes: number;
  readonly rows: number;
  /** Packs of one form may become one: the same outputs. */
  readonly form: string;
}

export interface CompactionLimits {
  /** What a new pack may hold; a pack of half of it or more is large enough. */
  readonly targetBytes: number;
  readonly mostRows: number;
}

/** A group is held in memory as it is merged, decompressed: up to ten times its bytes. */
export const DEFAULT_LIMITS: CompactionLimits = { targetBytes: 32 * 2 ** 20, mostRows: 250_000 };

/** Which small packs become one, each group in order of names. Reads nothing. */
export function planCompaction(packs: readonly CompactablePack[], { targetBytes, mostRows }: CompactionLimits): string[][] {
  const groups: string[][] = [];
  const open = new Map<string, { names: string[]; bytes: number; rows: number }>();
  const small = packs.filter(({ bytes, rows }) => bytes < targetBytes / 2 && rows < mostRows / 2);
  for (const { name, bytes, rows, form } of [...small].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    let group = open.get(form);
    if (group === undefined || group.bytes + bytes > targetBytes || group.rows + rows > mostRows) {
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
