import { document } from '@modelops/cli-kit/document';
import * as z from 'zod';

const environment = z.string();

export const storeCheck = document('modelops.store.check/v1', {
  environment,
  packs: z.int(),
  evicted: z.int(),
  objects: z.int(),
  bytes: z.int(),
  problems: z.array(z.strictObject({ key: z.string(), kind: z.enum(['bad', 'missing', 'stray', 'orphan']), reason: z.string() })),
  quarantined: z.array(z.string()),
});

export const storeStats = document('modelops.store.stats/v1', {
  environment,
  addresses: z.array(
    z.strictObject({
      schema: z.string(),
      kind: z.enum(['sims', 'aggs']),
      code: z.string(),
      name: z.string(),
      packs: z.int(),
      evicted: z.int(),
      bytes: z.int(),
      results: z.int(),
      rows: z.int(),
    }),
  ),
  total: z.strictObject({ packs: z.int(), evicted: z.int(), bytes: z.int(), rows: z.int() }),
  quarantine: z.strictObject({ objects: z.int(), bytes: z.int() }),
});

const total = z.strictObject({ packs: z.int(), files: z.int(), bytes: z.int(), tasks: z.int() });
export type GarbageTotal = z.output<typeof total>;
export const storeGc = document('modelops.store.gc/v1', {
  environment,
  dry_run: z.boolean(),
  outputs: total,
  orphans: total,
  strays: total,
  quarantined: total,
  kept: z.strictObject({ reachable: z.int(), imported: z.int() }),
  evicted_before: z.int(),
  unreadable: z.array(z.strictObject({ job: z.string(), reason: z.string() })),
  packs: z.array(
    z.strictObject({
      kind: z.enum(['outputs', 'orphan', 'stray', 'quarantined']),
      pack: z.string(),
      files: z.int(),
      bytes: z.int(),
    }),
  ),
});

export const storeCompact = document('modelops.store.compact/v1', {
  environment,
  dry_run: z.boolean(),
  addresses: z.array(
    z.strictObject({
      prefix: z.string(),
      packs: z.int(),
      replaced: z.int(),
      replaced_bytes: z.int(),
      written: z.int(),
      left: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
    }),
  ),
  total: z.strictObject({ packs: z.int(), replaced: z.int(), replaced_bytes: z.int(), written: z.int() }),
});
