import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabAddress } from './lab.ts';
import { startRegistry } from './servers.ts';

const BUILD = fileURLToPath(new URL('../../../worker/image/build.sh', import.meta.url));
/** An image with Node 20 and a shell, as buildah names it. */
const BASE = process.env.MODELOPS_BASE_IMAGE ?? 'docker.io/library/node:24-slim';

export interface RunningLab extends LabAddress {
  /** A plain Node image. */
  readonly nodeImage: string;
  readonly workerImage: string;
  readonly buildSeconds: number;
  stop(): Promise<void>;
}

/** A registry that serves the cluster's nodes, with a plain Node image and the worker's image built of it. */
export async function startLab(address: LabAddress): Promise<RunningLab> {
  const registry = await startRegistry(address.registry);
  const storage = mkdtempSync(join(tmpdir(), 'modelops-images-'));
  const stop = async () => {
    await registry.stop();
    rmSync(storage, { recursive: true, force: true });
  };
  // Images of its own, which go with it.
  const env = { ...process.env, MODELOPS_TLS_VERIFY: 'false', MODELOPS_IMAGE_STORE: storage };
  const buildah = (...args: string[]) =>
    execFileSync('buildah', ['--storage-driver', 'vfs', '--root', join(storage, 'root'), '--runroot', join(storage, 'run'), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim();
  try {
    // Nodes keep what they pulled by its tag.
    const tag = Date.now().toString(36);
    const nodeImage = `${address.registry}/library/node:${tag}`;
    const workerImage = `${address.registry}/modelops/worker:${tag}`;
    const started = Date.now();
    const id = buildah('pull', '--quiet', BASE);
    buildah('push', '--quiet', '--tls-verify=false', id, `docker://${nodeImage}`);
    execFileSync(BUILD, ['--base', id, '--tag', 'localhost/modelops-worker:test', '--push', `docker://${workerImage}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    });
    return { ...address, nodeImage, workerImage, buildSeconds: (Date.now() - started) / 1000, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
