import type { TestProject } from 'vitest/node';
import { labAddress } from './lab.ts';
import { type RunningLab, startLab } from './start-lab.ts';

let lab: RunningLab | undefined;

/** Starts the lab for cluster tests, or prints why they are skipped. */
export async function setup({ provide }: TestProject): Promise<void> {
  const address = labAddress(process.env);
  if ('reason' in address) {
    console.warn(`cluster tests are skipped: ${address.reason}`);
    provide('lab', null);
    return;
  }
  lab = await startLab(address);
  console.warn(`worker image built and pushed in ${lab.buildSeconds.toFixed(1)} s`);
  const { ip, registry, nodeImage, workerImage, pythonImage } = lab;
  provide('lab', { ip, registry, nodeImage, workerImage, pythonImage });
}

export async function teardown(): Promise<void> {
  await lab?.stop();
}
