import { type Cluster, type ListOptions, type ObjectRef, type PodLogOptions, refOf } from './cluster.ts';
import type { KubeHttp, KubeRequest } from './kube-http.ts';
import type { KubeObject } from './objects.ts';
import { type ClusterName, refusalOf } from './translate-error.ts';

const FIELD_MANAGER = 'mops';
/** Maximum number of objects in one page of a listing. */
const PAGE = '500';

interface Page<T> {
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly Omit<T, 'apiVersion' | 'kind'>[];
}

/** A {@link Cluster} over the Kubernetes API. */
export function createApiCluster(http: KubeHttp, name: ClusterName): Cluster {
  /** The response body, or undefined for the `expected` status. */
  async function call(request: KubeRequest, what: string, expected?: number): Promise<string | undefined> {
    const { status, body } = await http.request(request);
    if (status < 300) return body;
    if (status === expected) return undefined;
    throw refusalOf(status, body, what, name);
  }

  async function read<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    const body = await call({ method: 'GET', path: objectPath(ref) }, `read ${nameOf(ref)}`, 404);
    return body === undefined ? undefined : (JSON.parse(body) as T);
  }

  async function list<T extends KubeObject>(type: Pick<ObjectRef, 'apiVersion' | 'kind'>, options: ListOptions): Promise<readonly T[]> {
    const items: T[] = [];
    for (let next = ''; ; ) {
      const query = { limit: PAGE, ...selectorsOf(options), ...(next === '' ? {} : { continue: next }) };
      const path = collectionPath({ ...type, namespace: options.namespace });
      const page = JSON.parse((await call({ method: 'GET', path, query }, `list ${type.kind}s in ${options.namespace}`))!) as Page<T>;
      items.push(...page.items.map((item) => ({ ...type, ...item }) as T));
      next = page.metadata?.continue ?? '';
      if (next === '') return items;
    }
  }

  async function create(object: KubeObject): Promise<'created' | 'exists'> {
    const ref = refOf(object);
    const request: KubeRequest = { method: 'POST', path: collectionPath(ref), query: { fieldManager: FIELD_MANAGER }, body: object };
    return (await call(request, `create ${nameOf(ref)}`, 409)) === undefined ? 'exists' : 'created';
  }

  async function apply(object: KubeObject, { isDryRun = false } = {}): Promise<KubeObject> {
    const ref = refOf(object);
    const query = { fieldManager: FIELD_MANAGER, force: 'true', ...(isDryRun ? { dryRun: 'All' } : {}) };
    const request: KubeRequest = {
      method: 'PATCH',
      path: objectPath(ref),
      query,
      body: object,
      contentType: 'application/apply-patch+yaml',
    };
    return JSON.parse((await call(request, `apply ${nameOf(ref)}`))!) as KubeObject;
  }

  async function merge(ref: ObjectRef, changes: object): Promise<KubeObject | undefined> {
    const request: KubeRequest = {
      method: 'PATCH',
      path: objectPath(ref),
      query: { fieldManager: FIELD_MANAGER },
      body: changes,
      contentType: 'application/merge-patch+json',
    };
    const body = await call(request, `change ${nameOf(ref)}`, 404);
    return body === undefined ? undefined : (JSON.parse(body) as KubeObject);
  }

  async function remove(ref: ObjectRef): Promise<void> {
    await call({ method: 'DELETE', path: objectPath(ref), query: { propagationPolicy: 'Foreground' } }, `delete ${nameOf(ref)}`, 404);
  }

  async function* readLog({ namespace, pod, container, tail }: PodLogOptions): AsyncGenerator<string> {
    const path = `${objectPath({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod })}/log`;
    const { status, body } = await http.stream({
      method: 'GET',
      path,
      query: { container, ...(tail === undefined ? {} : { tailLines: String(tail) }) },
    });
    if (status < 300) {
      yield* linesOf(body);
      return;
    }
    let text = '';
    for await (const piece of body) text += piece;
    // 400: the container has not started, or its log is gone with it.
    if (status !== 404 && status !== 400) throw refusalOf(status, text, `read the log of pod ${pod}`, name);
  }

  return { server: name.server, read, list, create, apply, merge, remove, readLog };
}

/** Maximum length of a line in memory; a longer one is split. */
const LINE_CHARACTERS = 64 * 1024;

/** Lines without line ends, as they arrive. */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const piece of pieces) {
    const lines = (held + piece).split(/\r?\n/);
    held = lines.at(-1)!.length >= LINE_CHARACTERS ? '' : lines.pop()!;
    yield* lines;
  }
  if (held !== '') yield held;
}

function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function selectorsOf({ labels = {}, fields = {} }: ListOptions): Record<string, string> {
  const text = (selectors: Readonly<Record<string, string>>) =>
    Object.entries(selectors)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
  return {
    ...(Object.keys(labels).length === 0 ? {} : { labelSelector: text(labels) }),
    ...(Object.keys(fields).length === 0 ? {} : { fieldSelector: text(fields) }),
  };
}

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  Secret: 'secrets',
  NetworkPolicy: 'networkpolicies',
  Job: 'jobs',
  Pod: 'pods',
  Event: 'events',
};

/** Path of a collection in the API: `/apis/batch/v1/namespaces/team/jobs`. */
function collectionPath({ apiVersion, kind, namespace }: Omit<ObjectRef, 'name'>): string {
  const plural = PLURALS[kind];
  if (plural === undefined) throw new Error(`unknown kind ${kind}: add its plural`);
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${base}/${plural}` : `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

function objectPath(ref: ObjectRef): string {
  return `${collectionPath(ref)}/${encodeURIComponent(ref.name)}`;
}
