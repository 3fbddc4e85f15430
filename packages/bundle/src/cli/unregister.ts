import { defineCommand } from '@modelops/cli-kit';
import type { SourceKind } from '@modelops/model-host';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findBundleProject } from '../project/project.ts';
import { unregister, unregisterSet } from '../project/unregister.ts';

export const unregisterModelCommand = unregisterCommand('model', 'models/old.ts:Old');
export const unregisterTargetCommand = unregisterCommand('target', 'targets/old.ts:old');

function unregisterCommand(kind: SourceKind, example: string) {
  return defineCommand({
    examples: [`modelops-bundle unregister-${kind} ${example}`],
    args: z.object({ source: z.string().describe('Name in modelops-bundle list; the file need not exist') }),
    options: z.object({}),
    schema: 'modelops.bundle.unregister/v1',
    document: async () => (await import('./documents.ts')).unregister,
    run: async ({ source }, { cwd }: BundleDeps) => unregister(findBundleProject(cwd), source, kind),
    human: ({ source, sets }) =>
      `unregistered ${source}${sets.length === 0 ? '' : `, and removed it from ${sets.join(', ')}`}\nnext: modelops-bundle push`,
  });
}

export const unregisterTargetSetCommand = defineCommand({
  examples: ['modelops-bundle unregister-target-set calibration'],
  args: z.object({ set: z.string().describe('Name in modelops-bundle list') }),
  options: z.object({}),
  schema: 'modelops.bundle.unregister-target-set/v1',
  document: async () => (await import('./documents.ts')).unregisterTargetSet,
  run: async ({ set }, { cwd }: BundleDeps) => unregisterSet(findBundleProject(cwd), set),
  human: ({ set, targets }) => `unregistered target set ${set}; still registered: ${targets.join(', ')}\nnext: modelops-bundle push`,
});
