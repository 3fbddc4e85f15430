import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Laptop, programFile } from '../laptop.ts';

/** The environment of a shell that finds the built programs by their names. */
export function onPath({ home, env }: Laptop): NodeJS.ProcessEnv {
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of ['cb', 'mops', 'modelops-bundle'] as const) {
    const file = join(bin, program);
    writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${programFile(program)}' "$@"\n`);
    chmodSync(file, 0o755);
  }
  return { ...env, PATH: `${bin}${delimiter}${env.PATH}` };
}
