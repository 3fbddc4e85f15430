import type { SaltelliDesign } from '@modelops/report';
import { saltelliRows } from '@modelops/report/sensitivity';
import type { Job } from '@modelops/worker';
import * as z from 'zod';

/** What `cb sampling saltelli` records of its design. */
const designSchema = z.looseObject({
  method: z.literal('saltelli'),
  n_samples: z.int(),
  second_order: z.boolean(),
  parameters: z.array(z.looseObject({ name: z.string() })),
});

/** The first job whose sets are those of a Saltelli design; undefined for jobs of other designs. @param rowsOf the table's rows of each job's sets */
export function saltelliDesignOf(jobs: readonly Job[], rowsOf: readonly Uint32Array[]): SaltelliDesign | undefined {
  for (const [k, job] of jobs.entries()) {
    const parsed = designSchema.safeParse(job.spec.study.metadata.design);
    if (!parsed.success) continue;
    const { n_samples: points, second_order: secondOrder, parameters } = parsed.data;
    const sets = Array.from({ length: job.tasks.groupCount }, (_, set) => job.tasks.valuesAt(set));
    const names = parameters.map(({ name }) => name).filter((name) => sets.some((set) => set[name] !== sets[0]![name]));
    const rows = names.length === 0 ? undefined : saltelliRows(sets, { names, points, secondOrder });
    if (rows !== undefined) return { job: job.id, names, secondOrder, rows: rows.map((set) => rowsOf[k]![set]!) };
  }
  return undefined;
}
