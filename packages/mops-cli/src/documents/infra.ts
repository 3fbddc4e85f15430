import type { FieldsOf } from '@modelops/cli-kit';
import { document } from '@modelops/cli-kit/document';
import * as z from 'zod';

const environment = z.string();
const namespace = z.string().nullable().describe('null without a cluster');
const changes = z.array(
  z.strictObject({
    kind: z.string(),
    name: z.string(),
    action: z.enum(['create', 'change', 'unchanged', 'delete']),
    fields: z.array(z.string()).describe('Paths of the fields that change'),
  }),
);

export const envList = document('modelops.env.list/v1', {
  environments: z.array(
    z.strictObject({
      environment,
      registry: z.string().nullable(),
      storage: z.string().nullable(),
      namespace,
      file: z.string().nullable(),
      problem: z.string().nullable().describe('Why its file cannot be read'),
    }),
  ),
});
export type EnvironmentRow = FieldsOf<typeof envList>['environments'][number];

export const infraUp = document('modelops.infra.up/v1', {
  environment,
  namespace,
  is_plan: z.boolean(),
  changes,
  file: z.string().nullable().describe('The file of the environment; null in a plan'),
});
export type UpReport = FieldsOf<typeof infraUp>;

export const infraDown = document('modelops.infra.down/v1', { environment, is_plan: z.boolean(), changes });
export type DownReport = FieldsOf<typeof infraDown>;

export const infraStatus = document('modelops.infra.status/v1', {
  environment,
  namespace,
  is_complete: z.boolean().describe('Whether infra up would create nothing'),
  objects: z.array(z.strictObject({ kind: z.string(), name: z.string(), is_present: z.boolean() })),
  running_jobs: z.array(z.string()).describe('Jobs that have not ended'),
});
export type StatusReport = FieldsOf<typeof infraStatus>;

const text = z.string().nullable();
export const infraOutputs = document('modelops.infra.outputs/v1', {
  environment,
  file: text.describe('The file of the environment; null for local'),
  registry: z.strictObject({
    provider: z.string(),
    login_server: z.string(),
    path: text,
    requires_auth: z.boolean(),
    insecure: z.boolean(),
  }),
  storage: z.strictObject({
    provider: z.string(),
    path: text,
    account: text.describe('Name of the account in the connection string, which is not printed'),
    account_url: text,
    container: text,
  }),
  cluster: z
    .strictObject({
      context: text,
      namespace: z.string(),
      image: z.string(),
      workers: z.int(),
      cpu: z.string(),
      memory: z.string(),
      queue: text,
    })
    .nullable()
    .describe('null if jobs run on this machine'),
});
export type OutputsReport = FieldsOf<typeof infraOutputs>;
