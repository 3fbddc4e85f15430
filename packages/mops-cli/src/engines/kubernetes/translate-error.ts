import { ModelOpsError } from '@modelops/contracts';

/** The user's name of a cluster and its address, for messages. */
export interface ClusterName {
  readonly context: string;
  readonly server: string;
}

/** The error for a response of the API that is not a success. `what`: the action, as `read Job team/job-1`. */
export function refusalOf(status: number, body: string, what: string, { context, server }: ClusterName): ModelOpsError {
  const message = messageIn(body);
  if (status === 401) {
    return new ModelOpsError('UNAUTHORISED', `cluster ${context} rejected the credentials of the kubeconfig: ${message}`, {
      hint: `kubectl --context ${context} auth whoami`,
    });
  }
  if (status === 403 && /\bcannot \w+ resource\b/.test(message)) {
    return new ModelOpsError('UNAUTHORISED', `not allowed to ${what} in cluster ${context}: ${message}`, {
      hint: `request this permission or use another context; kubectl --context ${context} auth can-i --list shows your permissions`,
    });
  }
  if (isTransient(status)) {
    return new ModelOpsError('CLUSTER_UNREACHABLE', `cluster ${context} (${server}) failed to ${what}: ${status} ${message}`, {
      hint: 'try again later',
    });
  }
  const isNamespaceMissing = status === 404 && /namespaces? "[^"]*" not found/.test(message);
  return new ModelOpsError('CLUSTER_REFUSED', `cluster ${context} refused to ${what}: ${message}`, {
    ...(isNamespaceMissing ? { hint: 'create the namespace: mops infra up --provider kubernetes' } : {}),
    details: { status },
  });
}

/** The error for a request without a response. */
export function unreachable(cause: unknown, { context, server }: ClusterName): ModelOpsError {
  const reason = cause instanceof Error ? (cause as NodeJS.ErrnoException).code || cause.message : String(cause);
  return new ModelOpsError('CLUSTER_UNREACHABLE', `cannot reach cluster ${context} (${server}): ${reason}`, {
    cause,
    hint: `kubectl --context ${context} cluster-info`,
  });
}

/** Too many requests, or a server that is starting, stopping or overloaded. */
export function isTransient(status: number): boolean {
  return status === 429 || status >= 500;
}

function messageIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not from the API itself, as a proxy's page: show its first characters.
  }
  return body.slice(0, 200).trim() || 'no reason reported';
}
