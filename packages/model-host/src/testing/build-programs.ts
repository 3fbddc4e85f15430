import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const packages = new URL('../../../', import.meta.url);
const at = (path: string) => fileURLToPath(new URL(path, packages));

/** Builds the program that describes models from its current source. */
export async function buildPrograms(): Promise<void> {
  await buildProgram('model-host/src/describe/describe-host.ts', 'model-host/dist/describe-host.js');
}

async function buildProgram(source: string, target: string): Promise<void> {
  const temporary = at(`${target}.${randomUUID()}`);
  await build({
    entryPoints: [at(source)],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['modelops-source'],
    outfile: temporary,
    logLevel: 'silent',
  });
  renameSync(temporary, at(target));
}
