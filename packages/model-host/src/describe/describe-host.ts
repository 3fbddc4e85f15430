// A child process that loads one compiled program and says on descriptor 3 what the named export declares. What the program prints stays on
// its own stdout and stderr.   describe-host PROGRAM EXPORT
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , program, exportName] = process.argv as [string, string, string, string];

function answer(value: object): void {
  const bytes = Buffer.from(JSON.stringify(value));
  for (let at = 0; at < bytes.length; ) at += writeSync(3, bytes, at);
}

interface Described {
  readonly kind?: unknown;
  readonly describe?: () => object;
}

try {
  const module = (await import(pathToFileURL(program).href)) as Record<string, Described | null | undefined>;
  const value = module[exportName];
  if (!(exportName in module)) answer({ exported: Object.entries(module).map(([name, one]) => ({ name, kind: String(one?.kind) })) });
  else if (typeof value?.describe !== 'function') answer({ kind: value === null ? 'null' : `a ${typeof value}` });
  else answer({ kind: String(value.kind), description: value.describe() });
} catch (error) {
  const { name, message, stack, hint, problems } = (error instanceof Error ? error : new Error(String(error))) as Error & {
    hint?: string;
    problems?: unknown;
  };
  answer({ error: { name, message, stack, hint, problems } });
}
process.exit(0);
