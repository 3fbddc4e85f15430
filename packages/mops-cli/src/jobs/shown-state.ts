import type { Attempt, JobState, Owner } from '@modelops/contracts';
import type { OpenEnvironment } from '../deps.ts';

// Parts of a job's record as documents show them, without fields of other versions.

export function shownMissing({ missing_outputs: { count, first } }: Pick<JobState, 'missing_outputs'>): JobState['missing_outputs'] {
  return { count, first };
}

export function shownAttempt({ n, engine, owner, k8s_name, namespace, tasks, spec, started_at, ended_at }: Attempt) {
  return {
    n,
    engine,
    owner: owner === null ? null : shownOwner(owner),
    k8s_name,
    namespace,
    tasks,
    ...(spec === undefined ? {} : { spec }),
    started_at,
    ended_at,
  };
}

function shownOwner(owner: Owner) {
  if (owner.kind === 'machine') {
    const { kind, machine, home, host } = owner;
    return { kind, machine, home, host };
  }
  const { kind, cluster, server, namespace } = owner;
  return { kind, cluster, server, namespace };
}

/** A folder or blob address for display, without secrets. */
export function locationOf({ provider, path, container, account_url }: OpenEnvironment['environment']['storage'], key: string): string {
  return provider === 'fs' ? `${path}/${key}` : `${account_url ?? 'azure:'}/${container}/${key}`;
}
