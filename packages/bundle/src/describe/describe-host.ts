// A child process that loads one compiled program and says on descriptor 3 what the named export declares. What the program prints stays on
// its own stdout and stderr.   describe-host PROGRAM EXPORT
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , program, exportName] = process.argv as [string, string, string, string];

function answer(value: object): void {
  const bytes = Buffer.from(JSON.stringify(value));
  for (let at = 0; at < bytes.length; ) at += writeSync(3, bytes, at);
}

try {
  const module = (await import(pathToFileURL(program).href)) as Record<string, { kind?: unknown; describe?: () => object } | undefined>;
  const value = module[exportName];
  if (value === undefined) answer({ exported: Object.entries(module).map(([name, { kind } = {}]) => ({ name, kind: String(kind) })) });
  else if (typeof value?.describe !== 'function') answer({ kind: `a ${typeof value}` });
  else answer({ kind: value.kind, description: value.describe() });
} catch (error) {
  const { name, message, stack, code, hint } = error as Error & { code?: string; hint?: string };
  answer({ error: { name, message, stack, code, hint } });
}
process.exit(0);
