import type { ContainerClient } from '@azure/storage-blob';
import { ModelOpsError, messageOf } from '@modelops/contracts';
import { checkKey } from './key.ts';
import type { ObjectStore, PutCondition } from './object-store.ts';

export interface AzureStorage {
  readonly container?: string | undefined;
  readonly connection_string?: string | undefined;
  /** `https://<account>.blob.core.windows.net`, with the identity of the machine or the person. */
  readonly account_url?: string | undefined;
}

/** Largest put of one request; larger blobs are staged in blocks. */
const SINGLE_PUT = 32 * 2 ** 20;

/**
 * Objects as block blobs of one container, which is made on demand. Conditions are ETag conditions. The SDK (186 ms) is loaded at first use.
 * @throws CONFIG_INVALID when container or account are missing
 */
export function createAzureObjectStore(storage: AzureStorage): ObjectStore {
  let opened: Promise<ContainerClient> | undefined;
  const container = () => {
    opened ??= openContainer(storage);
    return opened;
  };
  const call = async <T>(key: string, action: (client: ContainerClient) => Promise<T>): Promise<T> => {
    checkKey(key);
    try {
      return await action(await container());
    } catch (error) {
      throw translateAzureError(error, storage.container ?? '', key);
    }
  };

  const put = async (
    client: ContainerClient,
    key: string,
    bytes: Uint8Array,
    condition: PutCondition | undefined,
  ): Promise<{ etag: string } | 'conflict'> => {
    const conditions = condition === undefined ? {} : 'ifAbsent' in condition ? { ifNoneMatch: '*' } : { ifMatch: condition.ifMatch };
    try {
      const blob = client.getBlockBlobClient(key);
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const { etag } =
        body.length <= SINGLE_PUT
          ? await blob.upload(body, body.length, { conditions })
          : await blob.uploadData(body, { conditions, maxSingleShotSize: SINGLE_PUT, blockSize: SINGLE_PUT });
      return { etag: etag! };
    } catch (error) {
      const status = statusOf(error);
      if (condition !== undefined && (status === 412 || (status === 409 && reasonOf(error) === 'BlobAlreadyExists'))) return 'conflict';
      throw error;
    }
  };

  return {
    get(key, range) {
      return call(key, async (client) => {
        if (range !== undefined && range.end <= range.start) {
          const head = await absentAs(() => client.getBlobClient(key).getProperties());
          return head === undefined || head === 'beyond' ? undefined : { bytes: new Uint8Array(), etag: head.etag! };
        }
        const answer = await absentAs(
          () => client.getBlobClient(key).download(range?.start ?? 0, range && range.end - range.start),
          range?.start,
        );
        if (answer === undefined) return undefined;
        if (answer === 'beyond') return { bytes: new Uint8Array(), etag: (await client.getBlobClient(key).getProperties()).etag! };
        const pieces: Buffer[] = [];
        for await (const piece of answer.readableStreamBody!) pieces.push(Buffer.from(piece));
        return { bytes: Buffer.concat(pieces), etag: answer.etag! };
      });
    },
    put(key, bytes, condition) {
      return call(key, async (client) => {
        try {
          return await put(client, key, bytes, condition);
        } catch (error) {
          if (reasonOf(error) !== 'ContainerNotFound') throw error;
          await client.createIfNotExists();
          return put(client, key, bytes, condition);
        }
      });
    },
    head(key) {
      return call(key, async (client) => {
        const head = await absentAs(() => client.getBlobClient(key).getProperties());
        return head && head !== 'beyond' ? { size: head.contentLength!, etag: head.etag! } : undefined;
      });
    },
    async *list(prefix, { startAfter = '' } = {}) {
      try {
        const client = await container();
        // The service starts a listing at a name only in its newest versions, and Azurite not at all: names before it are passed over here.
        for await (const { name, properties } of client.listBlobsFlat({ prefix })) {
          if (name > startAfter) yield { key: name, size: properties.contentLength ?? 0, etag: quoted(properties.etag) };
        }
      } catch (error) {
        if (reasonOf(error) === 'ContainerNotFound') return;
        throw translateAzureError(error, storage.container ?? '', prefix);
      }
    },
    delete(key) {
      return call(key, async (client) => {
        await absentAs(() => client.getBlobClient(key).delete());
      });
    },
  };
}

async function openContainer({ container, connection_string, account_url }: AzureStorage): Promise<ContainerClient> {
  const missing =
    container === undefined
      ? 'container'
      : connection_string === undefined && account_url === undefined
        ? 'connection_string or account_url'
        : undefined;
  if (missing !== undefined)
    throw new ModelOpsError('CONFIG_INVALID', `storage.${missing} is missing`, { hint: 'see docs/environments.md' });
  const { BlobServiceClient } = await import('@azure/storage-blob');
  const options = { retryOptions: { maxTries: 1 } }; // the wrapper around every store retries
  if (connection_string !== undefined) {
    try {
      return BlobServiceClient.fromConnectionString(connection_string, options).getContainerClient(container!);
    } catch {
      // Without the cause, whose message may quote the account's key.
      throw new ModelOpsError('CONFIG_INVALID', 'storage.connection_string is no connection string', { hint: 'see docs/environments.md' });
    }
  }
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new BlobServiceClient(account_url!, new DefaultAzureCredential(), options).getContainerClient(container!);
}

/** Undefined for what is not there, 'beyond' for a range after the end. */
async function absentAs<T>(action: () => Promise<T>, start = 0): Promise<T | undefined | 'beyond'> {
  try {
    return await action();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    if (statusOf(error) === 416 || (start === 0 && reasonOf(error) === 'InvalidRange')) return 'beyond';
    throw error;
  }
}

/** Listings give the etag bare, other answers in quotes. */
function quoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number } | null)?.statusCode;
}

function reasonOf(error: unknown): string | undefined {
  const details = error as { code?: string; details?: { errorCode?: string } } | null;
  return details?.details?.errorCode ?? details?.code;
}

function translateAzureError(error: unknown, container: string, key: string): unknown {
  if (error instanceof ModelOpsError) return error;
  const status = statusOf(error);
  const what = `container ${container}, ${key}`;
  const why = `${reasonOf(error) ?? ''} ${messageOf(error).split('\n')[0]}`.trim();
  if (status === 401 || status === 403)
    return new ModelOpsError('UNAUTHORISED', `the storage account refuses access: ${what}: ${why}`, {
      cause: error,
      hint: 'check the connection string or the role of this identity',
    });
  if (status === undefined || status >= 500 || status === 408 || status === 429)
    return new ModelOpsError('STORE_UNREACHABLE', `the storage account does not answer: ${what}: ${why}`, { cause: error });
  return new ModelOpsError('STORE_UNWRITABLE', `the storage account refuses: ${what}: ${why}`, { cause: error });
}
