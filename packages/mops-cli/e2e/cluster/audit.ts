import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

interface AuditLine {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly requestReceivedTimestamp: string;
}

/** The API server's audit log: `KUBE_AUDIT_LOG`, or `log/audit.json` next to the kubeconfig; undefined if neither exists. */
export function auditLog(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const file = env.KUBE_AUDIT_LOG ?? join(dirname(env.KUBECONFIG ?? '/'), 'log/audit.json');
  return existsSync(file) ? file : undefined;
}

/** Writes of mops to the API since a time: `create /apis/batch/v1/…`. */
export async function writesSince(file: string, since: Date): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.includes('"userAgent":"mops"'));
  return lines
    .map((line) => JSON.parse(line) as AuditLine)
    .filter(({ verb, requestReceivedTimestamp }) => !['get', 'list', 'watch'].includes(verb) && new Date(requestReceivedTimestamp) >= since)
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}
