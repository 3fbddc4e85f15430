import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelOpsError, messageOf } from '@modelops/contracts';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Project } from './project.ts';

const REGISTRY = '.modelops-bundle/registry.yaml';

/** Reads only the names: descriptions are read from the code. */
const registrySchema = z.object({
  models: z.array(z.object({ id: z.string().optional(), source: z.string() })).default([]),
  targets: z
    .array(
      z.object({
        source: z.string(),
        description: z
          .object({ output: z.string(), outputs: z.array(z.string()) })
          .partial()
          .optional(),
      }),
    )
    .default([]),
});

export interface RegisteredModel {
  /** The registered id; without one the file's name, or the export's name if files share a name. */
  readonly id: string;
  readonly source: string;
}

/** The models in a project's registry file; none without a file. @throws CONFIG_INVALID */
export function registeredModels({ root }: Pick<Project, 'root'>): RegisteredModel[] {
  const { models } = readRegistry(root);
  const stems = models.map(({ source }) => stemOf(source));
  return models.map(({ id, source }, at) => {
    const stem = stems[at]!;
    const isShared = stems.filter((one) => one === stem).length > 1;
    return { id: id ?? (isShared ? source.slice(source.lastIndexOf(':') + 1) : stem), source };
  });
}

/** Returns the registered targets that a model with the given outputs has; a target whose outputs are unknown is among them. */
export function targetsByOutputs({ root }: Pick<Project, 'root'>): (outputs: readonly string[]) => string[] {
  const targets = readRegistry(root).targets.map(({ source, description }) => ({
    source,
    reads: description?.outputs ?? (description?.output === undefined ? [] : [description.output]),
  }));
  return (outputs) => targets.filter(({ reads }) => reads.every((output) => outputs.includes(output))).map(({ source }) => source);
}

function readRegistry(root: string): z.output<typeof registrySchema> {
  const path = join(root, REGISTRY);
  if (!existsSync(path)) return { models: [], targets: [] };
  try {
    return registrySchema.parse(parse(readFileSync(path, 'utf8')) ?? {});
  } catch (cause) {
    throw new ModelOpsError('CONFIG_INVALID', `cannot read ${path}: ${messageOf(cause).split('\n')[0]}`, { cause });
  }
}

/** `models/seir.ts:StochasticSEIR` → `seir` */
function stemOf(source: string): string {
  const file = source.slice(0, source.lastIndexOf(':'));
  return file.slice(file.lastIndexOf('/') + 1).replace(/\.[a-z]+$/, '');
}
