import { defineCommand } from '@modelops/cli-kit';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findBundleProject } from '../project/project.ts';
import { unregister } from '../project/unregister.ts';

const schema = 'modelops.bundle.unregister/v1';
const human = ({ source, sets }: { readonly source: string; readonly sets: readonly string[] }) =>
  `unregistered ${source}${sets.length === 0 ? '' : `, and removed it from ${sets.join(', ')}`}\nnext: modelops-bundle push`;

export const unregisterModelCommand = defineCommand({
  examples: ['modelops-bundle unregister-model models/old.ts:Old'],
  args: z.object({ source: z.string().describe('As modelops-bundle list shows it; its file need not exist') }),
  options: z.object({}),
  schema,
  run: async ({ source }, { cwd }: BundleDeps) => unregister(findBundleProject(cwd), source, 'model'),
  human,
});

export const unregisterTargetCommand = defineCommand({
  examples: ['modelops-bundle unregister-target targets/old.ts:old'],
  args: z.object({ source: z.string().describe('As modelops-bundle list shows it; its file need not exist') }),
  options: z.object({}),
  schema,
  run: async ({ source }, { cwd }: BundleDeps) => unregister(findBundleProject(cwd), source, 'target'),
  human,
});
