import { defineCommand, formatTable } from '@modelops/cli-kit';
import { filesOf, formatCount, outputsOf, shortId, type TargetDescription } from '@modelops/contracts';
import * as z from 'zod';
import type { BundleDeps } from '../deps.ts';
import { envOption, openProject, REGISTER } from './options.ts';

export const command = defineCommand({
  examples: ['modelops-bundle list', 'modelops-bundle list --env dev --json'],
  args: z.object({}),
  options: z.object({ env: envOption }),
  schema: 'modelops.bundle.list/v1',
  document: async () => (await import('./documents.ts')).list,
  run: async ({ env }, deps: BundleDeps) => {
    const { config, registry, repository, environment, provider } = await openProject(deps, env);
    const { models, targets, target_sets, target_set_weights } = registry;
    const tags = await provider.listTags(repository);
    return { registry_ref: config.registry_ref, environment, models, targets, target_sets, target_set_weights, tags };
  },
  human: ({ registry_ref, environment, models, targets, target_sets, target_set_weights, tags }) => {
    const declared = new Map(targets.map(({ source, description }) => [source, description.weight]));
    const rows = [
      ...models.map(({ source, data, description: { parameters, scenarios } }) => ({
        kind: 'model',
        name: source,
        what: `${formatCount(parameters.length, 'parameter')}, scenarios ${scenarios.join(', ')}${data.length === 0 ? '' : `, data ${data.join(', ')}`}`,
      })),
      ...targets.map(({ source, description }) => ({
        kind: 'target',
        name: source,
        what: targetText(description),
      })),
      ...Object.entries(target_sets).map(([name, members]) => ({
        kind: 'target set',
        name,
        what: members.map((one) => `${one} × ${target_set_weights[name]?.[one] ?? declared.get(one) ?? 1}`).join(', '),
      })),
      ...tags.map(({ tag, digest }) => ({ kind: 'tag', name: tag, what: digest === undefined ? '' : shortId(digest) })),
    ];
    const title = `${registry_ref}, environment ${environment}`;
    if (rows.length === 0) return `${title}: nothing is registered\nnext: ${REGISTER}`;
    const table = formatTable(rows, [
      { title: 'KIND', value: ({ kind }) => kind },
      { title: 'NAME', value: ({ name }) => name },
      { title: '', value: ({ what }) => what },
    ]);
    return `${title}\n${table}${tags.length === 0 ? '\nnext: modelops-bundle push' : ''}`;
  },
});

/** `output weekly, data data/deaths.csv` */
export function targetText(target: TargetDescription): string {
  const [outputs, files] = [outputsOf(target), filesOf(target)];
  const weight = target.weight === undefined ? '' : `, weight ${target.weight}`;
  return `output${outputs.length === 1 ? '' : 's'} ${outputs.join(', ')}${files.length === 0 ? '' : `, data ${files.join(', ')}`}${weight}`;
}
