import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { projects } from './vitest.workspace.ts';

export default defineConfig({
  resolve: { conditions: ['modelops-source'] },
  ssr: { resolve: { conditions: ['modelops-source'], externalConditions: ['modelops-source'] } },
  test: {
    globalSetup: ['vitest.temporary-folder.ts'],
    projects,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // The default of one second is too short on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    // Tests wait for processes and servers much of the time: one file for each core, and never one alone.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});
