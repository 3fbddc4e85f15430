import { defineCommand } from '@modelops/cli-kit';
import type { Problem } from '@modelops/contracts';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import type { Design, Settings } from '../designs/design.ts';
import { type SamplingOptions, samplingArgs, samplingShape } from './options.ts';
import type { ChosenDesign } from './plan-sampling.ts';
import { samplingPresentation } from './present-sampling.ts';
import { runSampling } from './run-sampling.ts';

/** The command `cb sampling METHOD` of a design. */
export function samplingCommand<O extends Settings, S extends Settings>(design: Design<O, S>) {
  return defineCommand({
    examples: design.examples,
    args: samplingArgs,
    options: z.object({ ...design.options, ...samplingShape }),
    ...samplingPresentation,
    run: (options: SamplingOptions & Settings, deps: CbDeps) => runSampling(options, chosenDesign(design, options as Settings as O), deps),
  });
}

/** A design with the settings from its options. */
export function chosenDesign<O extends Settings, S extends Settings>(design: Design<O, S>, options: O): ChosenDesign {
  const problems: Problem[] = [];
  const settings = design.readSettings(options, problems);
  return { design: design as Design<never, never>, settings, problems };
}
