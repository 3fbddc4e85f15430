import { fileURLToPath } from 'node:url';

/** The program that describes models: beside the built file that asks, or in this package's dist when run from source. */
export function describeHostPath(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../dist/describe-host.js' : './describe-host.js', here));
}
