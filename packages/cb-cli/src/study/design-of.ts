import type { SimulationStudy } from '@modelops/contracts';
import * as z from 'zod';
import type { Design, Settings } from '../designs/design.ts';
import { designs } from '../designs/designs.ts';
import type { DesignParameter } from '../space/parameter-space.ts';

const parameterSchema = z.looseObject({ name: z.string(), kind: z.enum(['float', 'int', 'choice', 'fixed']) });
const designSchema = z.looseObject({
  method: z.string(),
  // This program wrote the parameters; callers check its points against the study's sets.
  parameters: z.array(z.custom<DesignParameter>((value) => parameterSchema.safeParse(value).success)),
  where: z.array(z.string()).default([]),
  constrained: z.boolean().default(false),
});

/** The design of a study, from its metadata. */
export interface StudyDesign {
  readonly design: Design;
  readonly settings: Settings;
  readonly parameters: readonly DesignParameter[];
  readonly where: readonly string[];
  readonly isConstrained: boolean;
}

/** @returns undefined for a study whose points do not follow from its metadata: given, read from a file, or merged. */
export function designOf({ metadata }: Pick<SimulationStudy, 'metadata'>): StudyDesign | undefined {
  const parsed = designSchema.safeParse(metadata.design);
  if (!parsed.success) return undefined;
  const { method, parameters, where, constrained, rejected: _1, repeated: _2, tool: _3, version: _4, ...settings } = parsed.data;
  const design = designs.find((one) => one.method === method);
  if (design === undefined) return undefined;
  return { design, settings, parameters, where, isConstrained: constrained };
}
