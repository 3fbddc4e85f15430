import { resolve } from 'node:path';
import { findProject, loadProject, openBundleProvider, pushBundle, readManifest, registerTarget } from '@modelops/bundle';
import { isDigest, isModelOpsError, ModelOpsError, parseBundleRef, parseRepository } from '@modelops/contracts';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { BoundBundle } from './bind-study.ts';

/**
 * Finds the bundle that a study is bound to: `sha256:…`, `repo@sha256:…`, a tag (`latest`), `local:PATH`, or, without a name, the working
 * tree, pushed where it differs from the last push. The repository is the project's own (`.modelops-bundle/config.yaml`), never a constant.
 * Targets of the study that the working tree has and does not register yet are registered on the way.
 * @throws PROJECT_NOT_FOUND, BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE
 */
export async function resolveBundle(
  name: string | undefined,
  targets: readonly string[],
  { environment }: Pick<OpenEnvironment, 'environment'>,
  { cwd, talk }: Pick<MopsDeps, 'cwd' | 'talk'>,
): Promise<BoundBundle> {
  const provider = await openBundleProvider(environment.registry);
  if (name === undefined || name.startsWith('local:')) {
    const from = name === undefined ? cwd : resolve(cwd, name.slice('local:'.length));
    const { dir, repository, tag } = await projectAt(from);
    await registerTargets(dir, targets, talk);
    const pushed = await pushBundle({ projectDir: dir, provider, repository, tag });
    talk.note(pushed.uploaded.length === 0 ? `bundle ${pushed.ref} is unchanged` : `bundle ${pushed.ref} pushed as ${tag}`);
    return { ref: pushed.ref, digest: pushed.digest, manifest: pushed.manifest };
  }
  const ref = isDigest(name) || name.includes('@') ? parseBundleRef(name) : undefined;
  const repository = ref?.repository === undefined ? (await projectAt(cwd)).repository : parseRepository(ref.repository).name;
  const digest = ref?.digest ?? (await provider.resolveTag(repository, name));
  if (digest === undefined)
    throw new ModelOpsError('BUNDLE_NOT_FOUND', `${repository} has no tag ${name}`, { hint: 'modelops-bundle list shows the tags' });
  return { ref: `${repository}@${digest}`, digest, manifest: await readManifest(provider, repository, digest) };
}

async function registerTargets(dir: string, targets: readonly string[], talk: MopsDeps['talk']): Promise<void> {
  const { registry } = await loadProject(dir);
  const known = new Set(registry.targets.map(({ source }) => source));
  for (const target of targets) {
    if (known.has(target)) continue;
    try {
      const { source } = await registerTarget(dir, target);
      if (!known.has(source)) talk.note(`registered target ${source}`);
    } catch (error) {
      // Preflight names every target that is missing at once.
      const isMissing =
        isModelOpsError(error, 'MODEL_NOT_FOUND') || isModelOpsError(error, 'TARGET_NOT_FOUND') || isModelOpsError(error, 'FILE_NOT_FOUND');
      if (!isMissing) throw error;
    }
  }
}

async function projectAt(from: string): Promise<{ readonly dir: string; readonly repository: string; readonly tag: string }> {
  const dir = await findProject(from);
  const { config } = await loadProject(dir);
  return { dir, repository: parseRepository(config.registry_ref).name, tag: config.default_tag };
}
