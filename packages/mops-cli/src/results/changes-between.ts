import { type BundleManifest, filesOf as dataOf, type JobSpec } from '@modelops/contracts';
import type { Change } from '../documents/results.ts';

export interface JobInputs {
  readonly spec: JobSpec;
  /** Undefined where the registry has it no longer, or is not reachable. */
  readonly manifest: BundleManifest | undefined;
}

/** What changed from one job to another: model, files of its code and data, environment, parameters, targets, design. Equal things are left out. */
export function changesBetween(a: JobInputs, b: JobInputs): Change[] {
  const [x, y] = [a.spec, b.spec];
  const changes: Change[] = [];
  const compare = (what: string, first: unknown, second: unknown) => {
    const [before, after] = [textOf(first), textOf(second)];
    if (before !== after) changes.push({ what, a: before, b: after });
  };
  compare('model', x.binding.entrypoint, y.binding.entrypoint);
  compare('config', x.binding.config, y.binding.config);
  compare('replicates', x.study.n_replicates, y.study.n_replicates);
  compare('sampling method', x.study.sampling_method, y.study.sampling_method);
  compare('seeds', x.study.seed_scheme, y.study.seed_scheme);
  const parametersOf = ({ binding }: JobSpec) => new Map(binding.parameters?.map(({ name, type }) => [name, type]));
  const targetsOf = ({ binding }: JobSpec) => new Map(binding.targets.map(({ name, digest }) => [name, digest]));
  changes.push(...changedEntries('parameter', parametersOf(x), parametersOf(y)), ...changedEntries('target', targetsOf(x), targetsOf(y)));
  compare('model digest', x.binding.model_digest, y.binding.model_digest);
  if (changes.every(({ what }) => !isDigest(what)) || a.manifest === undefined || b.manifest === undefined) return changes;
  return [...changes, ...changedFiles(filesOf(a.manifest, x), filesOf(b.manifest, y))];
}

/** Whether a change of code or data is behind it. */
export const isDigest = (what: string): boolean => what === 'model digest' || what.startsWith('target ');

function changedEntries(what: string, a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): Change[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  const changed = names.filter((name) => a.get(name) !== b.get(name));
  return changed.map((name) => ({ what: `${what} ${name}`, a: a.get(name) ?? null, b: b.get(name) ?? null }));
}

/** Of JavaScript and TypeScript, which may be part of a compiled program. */
const CODE = /\.(?:[cm]?[jt]sx?|json)$/;
const OWN = '.modelops-bundle/';

/**
 * The files that determine the results of a job's model and targets and differ between two bundles: code, what it loads, locks and data. A bundle does not
 * say which files a compiled program was made of, so those are all files of code that differ; the program itself is listed only where none does.
 */
function changedFiles(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Change[] {
  const changes = changedEntries('file', before, after);
  const foreign = changes.filter(({ what }) => !what.startsWith(`file ${OWN}`));
  return foreign.length > 0 ? foreign : changes;
}

/** Digests by path. */
function filesOf({ models, targets, files }: BundleManifest, { study, binding }: JobSpec): Map<string, string> {
  const model =
    models.find(({ source }) => source === study.model) ?? models.find(({ model_digest }) => model_digest === binding.model_digest);
  const used = targets.filter(({ source }) => binding.targets.some((target) => target.source === source));
  const own = new Set<string>(model?.data ?? []);
  let hasCompiled = false;
  for (const { source, program, closure, lock } of [...(model === undefined ? [] : [model]), ...used]) {
    const file = source.replace(/:[^:]*$/, '');
    for (const path of [file, program, ...(closure ?? []), ...(lock === undefined ? [] : [lock])]) own.add(path);
    hasCompiled ||= program !== file && closure === undefined && CODE.test(program);
  }
  for (const { description } of used) for (const path of dataOf(description)) own.add(path);
  const isWanted = (path: string) => own.has(path) || (hasCompiled && CODE.test(path) && !path.startsWith(OWN));
  return new Map(files.flatMap(({ path, digest }) => (isWanted(path) ? [[path, digest]] : [])));
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
