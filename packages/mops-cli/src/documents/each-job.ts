import { type DocumentFields, document, type ReadonlyData } from '@modelops/cli-kit/document';
import type { ErrorCode } from '@modelops/contracts';
import * as z from 'zod';

/** The failure of one job among several. */
export const failedJob = z.strictObject({
  job: z.string(),
  error: z.strictObject({ code: z.string<ErrorCode>(), message: z.string(), hint: z.string().nullable() }),
});
export type JobFailure = ReadonlyData<z.output<typeof failedJob>>;

/** The documents of one job and of several. */
export type EachDocument<Report> = z.ZodType & {
  /** Never set. Makes the compiler reject a report that does not fit the document. */
  readonly accepts?: ((report: Report) => void) | undefined;
};

/** The report of one job in its document. */
export type ReportOf<Document> = Document extends EachDocument<infer Report> ? Report : never;

/** The document of one job, and the list of several under the same name with `-list`. */
export function eachDocument<Shape extends z.ZodRawShape>(name: string, shape: Shape): EachDocument<DocumentFields<Shape>> {
  const list = document(name.replace('/', '-list/'), { jobs: z.array(z.union([z.strictObject(shape), failedJob])) });
  return z.union([document(name, shape), list]);
}
