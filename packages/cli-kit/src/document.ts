import * as z from 'zod';
import type { DocumentOf } from './command.ts';
import type { Program } from './program.ts';

/** Data that serialises to a document: its arrays and objects may be readonly. */
export type ReadonlyData<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyData<T[Key]> } : T;

/** The data of a document with these fields. */
export type DocumentFields<Shape extends z.ZodRawShape> = Shape extends z.ZodRawShape ? ReadonlyData<z.output<z.ZodObject<Shape>>> : never;

/** The strict schema of the `--json` document `name`, of which a command returns the fields. */
export function document<Shape extends z.ZodRawShape>(name: string, shape: Shape): DocumentOf<DocumentFields<Shape>> {
  return z.strictObject({ schema: z.literal(name), ...shape }).meta({ title: name });
}

/** A document whose fields depend on the options of the command. */
export function documentVariants<Shapes extends readonly z.ZodRawShape[]>(
  name: string,
  ...shapes: Shapes
): DocumentOf<DocumentFields<Shapes[number]>> {
  return z.union(shapes.map((shape) => z.strictObject({ schema: z.literal(name), ...shape }))).meta({ title: name });
}

/** The documents of a program's commands by name. Loads every command. */
export async function documentsOf({ commands }: Program<never>): Promise<Map<string, z.ZodType>> {
  const schemas = await Promise.all(commands.map(async ({ load }) => (await load()).document()));
  return new Map(schemas.flatMap((schema) => documentsIn(schema)));
}

/** The documents in the schema of a command, by name. */
export function documentsIn(schema: z.ZodType): (readonly [string, z.ZodType])[] {
  const title = schema.meta()?.title;
  if (title !== undefined) return [[title, schema]];
  return schema instanceof z.ZodUnion ? schema.options.flatMap((option) => documentsIn(option as z.ZodType)) : [];
}
