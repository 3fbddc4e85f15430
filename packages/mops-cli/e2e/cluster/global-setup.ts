import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { labAddress } from './lab.ts';
import { type Server, startRegistry } from './servers.ts';

const BUILD = fileURLToPath(new URL('../../../worker/image/build.sh', import.meta.url));
/** An image with Node 20 and a shell, as buildah names it. */
const BASE = process.env.MODELOPS_BASE_IMAGE ?? 'docker.io/library/node:20-slim';

let registry: Server | undefined;

/** A registry that serves the cluster's nodes, with a plain Node image and the worker's image built of it. */
export async function setup({ provide }: TestProject): Promise<void> {
  const address = labAddress(process.env);
  if ('reason' in address) {
    console.warn(`cluster tests are skipped: ${address.reason}`);
    provide('lab', null);
    return;
  }
  registry = await startRegistry(address.registry);
  // Nodes keep what they pulled by its tag.
  const tag = Date.now().toString(36);
  const nodeImage = `${address.registry}/library/node:${tag}`;
  const workerImage = `${address.registry}/modelops/worker:${tag}`;
  const id = buildah('pull', '--quiet', BASE);
  buildah('push', '--quiet', '--tls-verify=false', id, `docker://${nodeImage}`);
  const started = Date.now();
  execFileSync(BUILD, ['--base', id, '--tag', 'localhost/modelops-worker:test', '--push', `docker://${workerImage}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, MODELOPS_TLS_VERIFY: 'false' },
  });
  console.warn(`worker image built and pushed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  provide('lab', { ...address, nodeImage, workerImage });
}

export async function teardown(): Promise<void> {
  await registry?.stop();
}

function buildah(...args: string[]): string {
  return execFileSync('buildah', ['--storage-driver', 'vfs', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}
