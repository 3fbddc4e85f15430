import { resolve } from 'node:path';
import { jsonDocument, type Text } from '@modelops/cli-kit';
import type { SimulationStudy } from '@modelops/contracts';
import { writeOutputFile } from '@modelops/system';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { storedStudyText } from './study-text.ts';

const STUDY_SCHEMA = 'modelops.cb.study/v1';

/** Options for where a command writes its study. */
export const outputShape = {
  output: z.string().min(1).optional().describe('Write to a file (default: stdout)').meta({ short: 'o', placeholder: 'FILE' }),
  force: z.boolean().default(false).describe('Overwrite the file of --output'),
};

/** A study that a command made, and the file that it was written to (null: stdout). */
export interface StudyResult {
  readonly study: SimulationStudy;
  readonly output: string | null;
  /** What was done, for stderr. */
  readonly note: string;
}

export async function writeStudy(
  study: SimulationStudy,
  note: string,
  { output, force }: { readonly output?: string | undefined; readonly force: boolean },
  deps: CbDeps,
): Promise<StudyResult> {
  if (output === undefined || output === '-') return { study, output: null, note };
  await writeOutputFile(resolve(deps.project.cwd, output), storedStudyText(study), { isForced: force, signal: deps.signal });
  return { study, output, note };
}

/** What such a command prints: the study on stdout, or a report of the file. */
export const studyPresentation = {
  schema: STUDY_SCHEMA,
  document: async () => (await import('../documents.ts')).studyOrReport,
  human: ({ study, output }: StudyResult): Text => (output === null ? storedStudyText(study) : ''),
  notes: ({ note, output }: StudyResult): string => (output === null ? note : `${note}; written to ${output}`),
  json: ({ study, output, note }: StudyResult): Text =>
    output === null ? storedStudyText(study) : jsonDocument(STUDY_SCHEMA, { output, note, parameter_sets: study.parameter_sets.length }),
};
