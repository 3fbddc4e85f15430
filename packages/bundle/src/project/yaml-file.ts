import { readFile } from 'node:fs/promises';
import { parseValue } from '@modelops/contracts';
import { yamlValue } from '@modelops/model-host';
import { writeFileAtomically } from '@modelops/system';
import type * as z from 'zod';

/** YAML (or JSON, which it contains) by a schema. @throws CONFIG_INVALID naming the file, and the line or every problem */
export async function parseYaml<S extends z.ZodType>(text: string, schema: S, file: string): Promise<z.output<S>> {
  const context = { source: file, code: 'CONFIG_INVALID' } as const;
  return parseValue(await yamlValue(text, context), schema, context);
}

/** @throws CONFIG_INVALID */
export async function readYaml<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  return parseYaml(await readFile(file, 'utf8'), schema, file);
}

export async function writeYaml(file: string, value: unknown, mode = 0o644): Promise<void> {
  const { stringify } = await import('yaml');
  await writeFileAtomically(file, stringify(value), { mode });
}
