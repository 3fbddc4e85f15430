import { resolve } from 'node:path';
import { defineCommand, formatCount } from '@modelops/cli-kit';
import { parseDigest } from '@modelops/contracts';
import * as z from 'zod';
import type { MopsDeps } from '../deps.ts';
import { importTree } from '../results/import/import-tree.ts';
import { envOption } from './options.ts';

export const command = defineCommand({
  examples: ['mops results import provenance', 'mops results import tree --dry-run'],
  args: z.object({ dir: z.string().describe('Folder; all results below it are imported') }),
  options: z.object({
    code: z
      .string()
      .optional()
      .describe('Model digest of results without one (default: the digest of their bundle)')
      .meta({ placeholder: 'DIGEST' }),
    dryRun: z.boolean().default(false).describe('Check every file and show what would be imported; write nothing'),
    env: envOption,
  }),
  schema: 'modelops.results.import/v1',
  document: async () => (await import('../documents/results.ts')).resultsImport,
  run: async ({ dir, code, dryRun, env }, deps: MopsDeps) => {
    const digest = code === undefined ? undefined : parseDigest(code);
    const { stores } = await deps.open(env);
    return importTree({ dir: resolve(deps.cwd, dir), code: digest, dryRun }, stores);
  },
  human: ({ simulations, aggregations, packs, dry_run }) =>
    [
      `${dry_run ? 'would import' : 'imported'} ${formatCount(simulations.imported, 'result')} and ${formatCount(aggregations.imported, 'aggregation')} in ${formatCount(packs, 'pack')}`,
      `${formatCount(simulations.existing + aggregations.existing)} of ${formatCount(simulations.found + aggregations.found)} already exist`,
    ].join('\n'),
  notes: ({ skipped }) =>
    Object.entries(skipped)
      .map(([reason, times]) => `skipped ${formatCount(times, 'result')}: ${reason}`)
      .join('\n'),
});
