// The servers of the cluster tests, for rows that run on the cluster that KUBECONFIG names.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './project.mjs';

const folder = join(root, 'packages/mops-cli/e2e/cluster');

/** Imports a module of the cluster tests. It is compiled first, because Node 20 does not run TypeScript. */
async function load(name) {
  const source = join(folder, `${name}.ts`);
  const outfile = join(root, 'node_modules/.cache/modelops-bench', `${name}.mjs`);
  mkdirSync(join(outfile, '..'), { recursive: true });
  const define = { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) };
  await build({ entryPoints: [source], outfile, bundle: true, packages: 'external', format: 'esm', platform: 'node', define });
  return import(outfile);
}

/** Starts a registry that contains the worker image, and Azurite; returns a `reason` if there is no cluster. */
export async function openLab() {
  const address = (await load('lab')).labAddress(process.env);
  if ('reason' in address) return address;
  const lab = await (await load('start-lab')).startLab(address);
  const azurite = await (await load('servers')).startAzurite(address.ip);
  const stop = async () => {
    await azurite.stop();
    await lab.stop();
  };
  return { ...lab, connectionString: azurite.connectionString, stop };
}
