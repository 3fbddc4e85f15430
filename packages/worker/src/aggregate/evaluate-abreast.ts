import { type Evaluation, type OutputTable, tableBytes } from '@modelops/model-host';

/** Sets that a host has at once: it works through them between two batches, and one alone would wait for a batch each time. */
const ABREAST = 32;
/** What their tables may hold together; a larger one goes alone. */
const ABREAST_BYTES = 16 * 2 ** 20;

/**
 * Evaluates the groups' tables, several at once. The answers come in the groups' order; a group without a table is answered by what it has
 * instead. The first evaluation that fails ends it.
 */
export async function evaluateAbreast<Group>(
  groups: readonly Group[],
  tableOf: (group: Group) => Promise<OutputTable | Evaluation | undefined>,
  evaluate: (table: OutputTable) => Promise<Evaluation>,
): Promise<(Evaluation | undefined)[]> {
  const answers: (Promise<Evaluation> | Evaluation | undefined)[] = [];
  const underWay = new Set<Promise<Evaluation>>();
  let held = 0;
  for (const group of groups) {
    const table = await tableOf(group);
    if (table === undefined || !('rows' in table)) {
      answers.push(table);
      continue;
    }
    const bytes = tableBytes(table);
    while (underWay.size >= ABREAST || (underWay.size > 0 && held + bytes > ABREAST_BYTES)) await Promise.race(underWay);
    held += bytes;
    const answer = evaluate(table).finally(() => {
      held -= bytes;
      underWay.delete(answer);
    });
    answer.catch(() => undefined); // awaited below
    underWay.add(answer);
    answers.push(answer);
  }
  return Promise.all(answers);
}
