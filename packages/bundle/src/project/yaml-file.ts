import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ModelOpsError, parseValue } from '@modelops/contracts';
import type { z } from 'zod';

/** YAML (or JSON, which it contains) by a schema. @throws CONFIG_INVALID naming the file, and the line or every problem */
export async function parseYaml<S extends z.ZodType>(text: string, schema: S, file: string): Promise<z.output<S>> {
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new ModelOpsError('CONFIG_INVALID', `${file} is not valid YAML: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  return parseValue(value, schema, { source: file, code: 'CONFIG_INVALID' });
}

/** @throws CONFIG_INVALID */
export async function readYaml<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  return parseYaml(await readFile(file, 'utf8'), schema, file);
}

export async function writeYaml(file: string, value: unknown, mode = 0o644): Promise<void> {
  const { stringify } = await import('yaml');
  await writeAside(file, stringify(value), mode);
}

/** The whole file or none of it: written aside, then renamed. */
export async function writeAside(file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${randomUUID()}`;
  await writeFile(aside, text, { mode });
  await rename(aside, file);
}
