import { defineCommand, formatTable } from '@modelops/cli-kit';
import { parseRepository, shortId } from '@modelops/contracts';
import { z } from 'zod';
import type { BundleDeps } from '../deps.ts';
import { findProject, loadProject } from '../project/project.ts';
import { openBundleProvider } from '../registry/bundle-provider.ts';
import { envOption } from './options.ts';

export const list = defineCommand({
  name: 'list',
  summary: 'List what the project registers, and the tags of its repository',
  examples: ['modelops-bundle list --json'],
  args: z.object({}),
  options: z.object({ env: envOption }),
  schema: 'modelops.bundle.list/v1',
  run: async ({ env }, { cwd, environment }: BundleDeps) => {
    const { config, registry } = await loadProject(await findProject(cwd));
    const provider = await openBundleProvider((await environment(env)).registry);
    const tags = await provider.listTags(parseRepository(config.registry_ref).name);
    return { registry_ref: config.registry_ref, models: registry.models, targets: registry.targets, tags };
  },
  human: ({ registry_ref, models, targets, tags }) => {
    const rows = [
      ...models.map(({ source, description }) => ({
        kind: 'model',
        source,
        what: `${description.parameters.length} parameters, scenarios ${description.scenarios.join(', ')}`,
      })),
      ...targets.map(({ source, description }) => ({ kind: 'target', source, what: `output ${description.output}` })),
      ...tags.map(({ tag, digest }) => ({ kind: 'tag', source: tag, what: digest === undefined ? '' : shortId(digest) })),
    ];
    if (rows.length === 0) return `${registry_ref}: nothing registered; next: modelops-bundle register-model models/NAME.ts:EXPORT`;
    return `${registry_ref}\n${formatTable(rows, [
      { title: 'KIND', value: ({ kind }) => kind },
      { title: 'NAME', value: ({ source }) => source },
      { title: '', value: ({ what }) => what },
    ])}`;
  },
});
