import { type Digest, digestOf, type OutputTable, type PackAddress, type ParamId, sha256Hex, type TaskId } from '@modelops/contracts';
import { packName } from '../pack-name.ts';
import type { SimulationPack } from '../rows.ts';

export const PACK_TASKS = 8;

/** The address of one round of a test. */
export function addressAt(round: number): PackAddress {
  return { schema: 'token', kind: 'sims', code: digestOf('model') as Digest, name: `models.m.M/r${round}` };
}

export function taskOf(writer: string, pack: number, at: number): TaskId {
  return sha256Hex(`${writer} ${pack} ${at}`) as TaskId;
}

/** The output `a` or `b` of a writer's pack: values that identify the pack, the task and the row. */
export function outputOf(output: string, pack: number): OutputTable {
  const rowsEach = output === 'a' ? 3 : 40;
  const values = Float64Array.from({ length: PACK_TASKS * rowsEach }, (_, at) => pack * 1e6 + at);
  return { rows: new Int32Array(PACK_TASKS).fill(rowsEach), columns: [{ name: 'x', values }] };
}

export function writtenPack(writer: string, pack: number): SimulationPack {
  return {
    name: packName(Date.now(), Math.random),
    simulations: Array.from({ length: PACK_TASKS }, (_, at) => ({
      task_id: taskOf(writer, pack, at),
      param_id: sha256Hex(writer) as ParamId,
      params: '{}',
      seed: BigInt(at),
      status: 'ok',
      error: null,
      started_at: 1e12,
      duration_ms: 1,
    })),
    outputs: { a: outputOf('a', pack), b: outputOf('b', pack) },
    job_id: 'job-1',
    worker: writer,
  };
}
