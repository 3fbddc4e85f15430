import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findBundleProject } from '../project/project.ts';
import { unregister, unregisterSet } from '../project/unregister.ts';

const schema = 'modelops.bundle.unregister/v1';
const document = async () => (await import('./documents.ts')).unregister;
const human = ({ source, sets }: { readonly source: string; readonly sets: readonly string[] }) =>
  `unregistered ${source}${sets.length === 0 ? '' : `, and removed it from ${sets.join(', ')}`}\nnext: modelops-bundle push`;

export const unregisterModelCommand = defineCommand({
  examples: ['modelops-bundle unregister-model models/old.ts:Old'],
  args: z.object({ source: z.string().describe('Name in modelops-bundle list; the file need not exist') }),
  options: z.object({}),
  schema,
  document,
  run: async ({ source }, { cwd }: BundleDeps) => unregister(findBundleProject(cwd), source, 'model'),
  human,
});

export const unregisterTargetCommand = defineCommand({
  examples: ['modelops-bundle unregister-target targets/old.ts:old'],
  args: z.object({ source: z.string().describe('Name in modelops-bundle list; the file need not exist') }),
  options: z.object({}),
  schema,
  document,
  run: async ({ source }, { cwd }: BundleDeps) => unregister(findBundleProject(cwd), source, 'target'),
  human,
});

export const unregisterTargetSetCommand = defineCommand({
  examples: ['modelops-bundle unregister-target-set calibration'],
  args: z.object({ set: z.string().describe('Name in modelops-bundle list') }),
  options: z.object({}),
  schema: 'modelops.bundle.unregister-target-set/v1',
  document: async () => (await import('./documents.ts')).unregisterTargetSet,
  run: async ({ set }, { cwd }: BundleDeps) => unregisterSet(findBundleProject(cwd), set),
  human: ({ set, targets }) => `unregistered target set ${set}; still registered: ${targets.join(', ')}\nnext: modelops-bundle push`,
});
