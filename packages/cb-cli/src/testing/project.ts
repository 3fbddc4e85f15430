import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@modelops/cli-kit';
import { createMemoryIo } from '@modelops/cli-kit/testing';
import { type ModelDescription, ModelOpsError, parseStudy, type SimulationStudy } from '@modelops/contracts';
import { beforeEach, expect } from 'vitest';
import type { ParameterTable } from '../designs/parameter-table.ts';
import { cb } from '../program.ts';
import { openProject } from '../project/project.ts';
import type { Table } from '../tables/table.ts';

export const MODEL = 'models/seir.ts:StochasticSEIR';
export const SEIR: ModelDescription = {
  parameters: [
    { name: 'beta', kind: 'float', min: 0.1, max: 2, scale: 'linear' },
    { name: 'sigma', kind: 'float', min: 0.05, max: 0.5, scale: 'log' },
    { name: 'n0', kind: 'int', min: 1, max: 10, scale: 'linear' },
    { name: 'mode', kind: 'choice', values: ['a', 'b', true] },
  ],
  scenarios: ['baseline', 'lockdown'],
  outputs: ['prevalence', 'incidence'],
  behaviour: 1,
};

export interface TestProject {
  readonly folder: string;
  /** The description of the model. */
  model: ModelDescription;
  /** The sources that were read. */
  readonly reads: string[];
  allows: (table: ParameterTable) => Uint8Array;
  losses: (job: string) => Promise<Table>;
  /** Runs `cb LINE`; words with spaces are in single quotes. */
  run(line: string, cwd?: string): Promise<{ readonly status: number; readonly out: string; readonly err: string }>;
  /** The study that `cb LINE` prints, without an error or a warning. */
  studyOf(line: string, cwd?: string): Promise<SimulationStudy>;
}

/** A project that is a new one in each test. */
export function useProject(): TestProject {
  const project = {} as TestProject;
  beforeEach(() => void createProject(project));
  return project;
}

/** A project in its own folder, whose model is described without running it. */
export function createProject(project = {} as TestProject): TestProject {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cb-')));
  for (const name of ['models', 'targets', 'notes']) mkdirSync(join(folder, name));
  for (const file of ['package.json', 'models/seir.ts', 'targets/prevalence.ts']) writeFileSync(join(folder, file), '');
  return Object.assign(project, {
    folder,
    model: SEIR,
    reads: [],
    allows: (table) => new Uint8Array(table.size).fill(1),
    losses: async (job) => {
      throw new ModelOpsError('JOB_NOT_FOUND', `no job ${job}`);
    },
    run: async (line, cwd = folder) => {
      const io = createMemoryIo({ cwd });
      const argv = line.match(/'[^']*'|[^ ]+/g)!.map((word) => word.replaceAll("'", ''));
      const read = async (source: string) => {
        project.reads.push(source);
        if (source.endsWith(':StochasticSEIR')) return project.model;
        throw new ModelOpsError('MODEL_NOT_FOUND', `${source} does not exist`, { hint: 'cb models list' });
      };
      const models = { read, allows: async (_source: string, table: ParameterTable) => project.allows(table) };
      const status = await runProgram({
        ...cb,
        argv,
        io,
        deps: ({ reporter, signal }) => ({
          models,
          losses: (job) => project.losses(job),
          project: openProject(cwd),
          now: () => new Date(Date.UTC(2026, 4, 1)),
          reporter,
          signal,
        }),
      });
      return { status, out: io.stdout.text, err: io.stderr.text };
    },
    studyOf: async (line, cwd) => {
      const { status, out, err } = await project.run(line, cwd);
      expect(err).not.toContain('error');
      expect(status).toBe(0);
      const { study, warnings } = parseStudy(out, 'stdout');
      expect(warnings).toEqual([]);
      return study;
    },
  } satisfies TestProject);
}
