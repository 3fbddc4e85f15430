import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand } from '@modelops/cli-kit';
import { ModelOpsError, parseSeed, type SimulationStudy } from '@modelops/contracts';
import { ESTIMATORS } from '@modelops/report/sensitivity';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import type { TargetAnalysis } from '../documents.ts';
import { analyse, givenAnalysis } from '../sensitivity/analyse.ts';
import { analysisText } from '../sensitivity/present-analysis.ts';
import { readResults } from '../sensitivity/read-results.ts';
import { readStudy } from '../study/read-study.ts';
import { readTable } from '../tables/read-table.ts';
import type { Table } from '../tables/table.ts';

export const command = defineCommand({
  examples: [
    'cb sensitivity job-5b718dc8 --study study.json',
    'cb sensitivity losses.parquet --study study.json --json',
    'cb sensitivity outputs.csv --study study.json --column peak',
  ],
  args: z.object({
    results: z
      .string()
      .describe('Job (mops reads its losses), or a CSV, Parquet or JSON file with param_id or the parameters, and a value')
      .meta({ placeholder: 'JOB|FILE' }),
  }),
  options: z.object({
    study: z
      .string()
      .optional()
      .describe('Study, whose design determines the method (default: given-data indices)')
      .meta({ placeholder: 'FILE' }),
    column: z.string().default('loss').describe('Column with the response; rows with the same parameter set are replicates'),
    target: z.string().optional().describe('Analyse only this target (default: all)'),
    given: z.boolean().default(false).describe('Compute given-data indices, ignoring the design'),
    estimator: z.enum(ESTIMATORS).default('saltelli').describe('Estimator for a Saltelli design'),
    bootstraps: z.int().min(0).max(100_000).default(1000).describe('Number of resamples for 95 % intervals; 0: no intervals'),
    seed: z.string().default('0').describe('Seed of the resampling').meta({ placeholder: 'N' }),
  }),
  schema: 'modelops.cb.sensitivity/v1',
  document: async () => (await import('../documents.ts')).sensitivity,
  run: async ({ results, study: file, column, target, given, estimator, bootstraps, seed }, deps: CbDeps) => {
    const study = file === undefined ? undefined : (await readStudy(file, deps)).study;
    const read = readResults(await tableOf(results, deps), { column, target, parameters: namesOf(study) });
    const options = { estimator, bootstraps, seed: parseSeed(seed), isGiven: given };
    const analyses: TargetAnalysis[] = [];
    for (const one of read) {
      const analysis =
        study === undefined ? givenAnalysis(one.sets, one.responses, true, options) : await analyse(study, one.responses, options);
      if (analysis.missing > 0)
        deps.reporter.warn(
          `${analysis.missing} of ${analysis.sets} parameter sets have no result${one.target === null ? '' : ` for ${one.target}`}; see the coverage of each index`,
        );
      analyses.push({ target: one.target, ...analysis });
    }
    return { results, study: file ?? null, column, analyses };
  },
  human: ({ analyses }) => analysisText(analyses),
});

async function tableOf(results: string, { project, losses }: CbDeps): Promise<Table> {
  const path = resolve(project.cwd, results);
  if (existsSync(path)) return readTable(path);
  if (/\.(csv|json|parquet)$/.test(results)) throw new ModelOpsError('FILE_NOT_FOUND', `file ${results} not found`);
  return losses(results);
}

function namesOf(study: SimulationStudy | undefined): string[] {
  const [first] = study?.parameter_sets ?? [];
  if (first === undefined) return [];
  return Object.keys('params' in first && typeof first.params === 'object' ? first.params : first);
}
