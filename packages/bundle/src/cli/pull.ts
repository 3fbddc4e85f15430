import { resolve } from 'node:path';
import { defineCommand } from '@modelops/cli-kit';
import { formatBundleRef, formatCount, ModelOpsError, parseBundleRef, parseDigest, parseRepository } from '@modelops/contracts';
import * as z from 'zod';
import { pullBundle } from '../artifact/pull-bundle.ts';
import type { BundleDeps } from '../deps.ts';
import { adoptBundle, findBundleProject, loadProject, registryHost } from '../project/project.ts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { openBundleProvider } from '../registry/open-bundle-provider.ts';
import { envOption } from './options.ts';

export const command = defineCommand({
  examples: ['modelops-bundle pull latest --dir copy', 'modelops-bundle pull team/epi-sim:v2 --dir epi-sim --env dev'],
  args: z.object({ bundle: z.string().describe('TAG or sha256:… of this project, REPOSITORY:TAG or REPOSITORY@sha256:…') }),
  options: z.object({
    dir: z.string().optional().describe('Folder to write to (default: the folder of the project)').meta({ placeholder: 'FOLDER' }),
    overwrite: z.boolean().default(false).describe('Replace files that differ from the bundle'),
    env: envOption,
  }),
  schema: 'modelops.bundle.pull/v1',
  document: async () => (await import('./documents.ts')).pull,
  run: async ({ bundle, dir: folder, overwrite, env }, { cwd, environment }: BundleDeps) => {
    const { registry } = await environment(env);
    const provider = await openBundleProvider(registry);
    const ref = await resolveRef(bundle, provider, cwd);
    const dir = folder === undefined ? findBundleProject(cwd) : resolve(cwd, folder);
    const { manifest, written, unchanged } = await pullBundle({ ref, dir, provider, overwrite });
    await adoptBundle(dir, `${registryHost(registry)}/${parseBundleRef(ref).repository}`, manifest);
    return { ref, dir, written, unchanged, models: manifest.models.map(({ source }) => source) };
  },
  human: ({ ref, dir, written, unchanged, models }) =>
    [
      `${ref} is in ${dir}: ${formatCount(written.length, 'file')} written, ${unchanged} unchanged`,
      ...models.slice(0, 1).map((source) => `next: cb sampling sobol ${source} --n-samples 256 --output study.json`),
    ].join('\n'),
});

/** @throws BUNDLE_NOT_FOUND, IDENTITY_INVALID, PROJECT_NOT_FOUND for a name that needs the project's repository */
async function resolveRef(bundle: string, provider: BundleProvider, cwd: string): Promise<string> {
  const own = async () => parseRepository((await loadProject(findBundleProject(cwd))).config.registry_ref).name;
  if (bundle.startsWith('sha256:')) return formatBundleRef({ digest: parseDigest(bundle), repository: await own() });
  if (bundle.includes('@')) {
    const { repository, digest } = parseBundleRef(bundle);
    return formatBundleRef({ repository: parseRepository(repository!).name, digest });
  }
  // The last colon after the last slash starts a tag; one before it, a port.
  const colon = bundle.indexOf(':', bundle.lastIndexOf('/') + 1);
  const tag = colon < 0 ? bundle : bundle.slice(colon + 1);
  const repository = colon < 0 ? await own() : parseRepository(bundle.slice(0, colon)).name;
  const digest = await provider.resolveTag(repository, tag);
  if (digest !== undefined) return formatBundleRef({ repository, digest });
  const tags = (await provider.listTags(repository)).map((one) => one.tag);
  throw new ModelOpsError('BUNDLE_NOT_FOUND', `${repository} has no tag ${tag}`, {
    hint: tags.length === 0 ? 'nothing was pushed to it yet: modelops-bundle push' : `it has ${tags.slice(-10).join(', ')}`,
  });
}
