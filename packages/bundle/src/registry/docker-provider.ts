import { type BundleEnvironment, type Digest, isDigest, ModelOpsError } from '@modelops/contracts';
import { MEDIA } from '../artifact/layers.ts';
import type { BundleProvider } from './bundle-provider.ts';
import { readDockerCredentials } from './docker-credentials.ts';
import { createRegistryHttp, type RegistryHttp } from './registry-http.ts';
import { verified } from './verify.ts';

const ACCEPT = [MEDIA.manifest, 'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'].join(
  ', ',
);

/** Any registry that speaks the OCI Distribution protocol, with the credentials that Docker's own configuration has for it. */
export function openDockerProvider({ login_server, insecure }: BundleEnvironment['registry']): BundleProvider {
  return createDockerProvider(
    createRegistryHttp({ host: login_server, isInsecure: insecure, credentials: () => readDockerCredentials(login_server, process.env) }),
  );
}

export function createDockerProvider(http: RegistryHttp): BundleProvider {
  const manifestPath = (repository: string, reference: string) => `/v2/${repository}/manifests/${reference}`;
  const blobPath = (repository: string, digest: Digest) => `/v2/${repository}/blobs/${digest}`;

  return {
    async resolveTag(repository, tag) {
      const answer = await http.request('HEAD', manifestPath(repository, tag), { headers: { accept: ACCEPT }, accepts: [200, 404] });
      if (answer.status === 404) return undefined;
      const digest = answer.headers.get('docker-content-digest') ?? '';
      if (!isDigest(digest))
        throw new ModelOpsError('REGISTRY_REFUSED', `${answer.url} names no digest of tag ${tag}`, { hint: 'is this an OCI registry?' });
      return digest;
    },
    async fetchManifest(repository, digest) {
      const answer = await http.request('GET', manifestPath(repository, digest), {
        headers: { accept: ACCEPT },
        accepts: [200, 404],
        type: /json/,
      });
      return answer.status === 404 ? undefined : verified(answer.bytes, digest, answer.url);
    },
    async hasBlob(repository, digest) {
      return (await http.request('HEAD', blobPath(repository, digest), { accepts: [200, 404] })).status === 200;
    },
    async fetchBlob(repository, digest) {
      const answer = await http.request('GET', blobPath(repository, digest), { accepts: [200, 404] });
      return answer.status === 404 ? undefined : verified(answer.bytes, digest, answer.url);
    },
    async pushBlob(repository, digest, bytes) {
      const start = await http.request('POST', `/v2/${repository}/blobs/uploads/`, {
        accepts: [202],
        scope: `repository:${repository}:pull,push`,
      });
      const location = start.headers.get('location');
      if (location === null) throw new ModelOpsError('REGISTRY_REFUSED', `${start.url} gave no place to upload to`);
      const place = new URL(location, start.url);
      place.searchParams.set('digest', digest);
      await http.request('PUT', place.href, {
        accepts: [201],
        body: bytes,
        headers: { 'content-type': 'application/octet-stream' },
        scope: `repository:${repository}:pull,push`,
      });
    },
    async pushManifest(repository, digest, bytes, tags) {
      for (const reference of tags.length === 0 ? [digest] : tags) {
        await http.request('PUT', manifestPath(repository, reference), {
          accepts: [201],
          body: bytes,
          headers: { 'content-type': MEDIA.manifest },
          scope: `repository:${repository}:pull,push`,
        });
      }
    },
    async listTags(repository) {
      const answer = await http.request('GET', `/v2/${repository}/tags/list`, { accepts: [200, 404], type: /json/ });
      if (answer.status === 404) return [];
      const { tags } = JSON.parse(new TextDecoder().decode(answer.bytes)) as { tags: readonly string[] | null };
      return (tags ?? []).map((tag) => ({ tag, digest: undefined }));
    },
  };
}
