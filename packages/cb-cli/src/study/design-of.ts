import { ModelOpsError, type SimulationStudy } from '@modelops/contracts';
import * as z from 'zod';
import type { Design, Settings } from '../designs/design.ts';
import { designs } from '../designs/designs.ts';
import type { DesignParameter } from '../space/parameter-space.ts';

const designSchema = z.looseObject({
  method: z.string(),
  parameters: z.array(z.looseObject({ name: z.string(), kind: z.enum(['float', 'int', 'choice', 'fixed']) })),
  where: z.array(z.string()).default([]),
  constrained: z.boolean().default(false),
});

/** The design that made a study, from its metadata. */
export interface StudyDesign {
  readonly design: Design;
  readonly settings: Settings;
  readonly parameters: readonly DesignParameter[];
  readonly where: readonly string[];
  readonly isConstrained: boolean;
}

/** @returns undefined for a study whose points do not follow from its metadata: typed, read from a file, or merged. */
export function designOf({ metadata }: Pick<SimulationStudy, 'metadata'>): StudyDesign | undefined {
  const parsed = designSchema.safeParse(metadata.design);
  if (!parsed.success) return undefined;
  const {
    method,
    parameters,
    where,
    constrained,
    rejected: _rejected,
    repeated: _repeated,
    tool: _tool,
    version: _version,
    ...settings
  } = parsed.data;
  const design = designs.find((one) => one.method === method);
  if (design === undefined) return undefined;
  // Design parameters are written by this program; whether the points are its own is checked against the study's sets.
  return { design, settings, parameters: parameters as unknown as DesignParameter[], where, isConstrained: constrained };
}

/** @throws USAGE for a study without one */
export function requireDesign(study: SimulationStudy, file: string, need: string): StudyDesign {
  const found = designOf(study);
  if (found !== undefined) return found;
  throw new ModelOpsError('USAGE', `${file} has no design that ${need}: its sampling method is ${study.sampling_method}`, {
    hint: 'cb study merge adds the sets of another study',
  });
}
