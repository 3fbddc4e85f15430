import { defineCommand } from '@modelops/cli-kit';
import type { Problem } from '@modelops/contracts';
import * as z from 'zod';
import type { CbDeps } from '../deps.ts';
import type { Design, Settings } from '../designs/design.ts';
import { type SamplingOptions, samplingArgs, samplingShape } from './options.ts';
import type { DesignMethod } from './plan-sampling.ts';
import { samplingPresentation } from './present-sampling.ts';
import { runSampling } from './run-sampling.ts';

/** The command `cb sampling METHOD` of a design. */
export function samplingCommand<O extends Settings, S extends Settings>(design: Design<O, S>) {
  return defineCommand({
    examples: design.examples,
    args: samplingArgs,
    options: z.object({ ...design.options, ...samplingShape }),
    ...samplingPresentation,
    run: (options: SamplingOptions & Settings, deps: CbDeps) => runSampling(options, methodOf(design, options as Settings as O), deps),
  });
}

/** A design with the settings from its options. */
export function methodOf<O extends Settings, S extends Settings>(design: Design<O, S>, options: O): DesignMethod {
  const problems: Problem[] = [];
  const settings = design.readSettings(options, problems);
  return {
    method: design.method,
    title: design.title(settings),
    settings,
    constraint: design.supports.constraint,
    advice: problems.length === 0 ? design.advice?.(settings) : undefined,
    problems,
    check: (parameters, found) => design.check(settings, parameters, found),
    points: (parameters) => design.points(settings, parameters),
  };
}
