import type { SubmitOptions } from '../commands/submit-options.ts';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import { preflight } from './preflight/preflight.ts';
import { readConfig, readStudy, sourceOf } from './read-study.ts';
import { type BundleChoice, chooseBundle, type ResolvedBundle, resolveBundle } from './resolve-bundle.ts';
import type { SubmitRequest } from './submit-job.ts';

/** A submission that can run. Nothing has been written yet. */
export interface Submission {
  readonly request: SubmitRequest;
  readonly isUnpushed: boolean;
  /** Pushes the bundle if the registry lacks it. */
  readonly publish: ResolvedBundle['publish'];
}

/**
 * Reads the study, finds its bundle, and checks that they can run together. Writes nothing.
 * @throws STUDY_INVALID, PREFLIGHT_FAILED and the errors of reading the bundle, with every problem
 */
export async function prepareSubmission(
  options: SubmitOptions,
  { environment }: Pick<OpenEnvironment, 'environment'>,
  deps: Pick<MopsDeps, 'cwd' | 'home' | 'readStdin' | 'reporter'>,
): Promise<Submission> {
  const { study, warnings, bound } = await readStudy(options.study, deps);
  for (const warning of warnings) deps.reporter.warn(warning);
  const config = options.config === undefined ? (bound?.config ?? null) : await readConfig(options.config, deps);
  const choice = bundleOf(options, bound?.bundleRef);
  const wanted = options.target.length > 0 || options.targetSet !== undefined ? options.target : study.targets;
  const bundle = await resolveBundle(choice, wanted, { environment }, deps);
  const request = {
    name: options.name ?? null,
    labels: options.label,
    schema: options.schema,
    config,
    timeout_s: options.taskTimeout,
    memory_mib: options.taskMemory ?? null,
    max_attempts: options.maxAttempts,
    min_replicates: options.minReplicates ?? null,
  };
  const resolved = preflight({
    study,
    source: sourceOf(options.study),
    manifest: bundle.manifest,
    requested: { targets: options.target, targetSet: options.targetSet },
    options: request,
    registryRef: bundle.registryRef,
    environment,
  });
  return {
    request: { ...request, study, resolved, bundle, width: { workers: options.workers, slots: options.slots } },
    isUnpushed: bundle.isUnpushed,
    publish: bundle.publish,
  };
}

/** The bundle of the command line, otherwise the bundle of a job of an older version. */
function bundleOf(options: SubmitOptions, bound: string | undefined): BundleChoice {
  const isChosen = options.bundle !== undefined || options.build || options.auto;
  return chooseBundle(isChosen || bound === undefined ? options : { ...options, bundle: bound });
}
