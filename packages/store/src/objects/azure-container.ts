import type { ContainerClient } from '@azure/storage-blob';
import { ModelOpsError, reveal, type Secret } from '@modelops/contracts';

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
