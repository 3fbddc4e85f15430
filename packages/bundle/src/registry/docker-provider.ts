import { type BundleEnvironment, type Digest, digestOf, isDigest, ModelOpsError, parseJson, parseRepository } from '@modelops/contracts';
import * as z from 'zod';
import { MEDIA } from '../artifact/layers.ts';
import type { BundleProvider } from './bundle-provider.ts';
import { readDockerCredentials } from './docker-credentials.ts';
import { createRegistryHttp, type RegistryHttp } from './registry-http.ts';
import { checkTag } from './tag.ts';
import { verified } from './verify.ts';

/** A registry answers 404 for a manifest whose type is not asked for. */
const ACCEPT = [
  MEDIA.manifest,
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** A page for people, as a proxy or a wrong address gives, is no answer of a registry. */
const NO_PAGE = /^(?!text\/html)/;

const tagsSchema = z.object({ tags: z.array(z.string()).nullish() });

/** Any registry that speaks the OCI Distribution protocol, with the credentials that Docker's own configuration has for it. */
export function openDockerProvider({ login_server, insecure }: BundleEnvironment['registry']): BundleProvider {
  return createDockerProvider(
    createRegistryHttp({ host: login_server, isInsecure: insecure, credentials: () => readDockerCredentials(login_server, process.env) }),
  );
}

/** The OCI Distribution protocol (distribution-spec 1.1): blobs go up whole, POST then PUT. */
export function createDockerProvider(http: RegistryHttp): BundleProvider {
  const path = (repository: string, rest: string) => `/v2/${parseRepository(repository).name}/${rest}`;
  const manifest = (repository: string, reference: string) => path(repository, `manifests/${reference}`);
  const blob = (repository: string, digest: Digest) => path(repository, `blobs/${digest}`);
  const pull = (repository: string) => ({ scope: `repository:${parseRepository(repository).name}:pull` });
  const push = (repository: string) => ({ scope: `repository:${parseRepository(repository).name}:pull,push` });

  return {
    async resolveTag(repository, tag) {
      const request = { headers: { accept: ACCEPT }, accepts: [200, 404], type: /json/, ...pull(repository) };
      const answer = await http.request('HEAD', manifest(repository, checkTag(tag)), request);
      if (answer.status === 404) return undefined;
      const digest = answer.headers.get('docker-content-digest');
      if (digest !== null && isDigest(digest)) return digest;
      // The header is only recommended; what it would say is the digest of the bytes.
      const whole = await http.request('GET', manifest(repository, tag), request);
      return whole.status === 404 ? undefined : digestOf(whole.bytes);
    },
    async fetchManifest(repository, digest) {
      const request = { headers: { accept: ACCEPT }, accepts: [200, 404], type: /json/, ...pull(repository) };
      const answer = await http.request('GET', manifest(repository, digest), request);
      return answer.status === 404 ? undefined : verified(answer.bytes, digest, answer.url);
    },
    async hasBlob(repository, digest) {
      // A web server that answers every path with a page must not pass for a registry that holds everything.
      const request = { accepts: [200, 404], type: NO_PAGE, ...pull(repository) };
      return (await http.request('HEAD', blob(repository, digest), request)).status === 200;
    },
    async fetchBlob(repository, digest) {
      const answer = await http.request('GET', blob(repository, digest), { accepts: [200, 404], ...pull(repository) });
      return answer.status === 404 ? undefined : verified(answer.bytes, digest, answer.url);
    },
    async pushBlob(repository, digest, bytes) {
      verified(bytes, digest, 'the push');
      const start = await http.request('POST', path(repository, 'blobs/uploads/'), { accepts: [202], ...push(repository) });
      const location = start.headers.get('location');
      if (location === null) throw new ModelOpsError('REGISTRY_REFUSED', `${start.url} gave no place to upload to`);
      const place = new URL(location, start.url);
      place.searchParams.set('digest', digest);
      const headers = { 'content-type': 'application/octet-stream' };
      await http.request('PUT', place.href, { accepts: [201], body: bytes, headers, ...push(repository) });
    },
    async pushManifest(repository, digest, bytes, tags) {
      verified(bytes, digest, 'the push');
      const headers = { 'content-type': MEDIA.manifest };
      for (const reference of tags.length === 0 ? [digest] : tags.map(checkTag))
        await http.request('PUT', manifest(repository, reference), { accepts: [201], body: bytes, headers, ...push(repository) });
    },
    async listTags(repository) {
      const tags: string[] = [];
      for (let next: string | undefined = path(repository, 'tags/list'); next !== undefined; ) {
        const answer = await http.request('GET', next, { accepts: [200, 404], type: /json/, ...pull(repository) });
        if (answer.status === 404) return [];
        const text = new TextDecoder().decode(answer.bytes);
        tags.push(...(parseJson(text, tagsSchema, { source: answer.url, code: 'REGISTRY_REFUSED' }).tags ?? []));
        next = nextPage(answer.headers, answer.url);
      }
      return [...new Set(tags)].sort().map((tag) => ({ tag, digest: undefined }));
    },
  };
}

/** Registries with many tags say where the rest is: `Link: </v2/…?last=x>; rel="next"`. */
function nextPage(headers: Headers, from: string): string | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '')?.[1];
  return link === undefined ? undefined : new URL(link, from).href;
}
