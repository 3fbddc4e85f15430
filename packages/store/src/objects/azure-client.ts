import type { ContainerClient } from '@azure/storage-blob';
import { ModelOpsError, messageOf, reveal, type Secret } from '@modelops/contracts';

export interface AzureStorage {
  readonly container?: string | undefined;
  readonly connection_string?: Secret | string | undefined;
  /** `https://<account>.blob.core.windows.net`, accessed with the identity of the machine or the user. */
  readonly account_url?: string | undefined;
}

/** The container's client; the SDK (186 ms) and for an account URL the identity library (310 ms) are loaded here. @throws CONFIG_INVALID */
export async function openAzureContainer({ container, connection_string, account_url }: AzureStorage): Promise<ContainerClient> {
  if (container === undefined) throw missing('container');
  if (connection_string === undefined && account_url === undefined) throw missing('connection_string or account_url');
  const { BlobServiceClient } = await import('@azure/storage-blob');
  const options = { retryOptions: { maxTries: 1 } }; // the wrapper around every store retries
  if (connection_string === undefined) {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new BlobServiceClient(account_url!, new DefaultAzureCredential(), options).getContainerClient(container);
  }
  try {
    return BlobServiceClient.fromConnectionString(reveal(connection_string), options).getContainerClient(container);
  } catch {
    // Without the cause, whose message may quote the account's key.
    throw new ModelOpsError('CONFIG_INVALID', 'storage.connection_string is not a connection string', {
      hint: 'DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net',
    });
  }
}

function missing(field: string): ModelOpsError {
  return new ModelOpsError('CONFIG_INVALID', `storage.${field} is missing`, {
    hint: 'add it to the environment file; mops env list prints its path',
  });
}

export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number } | null)?.statusCode;
}

/** The service's error code, such as `ContainerNotFound`, or the system's, such as `ECONNREFUSED`. */
export function reasonOf(error: unknown): string | undefined {
  const details = error as { code?: string; details?: { errorCode?: string } } | null;
  return details?.details?.errorCode ?? details?.code;
}

/** Errors of @azure/identity, which carry no status. */
const NO_IDENTITY = /^(CredentialUnavailableError|AggregateAuthenticationError|AuthenticationError|AuthenticationRequiredError)$/;
const BUSY = ['ContainerBeingDeleted', 'ContainerBeingDisabled'];

/** True for errors of the SDK, timeouts and sockets (`ECONNRESET`). Any other error without a status is a defect of ours and is not translated. */
function isFromOutside(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: unknown };
  return (
    name === 'RestError' || name === 'AbortError' || name === 'TimeoutError' || (typeof code === 'string' && /^E(?!RR_)[A-Z]/.test(code))
  );
}

/** Translates an error of the SDK. */
export function translateAzureError(error: unknown, container: string, key: string): unknown {
  if (error instanceof ModelOpsError) return error;
  const status = statusOf(error);
  const name = error instanceof Error ? error.name : '';
  const cause = withoutRequest(error);
  const what = `container ${container}, ${key}: ${`${reasonOf(error) ?? ''} ${messageOf(error).split('\n')[0]}`.trim()}`;
  if (status === 401 || status === 403 || NO_IDENTITY.test(name))
    return new ModelOpsError('UNAUTHORISED', `access to the storage account denied: ${what}`, {
      cause,
      hint: 'check the connection string, or the role of this identity (Storage Blob Data Contributor)',
    });
  if (status === undefined && !isFromOutside(error)) return error;
  if (status === undefined || status >= 500 || status === 408 || status === 429 || BUSY.includes(reasonOf(error) ?? ''))
    return new ModelOpsError('STORE_UNREACHABLE', `the storage account does not respond: ${what}`, { cause });
  return new ModelOpsError('STORE_UNWRITABLE', `the storage account refused the request: ${what}`, { cause });
}

/** The SDK's error without its request, whose headers and address contain signatures: a cause may be printed whole. */
function withoutRequest(error: unknown): Error {
  const { name, stack } = error as Error;
  return Object.assign(new Error(messageOf(error)), { name, stack, code: reasonOf(error) });
}
