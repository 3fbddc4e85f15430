import { execFile } from 'node:child_process';
import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import { type Table, tableOfRows } from '../tables/table.ts';

const document = z.object({ losses: z.array(z.record(z.string(), z.unknown())) });

/** The losses of a job, from the program `mops`, which knows environments and stores. @throws JOB_NOT_FOUND with the message of mops */
export async function readJobLosses(job: string, cwd: string): Promise<Table> {
  const { losses } = document.parse(JSON.parse(await run('mops', ['results', 'losses', job, '--json'], cwd)));
  return tableOfRows(
    losses.map(({ params, ...row }) => ({
      ...row,
      ...Object.fromEntries(Object.entries((params ?? {}) as object).map(([name, value]) => [`param_${name}`, value])),
    })),
  );
}

function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((fulfil, reject) => {
    execFile(program, args, { cwd, maxBuffer: 2 ** 30 }, (error, stdout, stderr) => {
      if (error === null) return fulfil(stdout);
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const message = isAbsent
        ? `cannot read the losses of ${args[2]}: ${program} is not installed`
        : stderr.trim().replace(/^error: /, '');
      reject(new ModelOpsError('JOB_NOT_FOUND', message, { cause: error, hint: 'pass a file instead: cb sensitivity losses.parquet' }));
    });
  });
}
