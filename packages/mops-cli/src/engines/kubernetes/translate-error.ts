import { ModelOpsError } from '@modelops/contracts';

/** The user's name of a cluster and its address, for messages. */
export interface ClusterName {
  readonly context: string;
  readonly server: string;
}

/** An answer of the API that is not a success. @returns the error that a person can act on. */
export function refusalOf(status: number, body: string, what: string, { context, server }: ClusterName): ModelOpsError {
  const message = messageIn(body);
  if (status === 401) {
    return new ModelOpsError('UNAUTHORISED', `cluster ${context} does not accept the credentials of the kubeconfig: ${message}`, {
      hint: `kubectl --context ${context} auth whoami`,
    });
  }
  if (status === 403 && /\bcannot \w+ resource\b/.test(message)) {
    return new ModelOpsError('UNAUTHORISED', `not allowed to ${what} in cluster ${context}: ${message}`, {
      hint: `ask for this right, or choose another context; kubectl --context ${context} auth can-i --list`,
    });
  }
  if (isTransient(status)) {
    return new ModelOpsError('CLUSTER_UNREACHABLE', `cluster ${context} (${server}) cannot ${what} now: ${status} ${message}`, {
      hint: 'try again in a moment',
    });
  }
  const isNamespaceMissing = status === 404 && /namespaces? "[^"]*" not found/.test(message);
  return new ModelOpsError('CLUSTER_REFUSED', `cluster ${context} refuses to ${what}: ${message}`, {
    ...(isNamespaceMissing ? { hint: 'mops infra up --provider kubernetes makes the namespace' } : {}),
    details: { status },
  });
}

/** The network failed before there was an answer. */
export function unreachable(cause: unknown, { context, server }: ClusterName): ModelOpsError {
  const reason = cause instanceof Error ? (cause as NodeJS.ErrnoException).code || cause.message : String(cause);
  return new ModelOpsError('CLUSTER_UNREACHABLE', `cluster ${context} (${server}) cannot be reached: ${reason}`, {
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
    // Not the API's own answer (a proxy's page, say): show its first characters.
  }
  return body.slice(0, 200).trim() || 'no reason given';
}
