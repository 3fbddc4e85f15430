import { ModelOpsError } from '@modelops/contracts';
import { type FoundResult, findResults, type ObjectStore, type ResultQuery } from '@modelops/store';

/** One result, however many packs hold it. */
export interface ResolvedResult {
  /** The row that counts: with a result before failed ones, the lowest pack name of those, the latest failure. */
  readonly row: FoundResult;
  /** Names of all packs with a row of it, in order. */
  readonly packs: readonly string[];
}

const SHORTEST_ID = 4;
const CANDIDATES_NAMED = 5;
const PATH =
  /^(?:.*?\/)??(?:(token|bundle)\/v1\/)?sims\/([0-9a-f]{12})\/(?:[0-9a-f]{1,8}\/)*params_([0-9a-f]{8,64})\/seed_(0|[1-9][0-9]{0,19})\/?$/;

/**
 * Reads what a person wrote: a task id, which may be shortened to its first four digits or more, or a provenance path
 * `sims/{code12}/{shard}/params_{param_id[:8]}/seed_{seed}` with anything before it. @throws IDENTITY_INVALID
 */
export function parseResultName(text: string): ResultQuery {
  const path = PATH.exec(text);
  if (path !== null) {
    const [, schema, code, paramId, seed] = path as unknown as [string, 'token' | 'bundle' | undefined, string, string, string];
    return { ...(schema === undefined ? {} : { schema }), code, paramId, seed: BigInt(seed) };
  }
  if (/^[0-9a-f]+$/.test(text) && text.length >= SHORTEST_ID && text.length <= 64) return { taskId: text };
  throw new ModelOpsError('IDENTITY_INVALID', `"${text.slice(0, 160)}" names no result`, {
    hint: `a task id, of which the first ${SHORTEST_ID} hex digits or more will do, or a path sims/<code>/<shard>/params_<id>/seed_<seed>`,
  });
}

/**
 * The one result that a name means. @throws RESULT_NOT_FOUND; CONFLICT naming the candidates; IDENTITY_INVALID; STORE_CORRUPT where packs
 * that may hold it cannot be read
 */
export async function resolveResult(text: string, objects: ObjectStore): Promise<ResolvedResult> {
  const { rows, unreadable } = await findResults(objects, parseResultName(text));
  const byTask = new Map<string, FoundResult[]>();
  for (const row of rows) byTask.set(row.task_id, [...(byTask.get(row.task_id) ?? []), row]);
  if (byTask.size > 1) throw ambiguous(text, byTask);
  const [found] = byTask.values();
  if (found !== undefined) return { row: rowThatCounts(found), packs: found.map(({ pack }) => pack).sort() };
  if (unreadable.length > 0) {
    const { pack, reason } = unreadable[0]!;
    throw new ModelOpsError(
      'STORE_CORRUPT',
      `${text} is not found, and ${unreadable.length} packs cannot be read, e.g. ${pack}: ${reason}`,
      {
        hint: 'mops store check names them',
      },
    );
  }
  throw new ModelOpsError('RESULT_NOT_FOUND', `there is no result ${text}`, {
    hint: 'mops jobs validate JOB names the tasks without a result',
  });
}

function rowThatCounts(rows: readonly FoundResult[]): FoundResult {
  const ok = rows.filter(({ status }) => status === 'ok').sort((a, b) => (a.pack < b.pack ? -1 : 1));
  return ok[0] ?? [...rows].sort((a, b) => (a.pack < b.pack ? 1 : -1))[0]!;
}

function ambiguous(text: string, byTask: ReadonlyMap<string, readonly FoundResult[]>): ModelOpsError {
  const named = [...byTask].slice(0, CANDIDATES_NAMED).map(([id, [row]]) => `${id} (${row!.address.name}, seed ${row!.seed})`);
  const rest = byTask.size > named.length ? `, and ${byTask.size - named.length} more` : '';
  return new ModelOpsError('CONFLICT', `${text} may be any of ${byTask.size} results: ${named.join(', ')}${rest}`, {
    hint: 'give more of the task id',
  });
}
