import { defineCommand } from '@modelops/cli-kit';
import { ModelOpsError } from '@modelops/contracts';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import { manual } from '../designs/manual.ts';
import { samplingShape } from '../sampling/options.ts';
import { samplingPresentation } from '../sampling/present-sampling.ts';
import { runSampling } from '../sampling/run-sampling.ts';
import { chosenDesign } from '../sampling/sampling-command.ts';

export const command = defineCommand({
  examples: manual.examples,
  args: z.object({
    values: z.array(z.string()).describe('name=value for each parameter that has no default').meta({ placeholder: 'NAME=VALUE' }),
  }),
  options: z.object(samplingShape),
  ...samplingPresentation,
  run: ({ values, ...options }, deps: CbDeps) =>
    runSampling({ ...options, fix: { ...options.fix, ...readValues(values) } }, chosenDesign(manual, {}), deps),
});

function readValues(words: readonly string[]): Record<string, string> {
  const values = new Map<string, string>();
  const problems = words.flatMap((word) => {
    const at = word.indexOf('=');
    const name = word.slice(0, at);
    if (at <= 0) return [{ path: word, message: 'expected NAME=VALUE; name the model with --model' }];
    if (values.has(name)) return [{ path: word, message: `${name} is given twice` }];
    values.set(name, word.slice(at + 1));
    return [];
  });
  if (problems.length > 0) throw new ModelOpsError('USAGE', 'invalid values', { problems });
  return Object.fromEntries(values);
}
