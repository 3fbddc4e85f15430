import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureLocal, openBundleProvider } from '@modelops/bundle';
import { type BundleManifest, findRegistered, isModelOpsError, type JobSpec } from '@modelops/contracts';
import { parseCsv } from '@modelops/sdk';
import type { OpenEnvironment } from '../deps.ts';
import type { ParameterNotes } from './loss-table.ts';
import type { Observed } from './replicate-bands.ts';

/** What a report takes from the bundle of a job. */
export interface BundleContents {
  readonly parameters: ParameterNotes;
  /** Observed data by the name of the job's target; a target whose data are in its code has none. */
  readonly observed: ReadonlyMap<string, Observed>;
  readonly files: BundleManifest['files'];
  /** Why some of it is absent. */
  readonly notes: readonly string[];
}

/** Reads the bundle of a job. One that cannot be had leaves a note: a report needs no registry. */
export async function readBundleContents(
  { binding, study }: JobSpec,
  { environment, cacheDir }: Pick<OpenEnvironment, 'environment' | 'cacheDir'>,
): Promise<BundleContents> {
  let local: Awaited<ReturnType<typeof ensureLocal>>;
  try {
    local = await ensureLocal(binding.bundle_ref, { provider: await openBundleProvider(environment.registry), cacheDir });
  } catch (error) {
    if (!isModelOpsError(error)) throw error;
    return { parameters: new Map(), observed: new Map(), files: [], notes: [`Observed data are not shown: ${error.message}.`] };
  }
  const { dir, manifest } = local;
  const model = findRegistered(study.model, manifest.models);
  const observed = new Map<string, Observed>();
  const notes: string[] = [];
  for (const { name, source } of binding.targets) {
    const data = findRegistered(source, manifest.targets)?.description.data ?? null;
    if (data === null) notes.push(`Observed data of ${name} are not shown: the target has them in its code.`);
    else if (!data.toLowerCase().endsWith('.csv')) notes.push(`Observed data of ${name} are not shown: ${data} is not CSV.`);
    else observed.set(name, parseCsv(await readFile(join(dir, data), 'utf8'), data));
  }
  return {
    parameters: new Map(model?.description.parameters.map((one) => [one.name, notesOf(one)])),
    observed,
    files: manifest.files,
    notes,
  };
}

function notesOf(parameter: BundleManifest['models'][number]['description']['parameters'][number]) {
  const { unit, description } = parameter;
  return { unit, description, scale: parameter.kind === 'choice' ? undefined : parameter.scale };
}
