import { defineCommand, formatBytes, formatCount, formatTable } from '@modelops/cli-kit';
import { type AddressStats, statsOf } from '@modelops/store';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { envOption } from './options.ts';

export const command = defineCommand({
  examples: ['mops store stats', 'mops store stats --json'],
  args: z.object({}),
  options: z.object({ env: envOption }),
  schema: 'modelops.store.stats/v1',
  document: async () => (await import('../documents/store.ts')).storeStats,
  run: async ({ env }, deps: MopsDeps) => {
    const { stores, name } = await deps.open(env);
    const addresses = await statsOf(stores.objects);
    const quarantine = { objects: 0, bytes: 0 };
    for await (const { size } of stores.objects.list('quarantine/')) {
      quarantine.objects++;
      quarantine.bytes += size;
    }
    const sum = (field: 'packs' | 'evicted' | 'bytes' | 'rows') => addresses.reduce((total, stats) => total + stats[field], 0);
    const total = { packs: sum('packs'), evicted: sum('evicted'), bytes: sum('bytes'), rows: sum('rows') };
    return { environment: name, addresses, total, quarantine };
  },
  human: ({ environment, addresses, total, quarantine }) => {
    if (addresses.length === 0) return `the store of environment ${environment} has no results`;
    const lines = [formatTable(addresses, COLUMNS), `${formatCount(total.packs, 'pack')}, ${formatBytes(total.bytes)}`];
    if (quarantine.objects > 0)
      lines.push(
        `${formatCount(quarantine.objects, 'object')} in quarantine, ${formatBytes(quarantine.bytes)}; mops store gc --quarantine`,
      );
    if (addresses.some(isScattered)) lines.push('many small packs: merge them with mops store compact');
    return lines.join('\n');
  },
});

const SMALL_BYTES = 2 ** 20;

function isScattered({ packs, bytes }: AddressStats): boolean {
  return packs >= 100 && bytes / packs < SMALL_BYTES;
}

const COLUMNS = [
  { title: 'SCHEMA', value: ({ schema }: AddressStats) => schema },
  { title: 'KIND', value: ({ kind }: AddressStats) => kind },
  { title: 'CODE', value: ({ code }: AddressStats) => code },
  { title: 'NAME', value: ({ name }: AddressStats) => name },
  { title: 'RESULTS', value: ({ results }: AddressStats) => formatCount(results), align: 'right' as const },
  { title: 'ROWS', value: ({ rows }: AddressStats) => formatCount(rows), align: 'right' as const },
  { title: 'PACKS', value: ({ packs }: AddressStats) => formatCount(packs), align: 'right' as const },
  { title: 'EVICTED', value: ({ evicted }: AddressStats) => formatCount(evicted), align: 'right' as const },
  { title: 'SIZE', value: ({ bytes }: AddressStats) => formatBytes(bytes), align: 'right' as const },
];
