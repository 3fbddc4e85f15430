import { type BundleEnvironment, type Digest, digestOf, formatCount, isDigest, ModelOpsError, parseRepository } from '@modelops/contracts';
import * as z from 'zod';
import { MEDIA } from '../artifact/layers.ts';
import { type BundleProvider, MAX_MANIFEST_BYTES } from './bundle-provider.ts';
import { readDockerCredentials } from './docker-credentials.ts';
import { parseForeignJson } from './foreign-json.ts';
import { urlFrom } from './redirect.ts';
import { createRegistryHttp, type RegistryHttp, type RegistryRequest } from './registry-http.ts';
import { checkTag } from './tag.ts';
import { verified, verifiedBlob, verifiedFile, writeVerified } from './verify.ts';

/** A registry responds 404 for a manifest whose type the request does not accept. */
const ACCEPT = [
  MEDIA.manifest,
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** A web page, as a proxy or a wrong address sends, is not a registry's response. */
const NO_PAGE = /^(?!text\/html)/;

/** A page of tags. */
const MAX_PAGE_BYTES = 4 * 2 ** 20;
const MAX_PAGES = 500;
const LONGEST_LIST_MS = 300_000;
const MAX_TAGS = 100_000;
const NO_BODY = { maxBytes: 2 ** 16 };

const tagsSchema = z.object({ tags: z.array(z.string()).nullish() });

/** Any registry that supports the OCI Distribution protocol, with the credentials in Docker's configuration. */
export function openDockerProvider({ login_server, insecure }: BundleEnvironment['registry']): BundleProvider {
  return createDockerProvider(
    createRegistryHttp({ host: login_server, isInsecure: insecure, credentials: () => readDockerCredentials(login_server, process.env) }),
  );
}

/** The OCI Distribution protocol (distribution-spec 1.1): blobs are uploaded whole, POST then PUT. */
export function createDockerProvider(http: RegistryHttp): BundleProvider {
  const path = (repository: string, rest: string) => `/v2/${parseRepository(repository).name}/${rest}`;
  const manifest = (repository: string, reference: string) => path(repository, `manifests/${reference}`);
  const blob = (repository: string, digest: Digest) => path(repository, `blobs/${digest}`);
  const pull = (repository: string) => ({ scope: `repository:${parseRepository(repository).name}:pull` });
  const push = (repository: string) => ({ scope: `repository:${parseRepository(repository).name}:pull,push`, ...NO_BODY });
  const manifestRequest = (repository: string) => ({
    headers: { accept: ACCEPT },
    accepts: [200, 404],
    type: /json/,
    maxBytes: MAX_MANIFEST_BYTES,
    ...pull(repository),
  });

  const upload = async (repository: string, digest: Digest, body: NonNullable<RegistryRequest['body']>): Promise<void> => {
    const start = await http.request('POST', path(repository, 'blobs/uploads/'), { accepts: [202], ...push(repository) });
    const location = start.headers.get('location');
    if (location === null) throw new ModelOpsError('REGISTRY_REFUSED', `${start.url} returned no upload URL`);
    const to = urlFrom(location, new URL(start.url), 'Location');
    to.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await http.request('PUT', to.href, { accepts: [201], body, headers, ...push(repository) });
  };

  return {
    async resolveTag(repository, tag) {
      const request = manifestRequest(repository);
      const found = await http.request('HEAD', manifest(repository, checkTag(tag)), request);
      if (found.status === 404) return undefined;
      const digest = found.headers.get('docker-content-digest');
      if (digest !== null && isDigest(digest)) return digest;
      // The header is only recommended; its value would be the digest of the bytes.
      const whole = await http.request('GET', manifest(repository, tag), request);
      return whole.status === 404 ? undefined : digestOf(whole.bytes);
    },
    async fetchManifest(repository, digest) {
      const { status, bytes, url } = await http.request('GET', manifest(repository, digest), manifestRequest(repository));
      return status === 404 ? undefined : verified(bytes, digest, url);
    },
    async hasBlob(repository, digest) {
      // A web server that returns a page for every path must not be mistaken for a registry that has every blob.
      const request = { accepts: [200, 404], type: NO_PAGE, ...NO_BODY, ...pull(repository) };
      return (await http.request('HEAD', blob(repository, digest), request)).status === 200;
    },
    async fetchBlob(repository, { digest, size }) {
      const request = { accepts: [200, 404], maxBytes: Math.max(size, NO_BODY.maxBytes), ...pull(repository) };
      const { status, bytes, url } = await http.request('GET', blob(repository, digest), request);
      return status === 404 ? undefined : verifiedBlob(bytes, { digest, size }, url);
    },
    async downloadBlob(repository, { digest, size }, file) {
      const path = blob(repository, digest);
      const save = (body: AsyncIterable<Uint8Array>) => writeVerified(file, body, { digest, size }, path);
      const request = { accepts: [200, 404], maxBytes: Math.max(size, NO_BODY.maxBytes), save, ...pull(repository) };
      return (await http.request('GET', path, request)).status === 200;
    },
    async pushBlob(repository, digest, bytes) {
      await upload(repository, digest, verified(bytes, digest, 'the push'));
    },
    uploadBlob: (repository, blob, file) => upload(repository, blob.digest, { size: blob.size, open: () => verifiedFile(file, blob) }),
    async pushManifest(repository, digest, bytes, tags) {
      verified(bytes, digest, 'the push');
      const headers = { 'content-type': MEDIA.manifest };
      for (const reference of tags.length === 0 ? [digest] : tags.map(checkTag))
        await http.request('PUT', manifest(repository, reference), { accepts: [201], body: bytes, headers, ...push(repository) });
    },
    async listTags(repository) {
      const tags = new Set<string>();
      const pages = new Set<string>();
      const start = performance.now();
      for (let next: string | undefined = path(repository, 'tags/list'); next !== undefined; ) {
        const request = { accepts: [200, 404], type: /json/, maxBytes: MAX_PAGE_BYTES, ...pull(repository) };
        const { status, headers, bytes, url } = await http.request('GET', next, request);
        if (status === 404) return [];
        pages.add(next);
        for (const tag of parseForeignJson(bytes, tagsSchema, { source: url, code: 'REGISTRY_REFUSED' }).tags ?? [])
          tags.add(checkedTag(tag, url));
        next = nextPage(headers, url);
        if (next === undefined) break;
        if (pages.size >= MAX_PAGES || tags.size > MAX_TAGS || pages.has(next) || performance.now() - start > LONGEST_LIST_MS)
          throw new ModelOpsError('REGISTRY_REFUSED', `${url} does not end its list of tags: ${pages.size} pages, ${tags.size} tags`, {
            hint: `at most ${MAX_PAGES} pages and ${formatCount(MAX_TAGS)} tags are read`,
          });
      }
      return [...tags].sort().map((tag) => ({ tag, digest: undefined }));
    },
  };
}

function checkedTag(tag: string, url: string): string {
  try {
    return checkTag(tag);
  } catch (cause) {
    throw new ModelOpsError('REGISTRY_REFUSED', `${url} lists an invalid tag, ${JSON.stringify(tag.slice(0, 100))}`, { cause });
  }
}

/** Registries with many tags name the next page: `Link: </v2/…?last=x>; rel="next"`. */
function nextPage(headers: Headers, from: string): string | undefined {
  const link = /<([^<>]+)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '')?.[1];
  return link === undefined ? undefined : urlFrom(link, new URL(from), 'Link').href;
}
