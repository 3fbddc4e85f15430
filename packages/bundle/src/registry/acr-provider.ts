import { type BundleEnvironment, ModelOpsError, messageOf, parseJson } from '@modelops/contracts';
import * as z from 'zod';
import type { BundleProvider } from './bundle-provider.ts';
import { createDockerProvider } from './docker-provider.ts';
import type { Credentials } from './registry-auth.ts';
import { createRegistryHttp, isPlainHost } from './registry-http.ts';

/** The resource that a token of Entra is asked for. */
const AUDIENCE = 'https://containerregistry.azure.net/.default';
const PATIENCE_MS = 30_000;
/** A refresh token of Azure Container Registry lives three hours. */
const KEEP_MS = 3_600_000;

const exchangedSchema = z.object({ refresh_token: z.string().min(1) });

/** The identity of the person or machine as Entra vouches for it. */
export type EntraToken = () => Promise<string>;

export interface AcrOptions {
  /** `<name>.azurecr.io` */
  readonly host: string;
  readonly isInsecure: boolean;
  readonly entraToken: EntraToken;
  readonly now: () => number;
}

/** Azure Container Registry with the identity of whoever runs this: `az login`, a managed or a workload identity. Opens nothing yet. */
export function openAcrProvider({ login_server, insecure }: BundleEnvironment['registry']): BundleProvider {
  return createAcrProvider({ host: login_server, isInsecure: insecure, entraToken: askEntra, now: Date.now });
}

/**
 * The OCI Distribution protocol, signed in by the registry's exchange of an Entra token for a refresh token of its own
 * (`POST /oauth2/exchange`, azure.github.io/acr/AAD-OAuth), which is exchanged for an access token a scope like any identity token.
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
  const url = `${isInsecure || isPlainHost(host) ? 'http' : 'https'}://${host}/oauth2/exchange`;
  const form = { grant_type: 'access_token', service: host, access_token: await entraToken() };
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await answer.text();
  if (answer.status === 429 || answer.status >= 500)
    throw new ModelOpsError('REGISTRY_UNREACHABLE', `${url} gives no token now: status ${answer.status}`, {
      hint: 'try again in a moment',
    });
  if (!answer.ok)
    throw new ModelOpsError('UNAUTHORISED', `${url} takes no token of this identity: status ${answer.status}`, {
      hint: `give it the role AcrPull or AcrPush on ${host}, or az login as another; registry.provider docker uses az acr login's credentials`,
    });
  const { refresh_token } = parseJson(text, exchangedSchema, { source: url, code: 'REGISTRY_REFUSED' });
  return { identityToken: refresh_token };
}

/** From the environment, a workload or managed identity, or `az login`. The library (310 ms) is loaded here. */
async function askEntra(): Promise<string> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  try {
    return (await new DefaultAzureCredential().getToken(AUDIENCE)).token;
  } catch (cause) {
    throw new ModelOpsError('UNAUTHORISED', `Entra gives no token: ${messageOf(cause).split('\n')[0]}`, { cause, hint: 'az login' });
  }
}
