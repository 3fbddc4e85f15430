import { type Evaluation, type OutputTables, tableBytes } from '@modelops/model-host';
import { createBudget } from '@modelops/system';

/** Tables sent to a host at once: it evaluates them between two batches, and a single one would wait for a batch each time. */
const CONCURRENT = 32;
/** Maximum total size of these tables; a larger table is sent alone. */
const CONCURRENT_BYTES = 16 * 2 ** 20;

/**
 * Evaluates the groups' tables concurrently and returns the answers in the groups' order; a group without tables is answered by what `tablesOf`
 * returned in their place. The first evaluation that fails rejects.
 */
export async function evaluateConcurrently<Group>(
  groups: readonly Group[],
  tablesOf: (group: Group) => Promise<{ readonly outputs: OutputTables } | Evaluation | undefined>,
  evaluate: (outputs: OutputTables) => Promise<Evaluation>,
): Promise<(Evaluation | undefined)[]> {
  const answers: (Promise<Evaluation> | Evaluation | undefined)[] = [];
  const room = createBudget(CONCURRENT_BYTES);
  let failure: { readonly error: unknown } | undefined;
  for (const group of groups) {
    const found = await tablesOf(group);
    if (found === undefined || isEvaluation(found)) {
      answers.push(found);
      continue;
    }
    const bytes = Object.values(found.outputs).reduce((sum, table) => sum + tableBytes(table), 0);
    const release = await room.take(Math.max(bytes, CONCURRENT_BYTES / CONCURRENT));
    if (failure !== undefined) throw failure.error;
    const answer = evaluate(found.outputs).finally(release);
    answer.catch((error: unknown) => {
      failure ??= { error };
    });
    answers.push(answer);
  }
  return Promise.all(answers);
}

function isEvaluation(found: { readonly outputs: OutputTables } | Evaluation): found is Evaluation {
  return 'loss' in found || 'error' in found;
}
