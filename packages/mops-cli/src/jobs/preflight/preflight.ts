import {
  type BundleEnvironment,
  type BundleManifest,
  findRegistered,
  type RegisteredModel,
  type RegisteredTarget,
  type SimulationStudy,
} from '@modelops/contracts';
import { checkModel } from './check-model.ts';
import { checkPackages, checkProject } from './check-project.ts';
import { checkRequest, type RequestOptions } from './check-request.ts';
import { checkTargets, type RequestedTargets, resolveTargets } from './check-targets.ts';
import { refusal, unregistered } from './finding.ts';

/** The model and targets of a study, as its bundle registers them. */
export interface ResolvedStudy {
  readonly model: RegisteredModel;
  readonly targets: readonly RegisteredTarget[];
}

export interface PreflightInput {
  readonly study: SimulationStudy;
  /** Where the study was read from, for errors. */
  readonly source: string;
  readonly manifest: BundleManifest;
  readonly requested: RequestedTargets;
  readonly options: RequestOptions;
  /** `registry_ref` of the project that the bundle comes from, if any. */
  readonly registryRef: string | undefined;
  readonly environment: Pick<BundleEnvironment, 'environment' | 'registry' | 'cluster'>;
}

/**
 * Finds the study's model and targets in the bundle and checks that it can run. Pure.
 * @throws one error with every problem and its fix: MODEL_NOT_FOUND, TARGET_NOT_FOUND or USAGE if that is the only kind, otherwise PREFLIGHT_FAILED
 */
export function preflight({ study, source, manifest, requested, options, registryRef, environment }: PreflightInput): ResolvedStudy {
  const model = findRegistered(study.model, manifest.models, manifest.files);
  const { targets: resolved, findings: missing } = resolveTargets(study, requested, manifest);
  const targets = resolved.map(({ target }) => target);
  const findings = [
    ...(registryRef === undefined ? [] : checkProject(registryRef, environment)),
    ...(model === undefined ? [unregistered('model', 'model', study.model, manifest.models)] : checkModel(study, model)),
    ...missing,
    ...(model === undefined ? [] : checkTargets(resolved, study, model)),
    ...(model === undefined ? [] : checkPackages([model, ...targets], environment)),
    ...checkRequest(options, study),
  ];
  if (model === undefined || findings.length > 0) throw refusal(findings, source);
  return { model, targets };
}
