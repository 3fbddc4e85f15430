import type { BlobDownloadResponseParsed, ContainerClient } from '@azure/storage-blob';
import { ModelOpsError } from '@modelops/contracts';
import { type AzureStorage, openAzureContainer } from './azure-container.ts';
import { reasonOf, statusOf, translateAzureError } from './azure-errors.ts';
import { checkKey } from './key.ts';
import type { ObjectInfo, ObjectStore, PutCondition } from './object-store.ts';

/** Largest put of one request; larger blobs are staged in blocks. */
const SINGLE_PUT = 32 * 2 ** 20;
/** A request that has not ended by then is given up; a slow line still moves 64 KiB/s. */
const TIMEOUT_MS = 30_000;
const SLOWEST_BYTES_PER_MS = 64;

/**
 * Objects as block blobs of one container, which is made at the first write. Conditions are ETag conditions. Nothing is loaded or sent
 * before the first call. A mark is kept as the blob's metadata.
 */
export function createAzureObjectStore(storage: AzureStorage): ObjectStore {
  const name = storage.container ?? '';
  let opened: Promise<ContainerClient> | undefined;
  const open = () => {
    opened ??= openAzureContainer(storage);
    return opened;
  };
  const call = async <T>(key: string, action: (client: ContainerClient) => Promise<T>): Promise<T> => {
    checkKey(key);
    try {
      return await action(await open());
    } catch (error) {
      throw translateAzureError(error, name, key);
    }
  };

  return {
    get: (key, range) =>
      call(key, async (client) => {
        const blob = client.getBlobClient(key);
        const start = range?.start ?? 0;
        const count = range && range.end - start;
        const answer =
          count === undefined || count > 0 ? await orAbsent(() => blob.download(start, count, { abortSignal: limit(count) })) : 'beyond';
        if (answer === undefined) return undefined;
        if (answer !== 'beyond') return { bytes: await bytesOf(answer), etag: answer.etag! };
        const head = await orAbsent(() => blob.getProperties({ abortSignal: limit() }));
        return head && head !== 'beyond' ? { bytes: new Uint8Array(), etag: head.etag! } : undefined;
      }),
    put: (key, bytes, condition) =>
      call(key, async (client) => {
        try {
          return await upload(client, key, bytes, condition);
        } catch (error) {
          if (reasonOf(error) !== 'ContainerNotFound') throw error;
          if (condition !== undefined && 'ifMatch' in condition) return 'conflict';
          await client.createIfNotExists({ abortSignal: limit() });
          return upload(client, key, bytes, condition);
        }
      }),
    head: (key) =>
      call(key, async (client) => {
        const head = await orAbsent(() => client.getBlobClient(key).getProperties({ abortSignal: limit() }));
        if (head === undefined || head === 'beyond') return undefined;
        const mark = head.metadata?.mark;
        return { size: head.contentLength!, etag: head.etag!, ...(mark === undefined ? {} : { mark }) };
      }),
    async *list(prefix, { startAfter = '', delimiter } = {}) {
      // The service begins a listing at a name in its newest versions only: names before it are passed over here too.
      const options = { prefix, ...(startAfter > prefix ? { startFrom: startAfter } : {}) };
      try {
        const client = await open();
        const listing = delimiter === undefined ? client.listBlobsFlat(options) : client.listBlobsByHierarchy(delimiter, options);
        for await (const { segment } of listing.byPage()) yield* infosOf(segment).filter(({ key }) => key > startAfter);
      } catch (error) {
        if (reasonOf(error) === 'ContainerNotFound') return;
        throw translateAzureError(error, name, prefix);
      }
    },
    delete: (key) =>
      call(key, async (client) => {
        await orAbsent(() => client.getBlobClient(key).delete({ abortSignal: limit() }));
      }),
  };
}

async function upload(
  client: ContainerClient,
  key: string,
  bytes: Uint8Array,
  condition: PutCondition | undefined,
): Promise<{ etag: string } | 'conflict'> {
  const blob = client.getBlockBlobClient(key);
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const options = {
    abortSignal: limit(body.length),
    conditions: condition === undefined ? {} : 'ifAbsent' in condition ? { ifNoneMatch: '*' } : { ifMatch: condition.ifMatch },
    ...(condition?.mark === undefined ? {} : { metadata: { mark: condition.mark } }),
  };
  try {
    const { etag } =
      body.length <= SINGLE_PUT
        ? await blob.upload(body, body.length, options)
        : await blob.uploadData(body, { ...options, maxSingleShotSize: SINGLE_PUT, blockSize: SINGLE_PUT });
    return { etag: etag! };
  } catch (error) {
    if (condition !== undefined && isConflict(error, condition)) return 'conflict';
    throw error;
  }
}

/** If-match on a blob that is not there is a conflict like any other; the service may say 404 for it. */
function isConflict(error: unknown, condition: PutCondition): boolean {
  const status = statusOf(error);
  if (status === 412) return true;
  return 'ifAbsent' in condition
    ? status === 409 && reasonOf(error) === 'BlobAlreadyExists'
    : status === 404 && reasonOf(error) === 'BlobNotFound';
}

/** Undefined for what is not there, 'beyond' for a range after the end. */
async function orAbsent<T>(action: () => Promise<T>): Promise<T | undefined | 'beyond'> {
  try {
    return await action();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    if (statusOf(error) === 416) return 'beyond';
    throw error;
  }
}

async function bytesOf(answer: BlobDownloadResponseParsed): Promise<Uint8Array> {
  const bytes = new Uint8Array(answer.contentLength!);
  let at = 0;
  for await (const piece of answer.readableStreamBody!) {
    bytes.set(piece as Buffer, at);
    at += piece.length;
  }
  if (at !== bytes.length) throw new ModelOpsError('STORE_UNREACHABLE', `the storage account sent ${at} of ${bytes.length} bytes`);
  return bytes;
}

interface Listed {
  readonly blobItems: readonly { readonly name: string; readonly properties: { readonly contentLength?: number; readonly etag: string } }[];
  readonly blobPrefixes?: readonly { readonly name: string }[];
}

/** A page in order of keys; the service gives its folders apart. Listings give the etag bare, other answers in quotes. */
function infosOf({ blobItems, blobPrefixes = [] }: Listed): ObjectInfo[] {
  const folders = blobPrefixes.map(({ name }) => ({ key: name, size: 0, etag: '' }));
  const objects = blobItems.map(({ name, properties: { contentLength = 0, etag } }) => ({
    key: name,
    size: contentLength,
    etag: etag.startsWith('"') ? etag : `"${etag}"`,
  }));
  return folders.length === 0 ? objects : [...folders, ...objects].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function limit(bytes = 64 * 2 ** 20): AbortSignal {
  return AbortSignal.timeout(TIMEOUT_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS));
}
