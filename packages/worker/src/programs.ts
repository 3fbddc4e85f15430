import { fileURLToPath } from 'node:url';

/** Where a program that another starts stands: beside the built file that asks, or in this package's dist when run from source. */
export function programPath(name: 'mops-worker' | 'expected-ids-thread'): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? `../dist/${name}.js` : `./${name}.js`, here));
}
