import { writeFile } from 'node:fs/promises';
import type { Digest } from '@modelops/contracts';
import type { BundleProvider } from '../registry/bundle-provider.ts';
import { verified, verifiedBlob, verifiedFile } from '../registry/verify.ts';

/** A registry in memory that records its calls. */
export interface MemoryProvider extends BundleProvider {
  readonly calls: string[];
  /** Changes stored bytes without a push. */
  replace(digest: Digest, bytes: Uint8Array): void;
}

export function createMemoryProvider(): MemoryProvider {
  const blobs = new Map<string, Uint8Array>();
  const tags = new Map<string, Digest>();
  const calls: string[] = [];
  const fetch = (digest: Digest) => {
    const bytes = blobs.get(digest);
    return bytes && verified(bytes, digest, 'memory');
  };
  return {
    calls,
    replace: (digest, bytes) => void blobs.set(digest, bytes),
    resolveTag: async (repository, tag) => tags.get(`${repository}:${tag}`),
    fetchManifest: async (_repository, digest) => fetch(digest),
    fetchBlob: async (_repository, blob) => {
      calls.push(`fetch ${blob.digest}`);
      const bytes = fetch(blob.digest);
      return bytes && verifiedBlob(bytes, blob, 'memory');
    },
    downloadBlob: async (_repository, { digest }, file) => {
      calls.push(`fetch ${digest}`);
      const bytes = fetch(digest);
      if (bytes !== undefined) await writeFile(file, bytes, { flag: 'wx' });
      return bytes !== undefined;
    },
    hasBlob: async (_repository, digest) => blobs.has(digest),
    pushBlob: async (_repository, digest, bytes) => {
      calls.push(`push ${digest}`);
      blobs.set(digest, verified(bytes, digest, 'the push'));
    },
    uploadBlob: async (_repository, blob, file) => {
      calls.push(`push ${blob.digest}`);
      const pieces: Uint8Array[] = [];
      for await (const piece of verifiedFile(file, blob)) pieces.push(piece);
      blobs.set(blob.digest, Buffer.concat(pieces));
    },
    pushManifest: async (repository, digest, bytes, names) => {
      calls.push(`manifest ${names.join(' ')}`);
      blobs.set(digest, bytes);
      for (const name of names) tags.set(`${repository}:${name}`, digest);
    },
    listTags: async (repository) =>
      [...tags].flatMap(([key, digest]) => (key.startsWith(`${repository}:`) ? [{ tag: key.slice(repository.length + 1), digest }] : [])),
  };
}
