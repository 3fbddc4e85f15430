import type { TaskId } from '@modelops/contracts';
import type { ParquetTable } from './parquet/read-parquet.ts';
import type { FailedRow } from './rows.ts';

/** The rows of an index that failed. @throws STORE_CORRUPT */
export function failedRows(index: ParquetTable, pack: string): FailedRow[] {
  const [ids, paramIds, params] = [
    index.list<TaskId>('task_id'),
    index.list<FailedRow['param_id']>('param_id'),
    index.list<string>('params'),
  ];
  const [seeds, errors, jobs] = [index.list<bigint>('seed'), index.list<string | null>('error'), index.list<string>('job_id')];
  const [started, durations] = [index.list<number>('started_at'), index.list<number>('duration_ms')];
  return index.list<string>('status').flatMap((status, at) => {
    if (status !== 'failed') return [];
    return [
      {
        task_id: ids[at]!,
        param_id: paramIds[at]!,
        params: params[at]!,
        seed: seeds[at]!,
        status,
        error: errors[at]!,
        started_at: started[at]!,
        duration_ms: durations[at]!,
        job_id: jobs[at]!,
        pack,
      },
    ];
  });
}
