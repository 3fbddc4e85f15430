import { ModelOpsError } from '@modelops/contracts';
import { type FoundResult, findResults, type ObjectStore, type ResultQuery } from '@modelops/store';
import { groupBy } from './group-by.ts';

/** A result and all packs that contain it. */
export interface ResolvedResult {
  /** The row that counts: a success before failures; of several successes the one with the lowest pack name, of several failures the latest. */
  readonly row: FoundResult;
  /** Names of all packs with a row of it, sorted. */
  readonly packs: readonly string[];
}

const SHORTEST_ID = 4;
const CANDIDATES_NAMED = 5;
const PATH =
  /^(?:.*?\/)??(?:(token|bundle)\/v1\/)?sims\/([0-9a-f]{12})\/(?:[0-9a-f]{1,8}\/)*params_([0-9a-f]{8,64})\/seed_(0|[1-9][0-9]{0,19})\/?$/;

/**
 * Parses a task id, a prefix of it with four or more digits, or a provenance path
 * `sims/{code12}/{shard}/params_{param_id[:8]}/seed_{seed}` with anything before it. @throws IDENTITY_INVALID
 */
function parseResultName(text: string): ResultQuery {
  const path = PATH.exec(text);
  if (path !== null) {
    const [, schema, code, paramId, seed] = path as string[] as [string, 'token' | 'bundle' | undefined, string, string, string];
    return { ...(schema === undefined ? {} : { schema }), code, paramId, seed: BigInt(seed) };
  }
  if (/^[0-9a-f]+$/.test(text) && text.length >= SHORTEST_ID && text.length <= 64) return { taskId: text };
  throw new ModelOpsError('IDENTITY_INVALID', `"${text.slice(0, 160)}" is not a result name`, {
    hint: `use a task id, its first ${SHORTEST_ID} or more hex digits, or a path sims/<code>/<shard>/params_<id>/seed_<seed>`,
  });
}

/**
 * The one result that a name matches. @throws RESULT_NOT_FOUND; CONFLICT naming the candidates; IDENTITY_INVALID; STORE_CORRUPT if packs
 * that may contain it cannot be read
 */
export async function resolveResult(text: string, objects: ObjectStore): Promise<ResolvedResult> {
  const { rows, unreadable } = await findResults(objects, parseResultName(text));
  const byTask = groupBy(rows, ({ task_id }) => task_id);
  if (byTask.size > 1) throw ambiguous(text, byTask);
  const [found] = byTask.values();
  if (found !== undefined) return { row: rowThatCounts(found), packs: found.map(({ pack }) => pack).sort() };
  if (unreadable.length > 0) {
    const { pack, reason } = unreadable[0]!;
    throw new ModelOpsError(
      'STORE_CORRUPT',
      `result ${text} not found, and ${unreadable.length} packs cannot be read, e.g. ${pack}: ${reason}`,
      {
        hint: 'list them with mops store check',
      },
    );
  }
  throw new ModelOpsError('RESULT_NOT_FOUND', `result ${text} not found`, {
    hint: 'mops jobs validate JOB lists the tasks without a result',
  });
}

function rowThatCounts(rows: readonly FoundResult[]): FoundResult {
  const ok = rows.filter(({ status }) => status === 'ok').sort((a, b) => (a.pack < b.pack ? -1 : 1));
  return ok[0] ?? [...rows].sort((a, b) => (a.pack < b.pack ? 1 : -1))[0]!;
}

function ambiguous(text: string, byTask: ReadonlyMap<string, readonly FoundResult[]>): ModelOpsError {
  const named = [...byTask].slice(0, CANDIDATES_NAMED).map(([id, [row]]) => `${id} (${row!.address.name}, seed ${row!.seed})`);
  const rest = byTask.size > named.length ? `, and ${byTask.size - named.length} more` : '';
  return new ModelOpsError('CONFLICT', `${text} matches ${byTask.size} results: ${named.join(', ')}${rest}`, {
    hint: 'use more digits of the task id',
  });
}
