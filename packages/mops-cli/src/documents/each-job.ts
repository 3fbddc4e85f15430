import { anyDocument, type DocumentFields, document } from '@modelops/cli-kit/document';
import * as z from 'zod';
import type { EachDocument } from '../commands/each-job.ts';

/** The failure of one job among several. */
export const failedJob = z.strictObject({
  job: z.string(),
  error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
});

/** The report of one job in its document. */
export type ReportOf<Document> = Document extends EachDocument<infer Report> ? Report : never;

/** The document of one job, and the list of several under the same name with `-list`. */
export function eachDocument<Shape extends z.ZodRawShape>(name: string, shape: Shape): EachDocument<DocumentFields<Shape>> {
  const list = document(name.replace('/', '-list/'), { jobs: z.array(z.union([z.strictObject(shape), failedJob])) });
  return anyDocument(document(name, shape), list);
}
