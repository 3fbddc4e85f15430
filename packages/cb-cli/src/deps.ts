import type { Reporter } from '@modelops/cli-kit';
import type { ModelDescription } from '@modelops/contracts';
import type { ParameterTable } from './designs/parameter-table.ts';
import type { Project } from './project/project.ts';
import type { Table } from './tables/table.ts';

/** Reads a model's description. */
export interface ModelReader {
  /** @param source name in studies: `models/seir.ts:StochasticSEIR`. @throws MODEL_NOT_FOUND, MODEL_INVALID */
  read(source: string): Promise<ModelDescription>;
  /** 1 for each row of the table that the model's own constraint allows. @throws MODEL_INVALID if the constraint throws */
  allows(source: string, table: ParameterTable): Promise<Uint8Array>;
}

/** Everything that the commands of `cb` read or write; only `main.ts` chooses the implementations. */
export interface CbDeps {
  readonly models: ModelReader;
  readonly project: Project;
  /** The losses of a job, a row for each parameter set and target. @throws JOB_NOT_FOUND */
  losses(job: string): Promise<Table>;
  readonly now: () => Date;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}
