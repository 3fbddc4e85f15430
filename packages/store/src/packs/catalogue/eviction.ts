import { parseJson } from '@modelops/contracts';
import * as z from 'zod';
import { getBounded, MAX_BYTES } from '../../objects/get-bounded.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { EVICTED } from '../pack-name.ts';

const evictionSchema = z.object({
  schema_version: z.literal(1),
  at: z.string(),
  files: z.array(z.object({ name: z.string(), size: z.int() })),
});

export type Eviction = Readonly<z.output<typeof evictionSchema>>;

export async function writeEviction(objects: ObjectStore, folder: string, eviction: Omit<Eviction, 'schema_version'>): Promise<void> {
  const text = `${JSON.stringify({ schema_version: 1, ...eviction })}\n`;
  await objects.put(`${folder}/${EVICTED}`, new TextEncoder().encode(text));
}

/** Undefined when the pack was not evicted. @throws STORE_CORRUPT */
export async function readEviction(objects: ObjectStore, folder: string): Promise<Eviction | undefined> {
  const source = `${folder}/${EVICTED}`;
  const object = await getBounded(objects, source, MAX_BYTES.manifest);
  return object && parseJson(new TextDecoder().decode(object.bytes), evictionSchema, { source, code: 'STORE_CORRUPT' });
}
