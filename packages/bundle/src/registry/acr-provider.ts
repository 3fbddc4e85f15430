import { type BundleEnvironment, ModelOpsError, messageOf, parseJson, Secret } from '@modelops/contracts';
import * as z from 'zod';
import type { BundleProvider } from './bundle-provider.ts';
import { createDockerProvider } from './docker-provider.ts';
import type { Credentials } from './registry-auth.ts';
import { createRegistryHttp, registryOrigin } from './registry-http.ts';
import { discardBody, readBody } from './response-body.ts';

/** The resource that an Entra token is for. */
const AUDIENCE = 'https://containerregistry.azure.net/.default';
const TIMEOUT_MS = 30_000;
const MAX_TOKEN_BYTES = 2 ** 16;
/** A refresh token of Azure Container Registry is valid for three hours. */
const KEEP_MS = 3_600_000;

const exchangedSchema = z.object({ refresh_token: z.string().min(1) });

/** Returns an Entra access token for the identity of the user or machine. */
export type EntraToken = () => Promise<string>;

export interface AcrOptions {
  /** `<name>.azurecr.io` */
  readonly host: string;
  readonly isInsecure: boolean;
  readonly entraToken: EntraToken;
  readonly now: () => number;
}

/** Azure Container Registry with the identity of the user or machine: `az login`, a managed or a workload identity. Opens no connection. */
export function openAcrProvider({ login_server, insecure }: BundleEnvironment['registry']): BundleProvider {
  return createAcrProvider({ host: login_server, isInsecure: insecure, entraToken: requestEntraToken, now: Date.now });
}

/**
 * The OCI Distribution protocol. The registry exchanges an Entra token for its own refresh token (`POST /oauth2/exchange`,
 * azure.github.io/acr/AAD-OAuth), which is then exchanged for an access token for each scope, like any identity token.
 */
export function createAcrProvider(options: AcrOptions): BundleProvider {
  const { host, isInsecure, now } = options;
  let held: { readonly at: number; readonly credentials: Promise<Credentials> } | undefined;
  const credentials = () => {
    if (held === undefined || now() - held.at > KEEP_MS) {
      const exchanged = exchange(options);
      held = { at: now(), credentials: exchanged };
      exchanged.catch(() => {
        held = undefined;
      });
    }
    return held.credentials;
  };
  return createDockerProvider(createRegistryHttp({ host, isInsecure, credentials }));
}

async function exchange({ host, isInsecure, entraToken }: AcrOptions): Promise<Credentials> {
  const url = new URL('/oauth2/exchange', registryOrigin(host, isInsecure));
  const form = { grant_type: 'access_token', service: host, access_token: await entraToken() };
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    redirect: 'manual', // a redirect would send the identity to another server
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    await discardBody(response);
    throw exchangeRefused(response.status, url, host);
  }
  const text = new TextDecoder().decode(await readBody(response, MAX_TOKEN_BYTES, url.href));
  const { refresh_token } = parseJson(text, exchangedSchema, { source: url.href, code: 'REGISTRY_REFUSED' });
  return { identityToken: new Secret(refresh_token) };
}

function exchangeRefused(status: number, url: URL, host: string): ModelOpsError {
  if (status === 429 || status >= 500)
    return new ModelOpsError('REGISTRY_UNREACHABLE', `${url} failed to issue a token: status ${status}`, {
      hint: 'try again later',
    });
  return new ModelOpsError('UNAUTHORISED', `${url} refused this identity: status ${status}`, {
    hint: `assign it the role AcrPull or AcrPush on ${host}, or use another identity: az login; registry.provider docker uses the credentials of az acr login`,
  });
}

/** From the environment, a workload or managed identity, or `az login`. The library (310 ms) is loaded here. */
async function requestEntraToken(): Promise<string> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  try {
    return (await new DefaultAzureCredential().getToken(AUDIENCE)).token;
  } catch (cause) {
    throw new ModelOpsError('UNAUTHORISED', `cannot get an Entra token: ${messageOf(cause).split('\n')[0]}`, { cause, hint: 'az login' });
  }
}
