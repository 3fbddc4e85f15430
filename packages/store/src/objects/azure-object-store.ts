import type { BlobClient, BlobDownloadResponseParsed, ContainerClient } from '@azure/storage-blob';
import { ModelOpsError } from '@modelops/contracts';
import { type AzureStorage, openAzureContainer, reasonOf, statusOf, translateAzureError } from './azure-client.ts';
import { checkKey } from './key.ts';
import type { ObjectInfo, ObjectStore, PutCondition } from './object-store.ts';

/** Largest put of one request; larger blobs are staged in blocks. */
const SINGLE_PUT = 32 * 2 ** 20;
/** Timeout of a request, in addition to the time of its bytes at 64 KiB/s. */
const TIMEOUT_MS = 30_000;
const SLOWEST_BYTES_PER_MS = 64;
/** A page of a listing: up to 5,000 names. */
const PAGE_BYTES = 8 * 2 ** 20;

export interface AzureOptions {
  /** Timeout of a request, in addition to the time of its bytes. Default: 30 s. */
  readonly timeoutMs?: number;
}

/**
 * Objects as block blobs of one container, which is created at the first write. Conditions are ETag conditions. Nothing is loaded or sent
 * before the first call. A mark is kept as the blob's metadata.
 */
export function createAzureObjectStore(storage: AzureStorage, { timeoutMs = TIMEOUT_MS }: AzureOptions = {}): ObjectStore {
  const limit = (bytes = 0) => AbortSignal.timeout(timeoutMs + Math.ceil(bytes / SLOWEST_BYTES_PER_MS));
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

  /** The timeout is first that of the response, then, once its size is known, that of the body. */
  const download = async (blob: BlobClient, start: number, count: number | undefined) => {
    const stop = new AbortController();
    const abort = () => stop.abort(new DOMException('the storage account stopped sending', 'TimeoutError'));
    let timer = setTimeout(abort, timeoutMs);
    try {
      const answer = await orAbsent(() => blob.download(start, count, { abortSignal: stop.signal }));
      if (answer === undefined || answer === 'beyond') return answer;
      clearTimeout(timer);
      timer = setTimeout(abort, timeoutMs + Math.ceil(answer.contentLength! / SLOWEST_BYTES_PER_MS));
      return { bytes: await bytesOf(answer), etag: answer.etag! };
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    get: (key, range) =>
      call(key, async (client) => {
        const blob = client.getBlobClient(key);
        const start = range?.start ?? 0;
        const count = range && range.end - start;
        if (count === undefined || count > 0) {
          const found = await download(blob, start, count);
          if (found !== 'beyond') return found;
        }
        const head = await orAbsent(() => blob.getProperties({ abortSignal: limit() }));
        return head && head !== 'beyond' ? { bytes: new Uint8Array(), etag: head.etag! } : undefined;
      }),
    put: (key, bytes, condition) =>
      call(key, async (client) => {
        try {
          return await upload(client, key, bytes, condition, limit(bytes.length));
        } catch (error) {
          if (reasonOf(error) !== 'ContainerNotFound') throw error;
          if (condition !== undefined && 'ifMatch' in condition) return 'conflict';
          await client.createIfNotExists({ abortSignal: limit() });
          return upload(client, key, bytes, condition, limit(bytes.length));
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
      // Only new versions of the service support `startFrom`: names before it are skipped here too.
      const options = { prefix, ...(startAfter > prefix ? { startFrom: startAfter } : {}) };
      try {
        const client = await open();
        let continuationToken: string | undefined;
        do {
          // A signal covers all pages of a listing, so each page is a listing of its own.
          const limited = { ...options, abortSignal: limit(PAGE_BYTES) };
          const listing = delimiter === undefined ? client.listBlobsFlat(limited) : client.listBlobsByHierarchy(delimiter, limited);
          const pages = listing.byPage(continuationToken === undefined ? {} : { continuationToken });
          const { value: page } = await pages.next();
          if (page === undefined) return;
          yield* infosOf(page.segment).filter(({ key }) => key > startAfter);
          continuationToken = page.continuationToken === '' ? undefined : page.continuationToken;
        } while (continuationToken !== undefined);
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
  abortSignal: AbortSignal,
): Promise<{ etag: string } | 'conflict'> {
  const blob = client.getBlockBlobClient(key);
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const options = {
    abortSignal,
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

/** If-match on a blob that does not exist is a conflict like any other; the service may answer 404. */
function isConflict(error: unknown, condition: PutCondition): boolean {
  const status = statusOf(error);
  if (status === 412) return true;
  return 'ifAbsent' in condition
    ? status === 409 && reasonOf(error) === 'BlobAlreadyExists'
    : status === 404 && reasonOf(error) === 'BlobNotFound';
}

/** Undefined if the blob does not exist, 'beyond' for a range after its end. */
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

/** A page in order of keys; the service lists folders separately. Listings contain etags without quotes, other responses with quotes. */
function infosOf({ blobItems, blobPrefixes = [] }: Listed): ObjectInfo[] {
  const folders = blobPrefixes.map(({ name }) => ({ key: name, size: 0, etag: '' }));
  const objects = blobItems.map(({ name, properties: { contentLength = 0, etag } }) => ({
    key: name,
    size: contentLength,
    etag: etag.startsWith('"') ? etag : `"${etag}"`,
  }));
  return folders.length === 0 ? objects : [...folders, ...objects].sort((a, b) => (a.key < b.key ? -1 : 1));
}
