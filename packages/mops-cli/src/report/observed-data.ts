import { join } from 'node:path';
import { type Comparison, filesOf, isModelOpsError, type RegisteredTarget } from '@modelops/contracts';
import { readObserved } from '@modelops/model-host';

/** Columns of observed data. */
export type Observed = Readonly<Record<string, ArrayLike<unknown>>>;

/** What a target compares with a model output, as far as it is known. */
export interface Compared {
  readonly output: string;
  /** Undefined for a target with an evaluator of its own: its columns are then guessed from the data. */
  readonly comparison?: Comparison | undefined;
  readonly observed?: Observed | undefined;
}

/** The observed data of a target: from its files in the bundle, or from its description. `notes` states what is missing, and why. */
export async function observedDataOf(
  name: string,
  { description }: Pick<RegisteredTarget, 'description'>,
  dir: string,
): Promise<{ readonly compared: readonly Compared[]; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const missing = (reason: string) => notes.push(`Observed data of ${name} are not shown: ${reason}.`);
  const tables: Observed[] = [];
  for (const file of filesOf(description)) {
    try {
      tables.push(await readObserved(join(dir, file)));
    } catch (error) {
      if (!isModelOpsError(error)) throw error;
      missing(error.message.replace(join(dir, file), file));
    }
  }
  const { compares, output } = description;
  if (compares === undefined) {
    if (tables.length === 0 && notes.length === 0) missing('the target has them in its code');
    return { compared: [{ output, observed: tables[0] }], notes };
  }
  const compared = compares.map((comparison): Compared => {
    const names = [...comparison.join, comparison.observed_value];
    const observed = comparison.observed ?? tables.find((table) => names.every((column) => Object.hasOwn(table, column)));
    if (observed === undefined && notes.length === 0)
      missing(tables.length > 0 ? `no file has the columns ${names.join(', ')}` : 'the target has a long table in its code');
    return { output: comparison.output, comparison, observed };
  });
  return { compared, notes };
}
