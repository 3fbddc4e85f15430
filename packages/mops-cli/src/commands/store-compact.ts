import { defineCommand, formatBytes, formatCount } from '@modelops/cli-kit';
import { type CompactedAddress, compactStore, DEFAULT_LIMITS } from '@modelops/store';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { envOption } from './options.ts';

const MINUTE_MS = 60_000;
const MIB = 2 ** 20;

export const command = defineCommand({
  examples: ['mops store compact --dry-run', 'mops store compact --size 64'],
  args: z.object({}),
  options: z.object({
    dryRun: z.boolean().default(false).describe('Show what would be done; change nothing'),
    size: z
      .number()
      .min(1)
      .default(DEFAULT_LIMITS.targetBytes / MIB)
      .describe('Maximum size of a merged pack in MiB; packs of at least half that size are skipped'),
    minAge: z.number().min(0).default(15).describe('Skip packs younger than this many minutes: not every worker has listed them'),
    env: envOption,
  }),
  schema: 'modelops.store.compact/v1',
  document: async () => (await import('../documents/store.ts')).storeCompact,
  run: async ({ dryRun, size, minAge, env }, deps: MopsDeps) => {
    const { stores, name } = await deps.open(env);
    const progress = await deps.reporter.progress();
    const addresses = await compactStore(stores.objects, {
      ...DEFAULT_LIMITS,
      targetBytes: size * MIB,
      before: stores.now() - minAge * MINUTE_MS,
      isDryRun: dryRun,
      now: stores.now,
      random: stores.random,
      signal: deps.signal,
      onGroup: (done, total) => progress.update({ done, total, note: 'groups of packs' }),
    });
    progress.finish();
    const sum = (field: 'packs' | 'replaced' | 'replaced_bytes' | 'written') => addresses.reduce((total, at) => total + at[field], 0);
    const total = { packs: sum('packs'), replaced: sum('replaced'), replaced_bytes: sum('replaced_bytes'), written: sum('written') };
    return { environment: name, dry_run: dryRun, addresses, total };
  },
  human: ({ dry_run, addresses, total }) => {
    const lines = addresses.filter(({ replaced }) => replaced > 0).map((at) => `${at.prefix}  ${changeOf(at, dry_run)}`);
    for (const { prefix, left } of addresses) for (const { name, reason } of left) lines.push(`skipped  ${prefix}${name}: ${reason}`);
    if (total.replaced === 0) lines.push(`nothing to do: ${formatCount(total.packs, 'pack')}`);
    else if (dry_run) lines.push('next: run the command without --dry-run');
    return lines.join('\n');
  },
});

function changeOf({ packs, replaced, replaced_bytes, written }: CompactedAddress, isDryRun: boolean): string {
  const change = `${formatCount(replaced)} of ${formatCount(packs, 'pack')}, ${formatBytes(replaced_bytes)}`;
  return isDryRun ? `${change}, would be merged into ${formatCount(written)}` : `${change}, merged into ${formatCount(written)}`;
}
