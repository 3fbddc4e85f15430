import * as z from 'zod';
import { reveal, Secret } from './secret.ts';

/** An absolute path: other processes run in other folders. */
const folder = z.string().refine((path) => /^(\/|\\\\|[A-Za-z]:[\\/])/.test(path), 'must be an absolute path');

/** A {@link Secret} once it is parsed. */
const secret = z
  .union([z.string(), z.instanceof(Secret)])
  .transform((text): Secret | string => (typeof text === 'string' ? new Secret(text) : text));

/** `~/.modelops/bundle-env/<env>.yaml`: where an environment's registry, storage and cluster are. Any tool may write one. */
export const bundleEnvironmentSchema = z.looseObject({
  environment: z.string().min(1),
  registry: z.looseObject({
    provider: z.enum(['oci-layout', 'docker', 'acr']),
    /** Host, with port: `registry.example:5000`. For `oci-layout`: a name used as the host; `path` is its folder. */
    login_server: z.string(),
    path: folder.optional(),
    requires_auth: z.boolean().default(false),
    /** Plain HTTP, for a registry on a private network or loopback. */
    insecure: z.boolean().default(false),
  }),
  storage: z.looseObject({
    provider: z.enum(['fs', 'azure']),
    /** Folder, for `fs`. */
    path: folder.optional(),
    container: z.string().optional(),
    connection_string: secret.optional(),
    account_url: z.string().optional(),
  }),
  cluster: z
    .looseObject({
      provider: z.enum(['kubernetes']),
      context: z.string().optional(),
      namespace: z.string(),
      image: z.string(),
      workers: z.int().min(1).default(4),
      cpu: z.string().default('1'),
      memory: z.string().default('1Gi'),
    })
    .optional(),
});

export type BundleEnvironment = Readonly<z.output<typeof bundleEnvironmentSchema>>;

/** The environment as its file holds it: secrets are text. */
export function environmentDocument({ storage, ...rest }: BundleEnvironment): Readonly<Record<string, unknown>> {
  const { connection_string: connection, ...kept } = storage;
  return { ...rest, storage: { ...kept, ...(connection === undefined ? {} : { connection_string: reveal(connection) }) } };
}

/** The environment that exists without a file: an OCI layout and a folder store under `home`. */
export function localEnvironment(home: string): BundleEnvironment {
  return {
    environment: 'local',
    registry: { provider: 'oci-layout', login_server: 'local', path: `${home}/registry`, requires_auth: false, insecure: false },
    storage: { provider: 'fs', path: `${home}/store` },
  };
}
