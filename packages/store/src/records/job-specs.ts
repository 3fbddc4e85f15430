import {
  type Digest,
  digestOf,
  isOldJob,
  type JobId,
  type JobSpec,
  jobSpecSchema,
  jsonBytes,
  keys,
  ModelOpsError,
  parseValue,
  readJson,
  readOldSpec,
} from '@modelops/contracts';
import type { ObjectStore } from '../objects/object-store.ts';
import { getBounded, MAX_BYTES } from '../objects/read-objects.ts';

export const UNREADABLE =
  'a later version may have written it; if it is damaged, restore a copy or delete the folder of the job: its simulations remain';

/** The specs of jobs: immutable objects, one when a job is created and one for each later binding. */
export interface JobSpecs {
  /** Stores the spec of a new job; the same spec again changes nothing. @throws CONFLICT when another job has the id */
  create(spec: JobSpec): Promise<void>;
  /** Stores a later binding and returns its digest. */
  keep(spec: JobSpec): Promise<Digest>;
  /** The spec with this digest, or the one that the job was created with. Undefined if there is none. @throws STORE_CORRUPT */
  read(id: JobId, digest: string | undefined, createdAt: () => string): Promise<JobSpec | undefined>;
}

/** @param onOldForm called once for each deprecated form that a spec has */
export function createJobSpecs(objects: ObjectStore, onOldForm: (warning: string) => void): JobSpecs {
  const warned = new Set<string>();
  return {
    async create(spec) {
      const text = jsonBytes(spec);
      if ((await objects.put(keys.spec(spec.job_id), text, { ifAbsent: true })) !== 'conflict') return;
      const held = await objects.get(keys.spec(spec.job_id));
      if (held === undefined || Buffer.compare(held.bytes, text) !== 0)
        throw new ModelOpsError('CONFLICT', `another job has the id ${spec.job_id}`);
    },
    async keep(spec) {
      const text = jsonBytes(spec);
      const digest = digestOf(text);
      await objects.put(keys.boundSpec(spec.job_id, digest), text, { ifAbsent: true });
      return digest;
    },
    async read(id, digest, createdAt) {
      const key = digest === undefined ? keys.spec(id) : keys.boundSpec(id, digest);
      const object = await getBounded(objects, key, MAX_BYTES.spec);
      if (object === undefined) return undefined;
      const context = { source: key, code: 'STORE_CORRUPT', hint: UNREADABLE } as const;
      const value = readJson(object.bytes, context);
      if (!isOldJob(value)) return parseValue(value, jobSpecSchema, context);
      const { spec, warnings } = readOldSpec(value, { job_id: id, created_at: createdAt() }, context);
      for (const warning of warnings) if (!warned.has(warning)) onOldForm(warning);
      for (const warning of warnings) warned.add(warning);
      return spec;
    },
  };
}
