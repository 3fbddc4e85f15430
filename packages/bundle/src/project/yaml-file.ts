import { readFile } from 'node:fs/promises';
import { ModelOpsError, type ParseContext, parseValue } from '@modelops/contracts';
import { writeFileAtomically } from '@modelops/system';
import type * as z from 'zod';

/** YAML (or JSON, which it contains) by a schema. @throws CONFIG_INVALID naming the file, and the line or every problem */
export async function parseYaml<S extends z.ZodType>(text: string, schema: S, file: string): Promise<z.output<S>> {
  const context = { source: file, code: 'CONFIG_INVALID' } as const;
  return parseValue(await yamlValue(text, context), schema, context);
}

/** YAML text as a value. @throws the context's code, with line and column when the text is not YAML */
export async function yamlValue(text: string, { source, code }: Pick<ParseContext, 'source' | 'code'>): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text);
  } catch (cause) {
    const [at] = (cause as { linePos?: readonly { readonly line: number; readonly col: number }[] }).linePos ?? [];
    throw new ModelOpsError(code, `${source} is not valid YAML${at === undefined ? '' : ` at line ${at.line}, column ${at.col}`}`, {
      // The parser quotes the line, which in an environment file may hold a secret.
      ...(code === 'CONFIG_INVALID' ? {} : { cause }),
      hint: 'check the indentation, the brackets, and the quotes around texts with : or # in them',
    });
  }
}

/** @throws CONFIG_INVALID */
export async function readYaml<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  return parseYaml(await readFile(file, 'utf8'), schema, file);
}

export async function writeYaml(file: string, value: unknown, mode = 0o644): Promise<void> {
  const { stringify } = await import('yaml');
  await writeFileAtomically(file, stringify(value), { mode });
}
