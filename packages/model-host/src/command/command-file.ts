import { jsonBytes, parameterSpecSchema, parseJson } from '@modelops/contracts';
import * as z from 'zod';

/** The types of a declared column: 64-bit floats, integers of 32 and 64 bits, texts, booleans. */
export const columnTypeSchema = z.enum(['float', 'int', 'int64', 'text', 'bool']);
export type CommandColumnType = z.output<typeof columnTypeSchema>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const text = scalar.transform(String);

/** A file that the command creates, below its working folder. */
const createdPath = z
  .string()
  .refine((path) => !path.split('/').some((part) => ['', '.', '..'].includes(part)), 'expected a path below the folder of this file');

const [float, int, choice] = parameterSpecSchema.unwrap().options;
const { unit, description } = choice.shape;
const parameterSchema = z.discriminatedUnion('kind', [
  z.strictObject(float.shape),
  z.strictObject(int.shape),
  z.strictObject(choice.shape),
  z
    .strictObject({ unit, description, kind: z.literal('bool'), default: z.boolean().exactOptional() })
    .transform(({ kind: _, ...rest }) => ({ kind: 'choice' as const, values: [false, true], ...rest })),
]);

/** A variable of the command's environment. Names beginning with MODELOPS_ are reserved. */
const variable = z
  .string()
  .regex(/^(?!MODELOPS_)[A-Za-z_][A-Za-z0-9_]*$/, 'expected a name of letters, digits and _, not starting with MODELOPS_');

const outputSchema = z.strictObject({
  file: createdPath.regex(/\.(csv|parquet|arrow|feather)$/, 'expected a name ending with .csv, .parquet, .arrow or .feather'),
  columns: z
    .record(z.string().min(1), columnTypeSchema)
    .refine((columns) => Object.keys(columns).length > 0, 'expected at least one column'),
});

/** One model of `modelops.yaml`. Its paths are relative to the folder of the file, which is also the command's working folder. */
export const commandModelSchema = z.strictObject({
  /** The program and its arguments. A string is split at spaces; quotes keep an argument together. No shell is used. */
  command: z.union([z.string().min(1), z.array(text).min(1)], 'expected a command line, or a list of a program and its arguments'),
  /** Files and folders that the command reads. Arguments that name a file are added. */
  files: z.array(z.string().min(1)).default([]),
  env: z.record(variable, text).default({}),
  /** Files of the project whose placeholders are filled for each task; `to` is the name of the filled file. */
  templates: z.array(z.strictObject({ from: z.string().min(1), to: createdPath.optional() })).default([]),
  parameters: z.record(z.string(), parameterSchema).default({}),
  scenarios: z
    .record(
      z.string(),
      z
        .strictObject({ params: z.record(z.string(), scalar).exactOptional(), config: z.record(z.string(), z.unknown()).exactOptional() })
        .nullable()
        .transform((scenario) => scenario ?? {}),
    )
    .exactOptional(),
  outputs: z.record(z.string(), outputSchema),
});

export const commandFileSchema = z.strictObject({
  models: z.record(z.string().regex(/^[\p{L}_$][\p{L}\p{N}_$]*$/u, 'expected a name of letters, digits and _'), commandModelSchema),
});

export type CommandModel = z.output<typeof commandModelSchema>;

/**
 * A command model as a host loads it: the model's part of `modelops.yaml`, checked and with defaults, as JSON. Changing another
 * model of the file, or a comment, does not change it.
 */
export const commandProgramSchema = z.object({
  version: z.literal(1),
  /** The folder of `modelops.yaml` in the project; empty for the project's root. */
  folder: z.string(),
  command: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()),
  templates: z.array(z.object({ from: z.string(), to: z.string() })),
  parameters: z.record(z.string(), parameterSpecSchema),
  scenarios: z
    .record(
      z.string(),
      z.object({ params: z.record(z.string(), scalar).exactOptional(), config: z.record(z.string(), z.unknown()).exactOptional() }),
    )
    .exactOptional(),
  outputs: z.record(z.string(), outputSchema),
});

export type CommandProgram = Readonly<z.output<typeof commandProgramSchema>>;

/** The bytes of a command model in a bundle. Parameters, scenarios and columns keep their order. */
export function encodeCommand(program: CommandProgram): Uint8Array {
  return jsonBytes(program);
}

/** @throws BUNDLE_INVALID for bytes that are not a command model */
export function decodeCommand(bytes: Uint8Array): CommandProgram {
  return parseJson(bytes, commandProgramSchema, { source: 'the command model', code: 'BUNDLE_INVALID' });
}
