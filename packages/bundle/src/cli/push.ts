import { defineCommand } from '@modelops/cli-kit';
import { parseRepository, shortId } from '@modelops/contracts';
import { z } from 'zod';
import { pushBundle } from '../artifact/push-bundle.ts';
import type { BundleDeps } from '../deps.ts';
import { findProject, loadProject } from '../project/project.ts';
import { openBundleProvider } from '../registry/bundle-provider.ts';
import { envOption } from './options.ts';

export const push = defineCommand({
  name: 'push',
  summary: 'Freeze the project as a bundle and send what the registry lacks of it',
  examples: ['modelops-bundle push', 'modelops-bundle push --tag v2 --env dev'],
  args: z.object({}),
  options: z.object({ tag: z.string().optional().describe('Tag to move to it; default: default_tag of the project'), env: envOption }),
  schema: 'modelops.bundle.push/v1',
  run: async ({ tag: asked, env }, { cwd, environment }: BundleDeps) => {
    const projectDir = await findProject(cwd);
    const { config } = await loadProject(projectDir);
    const { registry } = await environment(env);
    const tag = asked ?? config.default_tag;
    const { digest, ref, uploaded, reused, manifest } = await pushBundle({
      projectDir,
      provider: await openBundleProvider(registry),
      repository: parseRepository(config.registry_ref).name,
      tag,
    });
    return {
      digest,
      ref,
      tag,
      uploaded,
      reused,
      files: manifest.files.length,
      models: manifest.models.map(({ source, model_digest }) => ({ source, model_digest })),
    };
  },
  human: ({ ref, tag, uploaded, reused, files, models }) =>
    [
      `${ref} (${tag})`,
      `  ${files} files; ${uploaded.length} blobs sent, ${reused.length} there already`,
      ...models.map(({ source, model_digest }) => `  model ${source} ${shortId(model_digest)}`),
    ].join('\n'),
});
