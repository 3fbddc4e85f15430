import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  buildArtifact,
  findBundleProject,
  loadProject,
  openBundleProvider,
  ownFolders,
  type ProjectRegistry,
  pushArtifact,
  readManifest,
  saveRegistry,
  withTarget,
} from '@modelops/bundle';
import { answering, type ErrorCode, ModelOpsError, parseBundleRef, parseRepository, shortId } from '@modelops/contracts';
import type { SubmitOptions } from '../commands/submit-options.ts';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { BoundBundle } from './bind-study.ts';

/** The bundle that a submission names. */
export type BundleChoice =
  /** The working tree; `rebuild` ignores the caches of the last freeze and push. */
  | { readonly kind: 'tree'; readonly path: string; readonly rebuild: boolean }
  /** `sha256:…`, `repo@sha256:…`, or a tag of the project. */
  | { readonly kind: 'pushed'; readonly name: string };

/** A bundle to bind a study to. Nothing has been written yet. */
export interface ResolvedBundle extends BoundBundle {
  /** `registry_ref` of the project that it comes from, if any. */
  readonly registryRef: string | undefined;
  /** False when the registry is known to have it. */
  readonly isUnpushed: boolean;
  /** Registers targets that only the study names, and pushes what the registry lacks. */
  publish(): Promise<void>;
}

type World = Pick<MopsDeps, 'cwd' | 'home' | 'reporter'>;

/** The choice of `--bundle`, `--build` or `--auto`. @throws USAGE if several are given, naming them */
export function chooseBundle({ bundle, build, auto }: Pick<SubmitOptions, 'bundle' | 'build' | 'auto'>): BundleChoice {
  const given = [bundle === undefined ? [] : ['--bundle'], build ? ['--build'] : [], auto ? ['--auto'] : []].flat();
  if (given.length > 1) throw new ModelOpsError('USAGE', `${given.join(' and ')} cannot be combined`, { hint: 'use one of them' });
  if (bundle === undefined) return { kind: 'tree', path: '.', rebuild: build };
  return bundle.startsWith('local:')
    ? { kind: 'tree', path: bundle.slice('local:'.length), rebuild: false }
    : { kind: 'pushed', name: bundle };
}

/**
 * Finds the bundle that a study is bound to. A working tree is frozen but not pushed; its repository is that of the project
 * (`.modelops-bundle/config.yaml`). Unregistered targets of the study that the tree contains are added.
 * @throws PROJECT_NOT_FOUND, BUNDLE_NOT_FOUND, BUNDLE_INVALID, REGISTRY_UNREACHABLE
 */
export async function resolveBundle(
  choice: BundleChoice,
  targets: readonly string[],
  { environment }: Pick<OpenEnvironment, 'environment'>,
  world: World,
): Promise<ResolvedBundle> {
  const provider = await openBundleProvider(environment.registry);
  if (choice.kind === 'tree') return freezeTree(choice, targets, provider, ownFolders(world.home, environment), world);
  const { name } = choice;
  const ref = /[:@]/.test(name) ? parseBundleRef(name) : undefined; // a tag contains neither
  const project = ref?.repository === undefined ? await projectAt(world.cwd) : undefined;
  const repository = project?.repository ?? parseRepository(ref!.repository!).name;
  const digest = ref?.digest ?? (await provider.resolveTag(repository, name));
  if (digest === undefined)
    throw new ModelOpsError('BUNDLE_NOT_FOUND', `${repository} has no tag ${name}`, { hint: 'list the tags: modelops-bundle list' });
  const manifest = await readManifest(provider, repository, digest);
  if (ref === undefined && project !== undefined)
    await warnOfOtherTree(project, { name, digest, never: ownFolders(world.home, environment) }, world);
  const publish = async () => undefined;
  return { ref: `${repository}@${digest}`, digest, manifest, registryRef: project?.registryRef, isUnpushed: false, publish };
}

/** A tag refers to the last push, which does not include later edits. */
async function warnOfOtherTree(
  { dir, registry }: { readonly dir: string; readonly registry: ProjectRegistry },
  { name, digest, never }: { readonly name: string; readonly digest: string; readonly never: readonly string[] },
  { reporter }: World,
): Promise<void> {
  // A tree that cannot be frozen differs from what was pushed.
  const built = await buildArtifact(dir, { registry, never }).catch(answering(() => undefined));
  if (built?.digest === digest) return;
  reporter.warn(`the working tree differs from bundle ${name} (${shortId(digest)}), which is used; to use the tree: --bundle local:.`);
}

async function freezeTree(
  { path, rebuild }: Extract<BundleChoice, { kind: 'tree' }>,
  targets: readonly string[],
  provider: Awaited<ReturnType<typeof openBundleProvider>>,
  never: readonly string[],
  { cwd, reporter }: World,
): Promise<ResolvedBundle> {
  const from = resolve(cwd, path);
  if (!existsSync(from))
    throw new ModelOpsError('PROJECT_NOT_FOUND', `folder ${path} not found`, {
      hint: 'use --bundle local:PATH with the folder of a project',
    });
  const { dir, repository, tag, registryRef, registry } = await projectAt(from);
  const { registry: taken, added } = await takeTargets(dir, registry, targets);
  const artifact = await buildArtifact(dir, { registry: taken, rebuild, never });
  for (const { source, kind, error } of artifact.damaged) {
    reporter.warn(`${kind} ${source} is not in the bundle: ${error.message}`);
    if (error.hint !== undefined) reporter.warn(`  ${error.hint}; or modelops-bundle unregister-${kind} ${source}`);
  }
  const { digest, manifest } = artifact;
  const isUnpushed = rebuild || (await provider.resolveTag(repository, tag)) !== digest;
  return {
    ref: `${repository}@${digest}`,
    digest,
    manifest,
    registryRef,
    isUnpushed,
    async publish() {
      if (added.length > 0) await saveRegistry(dir, taken);
      for (const source of added) reporter.note(`registered target ${source}`);
      const { ref, uploaded } = await pushArtifact(artifact, { provider, repository, tag, check: rebuild });
      reporter.note(isUnpushed && uploaded.length > 0 ? `bundle ${ref} pushed as ${tag}` : `bundle ${ref} is unchanged`);
    },
  };
}

/** Codes of errors for a target that the tree does not have. */
const ABSENT: readonly ErrorCode[] = ['MODEL_NOT_FOUND', 'TARGET_NOT_FOUND', 'FILE_NOT_FOUND', 'IDENTITY_INVALID'];

/** The registry with the targets that the tree contains. Preflight reports the missing ones. */
async function takeTargets(
  dir: string,
  registry: ProjectRegistry,
  targets: readonly string[],
): Promise<{ readonly registry: ProjectRegistry; readonly added: readonly string[] }> {
  const known = new Set(registry.targets.map(({ source }) => source));
  const added: string[] = [];
  let taken = registry;
  for (const name of targets) {
    if (known.has(name)) continue;
    const found = await withTarget(dir, taken, name).catch(answering(() => undefined, ...ABSENT));
    if (found === undefined || known.has(found.target.source)) continue;
    known.add(found.target.source);
    added.push(found.target.source);
    taken = found.registry;
  }
  return { registry: taken, added };
}

async function projectAt(from: string) {
  const dir = findBundleProject(from);
  const { config, registry } = await loadProject(dir);
  const { registry_ref: registryRef, default_tag: tag } = config;
  return { dir, repository: parseRepository(registryRef).name, tag, registryRef, registry };
}
