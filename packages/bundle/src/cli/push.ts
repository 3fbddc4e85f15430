import { defineCommand } from '@modelops/cli-kit';
import { formatCount, shortId } from '@modelops/contracts';
import { WHEELS } from '@modelops/model-host';
import * as z from 'zod';
import { pushBundle } from '../artifact/push-bundle.ts';
import type { BundleDeps } from '../deps.ts';
import { choosePython, findBundleProject, loadProject, saveConfig } from '../project/project.ts';
import { checkTag } from '../registry/tag.ts';
import { damageNote, describeDamage } from './damage.ts';
import { envOption, openProject, pythonOption, REGISTER } from './options.ts';

export const push = defineCommand({
  examples: ['modelops-bundle push', 'modelops-bundle push --tag v2 --env dev', 'modelops-bundle push --freeze-wheels'],
  args: z.object({}),
  options: z.object({
    tag: z.string().optional().describe('Tag to move to the bundle; default: default_tag of the project'),
    freezeWheels: z
      .boolean()
      .optional()
      .describe(
        'Put the wheels of the Python environment into this bundle and later ones: workers then need no package index; --no-freeze-wheels stops it',
      ),
    python: pythonOption,
    env: envOption,
  }),
  schema: 'modelops.bundle.push/v1',
  document: async () => (await import('./documents.ts')).push,
  run: async ({ tag: requestedTag, freezeWheels, python, env }, deps: BundleDeps) => {
    const project = findBundleProject(deps.cwd);
    if (python !== undefined) await choosePython(project, python);
    if (freezeWheels !== undefined) await saveConfig(project, { ...(await loadProject(project)).config, freeze_wheels: freezeWheels });
    const { dir, config, repository, provider, environment, never } = await openProject(deps, env);
    const tag = checkTag(requestedTag ?? config.default_tag);
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
      wheels: files.filter(({ path }) => path.startsWith(WHEELS) && path.endsWith('.whl')).length,
      models: models.map(({ source, model_digest }) => ({ source, model_digest })),
      targets: targets.map(({ source, target_digest }) => ({ source, target_digest })),
      damaged: damaged.map(describeDamage),
    };
  },
  notes: ({ damaged }) => damaged.map(damageNote).join('\n'),
  human: ({ ref, tag, environment, uploaded, reused, files, wheels, models, targets }) =>
    [
      `${ref}`,
      `  tag ${tag} in environment ${environment}; ${formatCount(files, 'file')}; ${formatCount(uploaded.length, 'blob')} uploaded, ${reused.length} already there`,
      ...(wheels === 0 ? [] : [`  ${formatCount(wheels, 'wheel')}: workers need no package index`]),
      ...models.map(({ source, model_digest }) => `  model ${source} ${shortId(model_digest)}`),
      ...targets.map(({ source, target_digest }) => `  target ${source} ${shortId(target_digest)}`),
      models.length === 0 ? `the bundle has no model; next: ${REGISTER}` : `next: mops jobs submit study.json --bundle ${tag}`,
    ].join('\n'),
});
