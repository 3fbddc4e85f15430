import { ModelOpsError, messageOf } from '@modelops/contracts';
import { createApiCluster } from './api-cluster.ts';
import type { Cluster } from './cluster.ts';
import { createKubeHttp } from './kube-http.ts';

/** The name that the library gives the default cluster when it finds no configuration. */
const NO_CONFIG = 'loaded-context';

/**
 * The cluster of a context of the user's kubeconfig (`KUBECONFIG`, `~/.kube/config`, or the pod's own account); of the current one when
 * none is named. Sends no request.
 * @throws CONFIG_INVALID when there is no kubeconfig, or no such context in it.
 */
export async function openCluster({ context }: { readonly context?: string | undefined } = {}): Promise<Cluster> {
  // 0.6 s to import: only commands that use a cluster load it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (cause) {
    throw new ModelOpsError('CONFIG_INVALID', `cannot read the kubeconfig: ${messageOf(cause)}`, { cause, hint: 'kubectl config view' });
  }
  if (config.getCurrentContext() === NO_CONFIG)
    throw new ModelOpsError('CONFIG_INVALID', 'kubeconfig not found', { hint: 'set KUBECONFIG or create ~/.kube/config' });
  const known = config.getContexts().map(({ name }) => name);
  if (context !== undefined && !known.includes(context)) {
    throw new ModelOpsError('CONFIG_INVALID', `the kubeconfig has no context ${context}`, {
      hint: known.length === 0 ? 'set KUBECONFIG' : `use one of ${known.join(', ')}`,
    });
  }
  if (context !== undefined) config.setCurrentContext(context);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new ModelOpsError('CONFIG_INVALID', 'the current context of the kubeconfig has no cluster', {
      hint: 'set KUBECONFIG, or choose a context: kubectl config get-contexts',
    });
  }
  const name = { context: config.getCurrentContext(), server };
  return createApiCluster(createKubeHttp(config, name), name);
}
