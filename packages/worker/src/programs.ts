import { fileURLToPath } from 'node:url';

/** The file of a program that another program starts: beside the caller's built file, or in this package's dist if run from source. */
export function programPath(name: 'mops-worker' | 'task-ids-thread'): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? `../dist/${name}.js` : `./${name}.js`, here));
}
