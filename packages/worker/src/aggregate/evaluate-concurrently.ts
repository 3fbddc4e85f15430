import { type Evaluation, type OutputTable, tableBytes } from '@modelops/model-host';
import { createBudget } from '@modelops/system';

/** Tables sent to a host at once: it evaluates them between two batches, and a single one would wait for a batch each time. */
const CONCURRENT = 32;
/** Maximum total size of these tables; a larger table is sent alone. */
const CONCURRENT_BYTES = 16 * 2 ** 20;

/**
 * Evaluates the groups' tables concurrently and returns the answers in the groups' order; a group without a table is answered by what `tableOf`
 * returned in its place. The first evaluation that fails rejects.
 */
export async function evaluateConcurrently<Group>(
  groups: readonly Group[],
  tableOf: (group: Group) => Promise<OutputTable | Evaluation | undefined>,
  evaluate: (table: OutputTable) => Promise<Evaluation>,
): Promise<(Evaluation | undefined)[]> {
  const answers: (Promise<Evaluation> | Evaluation | undefined)[] = [];
  const room = createBudget(CONCURRENT_BYTES);
  let failure: { readonly error: unknown } | undefined;
  for (const group of groups) {
    const table = await tableOf(group);
    if (table === undefined || !('rows' in table)) {
      answers.push(table);
      continue;
    }
    const release = await room.take(Math.max(tableBytes(table), CONCURRENT_BYTES / CONCURRENT));
    if (failure !== undefined) throw failure.error;
    const answer = evaluate(table).finally(release);
    answer.catch((error: unknown) => {
      failure ??= { error };
    });
    answers.push(answer);
  }
  return Promise.all(answers);
}
