import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** The core of the tests, for further versions of Node: the unit suites without those of servers, killed processes, Python environments and other programs that read our files, the main job, the workflow, one chaos seed. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['packages/*/src/**/*.test.ts', 'packages/mops-cli/e2e/{main-job,manual-workflow,chaos}.test.ts'],
    exclude: [
      '**/node_modules/**',
      '**/*.{chaos,processes,outage}.test.ts',
      '**/azure-object-store.test.ts',
      '**/parquet/readers.test.ts',
      '**/export/read-exports.test.ts',
      '**/environment/{environment,wheels}.test.ts',
      '**/freeze-environment.test.ts',
      '**/{docker,acr}-provider.test.ts',
      '**/*.cluster.test.ts',
    ],
  },
});
