import { resolve } from 'node:path';
import { defineCommand } from '@modelops/cli-kit';
import { checkOutputFile, writeOutputFile } from '@modelops/system';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { splitStudy } from '../study/merge-studies.ts';
import { readStudy } from '../study/read-study.ts';
import { storedStudyText } from '../study/study-text.ts';

export const command = defineCommand({
  examples: ['cb study split study.json --parts 4'],
  args: z.object({ file: z.string().describe('A study') }),
  options: z.object({
    parts: z.number().describe('Number of studies, written to study-1-of-4.json, …'),
    force: z.boolean().default(false).describe('Overwrite existing files'),
  }),
  schema: 'modelops.cb.study-split/v1',
  document: async () => (await import('../documents.ts')).studySplit,
  run: async ({ file, parts, force }, { signal, ...deps }: CbDeps) => {
    const studies = splitStudy((await readStudy(file, deps)).study, parts);
    const name = (part: number) => `${file.replace(/\.json$/, '')}-${part + 1}-of-${parts}.json`;
    const paths = studies.map((_, part) => resolve(deps.project.cwd, name(part)));
    for (const path of paths) await checkOutputFile(path, { isForced: force });
    for (const [part, study] of studies.entries()) await writeOutputFile(paths[part]!, storedStudyText(study), { isForced: force, signal });
    return { files: studies.map((study, part) => ({ file: name(part), parameter_sets: study.parameter_sets.length })) };
  },
  human: ({ files }) => files.map(({ file, parameter_sets }) => `${file}: ${parameter_sets} parameter sets`).join('\n'),
});
