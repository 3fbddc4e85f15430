import { defineCommand } from '@modelops/cli-kit';
import { count, shortId } from '@modelops/contracts';
import * as z from 'zod';
import { pushBundle } from '../artifact/push-bundle.ts';
import type { BundleDeps } from '../deps.ts';
import { checkTag } from '../registry/tag.ts';
import { damageNote, describeDamage } from './damage.ts';
import { envOption, openProject } from './options.ts';

export const push = defineCommand({
  examples: ['modelops-bundle push', 'modelops-bundle push --tag v2 --env dev'],
  args: z.object({}),
  options: z.object({
    tag: z.string().optional().describe('Tag to move to the bundle; default: default_tag of the project'),
    env: envOption,
  }),
  schema: 'modelops.bundle.push/v1',
  run: async ({ tag: asked, env }, deps: BundleDeps) => {
    const { dir, config, repository, provider, environment, never } = await openProject(deps, env);
    const tag = checkTag(asked ?? config.default_tag);
    const { digest, ref, uploaded, reused, manifest, damaged } = await pushBundle({ projectDir: dir, provider, repository, tag, never });
    const { files, models, targets } = manifest;
    return {
      digest,
      ref,
      tag,
      environment,
      uploaded,
      reused,
      files: files.length,
      models: models.map(({ source, model_digest }) => ({ source, model_digest })),
      targets: targets.map(({ source, target_digest }) => ({ source, target_digest })),
      damaged: damaged.map(describeDamage),
    };
  },
  notes: ({ damaged }) => damaged.map(damageNote).join('\n'),
  human: ({ ref, tag, environment, uploaded, reused, files, models, targets }) =>
    [
      `${ref}`,
      `  tag ${tag} in environment ${environment}; ${count(files, 'file')}; ${count(uploaded.length, 'blob')} uploaded, ${reused.length} already there`,
      ...models.map(({ source, model_digest }) => `  model ${source} ${shortId(model_digest)}`),
      ...targets.map(({ source, target_digest }) => `  target ${source} ${shortId(target_digest)}`),
      models.length === 0
        ? 'the bundle has no model; next: modelops-bundle register-model models/NAME.ts:EXPORT'
        : `next: mops jobs submit study.json --bundle ${tag}`,
    ].join('\n'),
});
