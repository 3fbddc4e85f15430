import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabAddress } from './lab.ts';
import { makePythonImage } from './python-image.ts';
import { startRegistry } from './servers.ts';

const BUILD = fileURLToPath(new URL('../../../worker/image/build.sh', import.meta.url));
/** An image with Node 20 and a shell, as buildah names it. */
const BASE = process.env.MODELOPS_BASE_IMAGE ?? 'docker.io/library/node:24-slim';

export interface RunningLab extends LabAddress {
  /** A plain Node image. */
  readonly nodeImage: string;
  readonly workerImage: string;
  /** The worker's image with this machine's Python; null if it has none. */
  readonly pythonImage: string | null;
  readonly buildSeconds: number;
  stop(): Promise<void>;
}

/** A registry for the cluster's nodes, with a plain Node image and the worker's image built on it. */
export async function startLab(address: LabAddress): Promise<RunningLab> {
  const registry = await startRegistry(address.registry);
  const storage = mkdtempSync(join(tmpdir(), 'modelops-images-'));
  const stop = async () => {
    await registry.stop();
    rmSync(storage, { recursive: true, force: true });
  };
  // A temporary image store, deleted with the lab.
  const env = { ...process.env, MODELOPS_TLS_VERIFY: 'false', MODELOPS_IMAGE_STORE: storage };
  const buildah = (...args: string[]) =>
    execFileSync('buildah', ['--storage-driver', 'vfs', '--root', join(storage, 'root'), '--runroot', join(storage, 'run'), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim();
  try {
    // A new tag, because nodes cache images by tag.
    const tag = Date.now().toString(36);
    const nodeImage = `${address.registry}/library/node:${tag}`;
    const workerImage = `${address.registry}/modelops/worker:${tag}`;
    const started = Date.now();
    const id = buildah('pull', '--quiet', BASE);
    buildah('push', '--quiet', '--tls-verify=false', id, `docker://${nodeImage}`);
    const build = (...options: string[]) =>
      execFileSync(BUILD, ['--base', id, ...options], { stdio: ['ignore', 'ignore', 'inherit'], env });
    build('--tag', 'localhost/modelops-worker:test', '--push', `docker://${workerImage}`);
    const python = makePythonImage(buildah, id, storage);
    const pythonImage = python === null ? null : `${address.registry}/modelops/worker-python:${tag}`;
    if (python !== null) build('--python', python, '--tag', 'localhost/modelops-worker-python:test', '--push', `docker://${pythonImage}`);
    return { ...address, nodeImage, workerImage, pythonImage, buildSeconds: (Date.now() - started) / 1000, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
