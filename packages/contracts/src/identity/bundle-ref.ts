import { ModelOpsError } from '../errors.ts';
import { type Digest, isDigest } from './digest.ts';

/** A bundle by digest: `sha256:<hex>`, or `<repository>@sha256:<hex>` where the repository may start with a registry host and port. */
export interface BundleRef {
  readonly repository: string | undefined;
  readonly digest: Digest;
}

const COMPONENT = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const HOST = /^(local|localhost|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:)|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?$/;

/** A repository split into registry host (with port) and name (with slashes). The first component is a host when it has a dot, a port, or is localhost or local (the embedded registry). */
export interface RepositoryName {
  readonly host: string | undefined;
  readonly name: string;
}

/** Whether a text names a registry: `registry.example`, `10.0.0.1:5000`; no scheme, no path. */
export function isRegistryHost(text: string): boolean {
  return HOST.test(text);
}

/** @throws IDENTITY_INVALID for what the OCI distribution spec does not allow. */
export function parseRepository(text: string): RepositoryName {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const host = HOST.test(first) ? first : undefined;
  const name = host === undefined ? text : text.slice(slash + 1);
  if (name.length > 255 || !name.split('/').every((part) => COMPONENT.test(part))) {
    throw new ModelOpsError('IDENTITY_INVALID', `invalid repository name "${text.slice(0, 120)}"`, {
      hint: 'use lowercase letters and digits separated by . _ - and /; e.g. team/epi-sim or registry.example:5000/team/epi-sim',
    });
  }
  return { host, name };
}

/** @throws IDENTITY_INVALID */
export function parseBundleRef(text: string): BundleRef {
  if (isDigest(text)) return { repository: undefined, digest: text };
  const at = text.lastIndexOf('@');
  const digest = text.slice(at + 1);
  if (at <= 0 || !isDigest(digest)) {
    throw new ModelOpsError('IDENTITY_INVALID', `invalid bundle reference "${text.slice(0, 160)}"`, {
      hint: 'use sha256:<64 hex digits> or <repository>@sha256:<64 hex digits>',
    });
  }
  parseRepository(text.slice(0, at));
  return { repository: text.slice(0, at), digest };
}

export function formatBundleRef({ repository, digest }: BundleRef): string {
  return repository === undefined ? digest : `${repository}@${digest}`;
}
