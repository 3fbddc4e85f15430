import { existsSync } from 'node:fs';

/** Properties of this machine that the tests need. */
export interface LabAddress {
  /** An address of this machine that pods can reach. */
  readonly ip: string;
  /** Host and port of the registry that the nodes pull from over plain HTTP. */
  readonly registry: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Null without a cluster. */
    lab: {
      readonly ip: string;
      readonly registry: string;
      readonly nodeImage: string;
      readonly workerImage: string;
      readonly pythonImage: string | null;
    } | null;
  }
}

/** The address of the lab, or why there is none. */
export function labAddress(env: Readonly<Record<string, string | undefined>>): LabAddress | { readonly reason: string } {
  const { KUBECONFIG: config, KUBE_NODE_IP: ip } = env;
  if (config === undefined) return { reason: 'KUBECONFIG is not set' };
  if (!existsSync(config)) return { reason: `the file of KUBECONFIG, ${config}, does not exist` };
  if (ip === undefined) return { reason: 'KUBE_NODE_IP is not set to an address of this machine that pods can reach' };
  return { ip, registry: `${ip}:${env.KUBE_REGISTRY_PORT ?? '5000'}` };
}
