import { ensureLocal, openBundleProvider } from '@modelops/bundle';
import { type BundleManifest, findRegistered, isModelOpsError, type JobSpec } from '@modelops/contracts';
import type { OpenEnvironment } from '../deps.ts';
import type { ParameterNotes } from './loss-table.ts';
import { type Compared, observedDataOf } from './observed-data.ts';

/** The contents of a job's bundle that a report shows. */
export interface BundleContents {
  readonly parameters: ParameterNotes;
  /** What each of the job's targets compares, with the observed data. */
  readonly compared: ReadonlyMap<string, readonly Compared[]>;
  /** Undefined if the bundle cannot be read. */
  readonly manifest: BundleManifest | undefined;
  /** Why some of it is missing. */
  readonly notes: readonly string[];
}

/** Reads the bundle of a job. A bundle that cannot be read leaves a note: a report does not need the registry. */
export async function readBundleContents(
  { binding, study }: JobSpec,
  { environment, cacheDir }: Pick<OpenEnvironment, 'environment' | 'cacheDir'>,
): Promise<BundleContents> {
  let local: Awaited<ReturnType<typeof ensureLocal>>;
  try {
    local = await ensureLocal(binding.bundle_ref, { provider: await openBundleProvider(environment.registry), cacheDir });
  } catch (error) {
    if (!isModelOpsError(error)) throw error;
    return { parameters: new Map(), compared: new Map(), manifest: undefined, notes: [`Observed data are not shown: ${error.message}.`] };
  }
  const { dir, manifest } = local;
  const model = findRegistered(study.model, manifest.models, manifest.files);
  const compared = new Map<string, readonly Compared[]>();
  const notes: string[] = [];
  for (const { name, source } of binding.targets) {
    const target = findRegistered(source, manifest.targets, manifest.files);
    if (target === undefined) continue;
    const found = await observedDataOf(name, target, dir);
    compared.set(name, found.compared);
    notes.push(...found.notes);
  }
  return {
    parameters: new Map(
      model?.description.parameters.map(({ name, unit, description, ...one }) => [
        name,
        { unit, description, scale: one.kind === 'choice' ? undefined : one.scale },
      ]),
    ),
    compared,
    manifest,
    notes,
  };
}
