import { defineCommand } from '@modelops/cli-kit';
import { formatCount, ModelOpsError, shortId } from '@modelops/contracts';
import { pythonsFrom, WHEELS } from '@modelops/model-host';
import * as z from 'zod';
import { pushBundle } from '../artifact/push-bundle.ts';
import type { BundleDeps } from '../deps.ts';
import { saveConfig, withPython } from '../project/project.ts';
import { type FreezeWheels, type WheelTarget, wheelTargetSchema } from '../project/schemas.ts';
import { checkTag } from '../registry/tag.ts';
import { damageNote, describeDamage } from './damage.ts';
import { envOption, openProject, pythonOption, REGISTER } from './options.ts';

export const command = defineCommand({
  examples: [
    'modelops-bundle push',
    'modelops-bundle push --tag v2 --env dev',
    'modelops-bundle push --freeze-wheels',
    'modelops-bundle push --platform linux/amd64 --python-version 3.13',
  ],
  args: z.object({}),
  options: z.object({
    tag: z.string().optional().describe('Tag to move to the bundle (default: default_tag of the project)'),
    freezeWheels: z
      .boolean()
      .optional()
      .describe(
        'Put the wheels of the Python environment into this and later bundles, so that workers need no package index; --no-freeze-wheels turns it off',
      ),
    platform: wheelTargetSchema.shape.platform
      .optional()
      .describe('Freeze wheels for workers on this platform, from any machine, in this and later bundles; implies --freeze-wheels')
      .meta({ placeholder: 'PLATFORM' }),
    pythonVersion: wheelTargetSchema.shape.python
      .optional()
      .describe('With --platform: the Python version of the workers (default: that of the interpreter here)')
      .meta({ placeholder: 'VERSION' }),
    python: pythonOption,
    env: envOption,
  }),
  schema: 'modelops.bundle.push/v1',
  document: async () => (await import('./documents.ts')).push,
  run: async ({ tag: requestedTag, python, env, ...requested }, deps: BundleDeps) => {
    const { dir, config, repository, provider, environment, never } = await openProject(deps, env);
    const tag = checkTag(requestedTag ?? config.default_tag);
    const freezeWheels = await chooseWheels(requested);
    const request = { projectDir: dir, provider, repository, tag, never, freezeWheels };
    const { digest, ref, uploaded, reused, manifest, damaged } = await withPython(dir, python, () => pushBundle(request));
    if (freezeWheels !== undefined) await saveConfig(dir, { ...config, freeze_wheels: freezeWheels });
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
      `  tag ${tag} in environment ${environment}; ${formatCount(files, 'file')}; ${formatCount(uploaded.length, 'blob')} uploaded, ${reused.length} already in the registry`,
      ...(wheels === 0 ? [] : [`  ${formatCount(wheels, 'wheel')}: workers need no package index`]),
      ...models.map(({ source, model_digest }) => `  model ${source} ${shortId(model_digest)}`),
      ...targets.map(({ source, target_digest }) => `  target ${source} ${shortId(target_digest)}`),
      models.length === 0 ? `the bundle has no model; next: ${REGISTER}` : `next: mops jobs submit study.json --bundle ${tag}`,
    ].join('\n'),
});

/** The choice of the options for wheels; undefined without such an option. @throws USAGE for options that cannot be combined */
async function chooseWheels({
  freezeWheels,
  platform,
  pythonVersion,
}: {
  readonly freezeWheels?: boolean | undefined;
  readonly platform?: WheelTarget['platform'] | undefined;
  readonly pythonVersion?: string | undefined;
}): Promise<FreezeWheels | undefined> {
  if (platform === undefined && pythonVersion !== undefined)
    throw new ModelOpsError('USAGE', '--python-version needs --platform', {
      hint: `--platform linux/amd64 --python-version ${pythonVersion}`,
    });
  if (platform === undefined) return freezeWheels;
  if (freezeWheels === false)
    throw new ModelOpsError('USAGE', '--platform and --no-freeze-wheels cannot be combined', { hint: 'use one of them' });
  return { platform, python: pythonVersion ?? (await pythonsFrom(process.env).base()).version };
}
