import { resolve } from 'node:path';
import { defineCommand, formatCount, jsonDocument } from '@modelops/cli-kit';
import { writeOutputFile } from '@modelops/system';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { readStudy } from '../study/read-study.ts';
import { outputShape } from '../study/study-output.ts';
import { studyPoints } from '../study/study-points.ts';
import { csvText, parquetBytes } from '../tables/write-table.ts';

const SCHEMA = 'modelops.cb.study-points/v1';

export const command = defineCommand({
  examples: ['cb study points study.json > points.csv', 'cb study points study.json -o points.parquet'],
  args: z.object({ file: z.string().describe('A study') }),
  options: z.object(outputShape),
  schema: SCHEMA,
  document: async (): Promise<z.ZodType> => (await import('../documents.ts')).studyPoints,
  run: async ({ file, output, force }, deps: CbDeps) => {
    const table = studyPoints((await readStudy(file, deps)).study);
    if (output === undefined || output === '-') return { table, output: null };
    const pieces = output.endsWith('.parquet') ? [await parquetBytes(table)] : csvText(table);
    await writeOutputFile(resolve(deps.project.cwd, output), pieces, { isForced: force, signal: deps.signal });
    return { table, output };
  },
  human: ({ table, output }) => (output === null ? csvText(table) : ''),
  notes: ({ table, output }) => `${formatCount(table.size, 'row')}${output === null ? '' : ` written to ${output}`}`,
  json: ({ table, output }) => {
    const rows = Array.from({ length: table.size }, (_, row) =>
      Object.fromEntries([...table.columns].map(([name, values]) => [name, values[row]])),
    );
    return jsonDocument(SCHEMA, { output, points: output === null ? rows : table.size });
  },
});
