import { findRegistered, ModelOpsError, nearestName, nearestSource } from '@modelops/contracts';
import type { SourceKind } from '@modelops/model-host';
import { loadProject, saveRegistry } from './project.ts';
import type { ProjectRegistry } from './schemas.ts';

/**
 * Removes a model or target from the project's registry; a target from its sets too, which are in the result. Its files are not touched and need not exist.
 * @throws MODEL_NOT_FOUND or TARGET_NOT_FOUND, with the nearest name, for one that is not registered
 */
export async function unregister(dir: string, name: string, kind: SourceKind) {
  const { registry } = await loadProject(dir);
  const registered: readonly { readonly source: string }[] = kind === 'model' ? registry.models : registry.targets;
  const found = findRegistered(name, registered);
  if (found === undefined) {
    const near = nearestSource(
      name,
      registered.map(({ source }) => source),
    );
    throw new ModelOpsError(kind === 'model' ? 'MODEL_NOT_FOUND' : 'TARGET_NOT_FOUND', `${kind} ${name} is not registered`, {
      hint: near === undefined ? 'modelops-bundle list' : `modelops-bundle unregister-${kind} ${near}`,
    });
  }
  const { source } = found;
  await saveRegistry(dir, without(registry, source, kind));
  const sets =
    kind === 'model' ? [] : Object.entries(registry.target_sets).flatMap(([set, members]) => (members.includes(source) ? [set] : []));
  return { source, sets };
}

/** Removes a target set from the project's registry; its targets remain registered. @throws TARGET_NOT_FOUND, with the nearest name */
export async function unregisterSet(dir: string, set: string) {
  const { registry } = await loadProject(dir);
  const { [set]: targets, ...target_sets } = registry.target_sets;
  const { [set]: _, ...target_set_weights } = registry.target_set_weights;
  if (targets === undefined) {
    const names = Object.keys(registry.target_sets);
    const near = nearestName(set, names);
    throw new ModelOpsError('TARGET_NOT_FOUND', `target set ${set} is not registered`, {
      hint: near === undefined ? setsOf(names) : `modelops-bundle unregister-target-set ${near}`,
    });
  }
  await saveRegistry(dir, { ...registry, target_sets, target_set_weights });
  return { set, targets };
}

function setsOf(names: readonly string[]): string {
  return names.length === 0 ? 'no target set is registered' : `registered are ${names.join(', ')}`;
}

function without(registry: ProjectRegistry, source: string, kind: SourceKind): ProjectRegistry {
  const isOther = (one: { readonly source: string }) => one.source !== source;
  if (kind === 'model') return { ...registry, models: registry.models.filter(isOther) };
  const sets = Object.entries(registry.target_sets).map(([set, members]) => [set, members.filter((one) => one !== source)] as const);
  return {
    ...registry,
    targets: registry.targets.filter(isOther),
    target_sets: Object.fromEntries(sets.filter(([, members]) => members.length > 0)),
    target_set_weights: weightsWithout(registry.target_set_weights, source),
  };
}

function weightsWithout(weights: ProjectRegistry['target_set_weights'], source: string): ProjectRegistry['target_set_weights'] {
  const sets = Object.entries(weights).map(([set, { [source]: _, ...others }]) => [set, others] as const);
  return Object.fromEntries(sets.filter(([, others]) => Object.keys(others).length > 0));
}
