/** Which test files of the workspace each configuration runs: all but the cluster's, the core for further versions of Node, those on a cluster. */
export const suites = {
  all: {
    include: ['packages/*/{src,e2e}/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/*.cluster.test.ts', '**/node_modules/**'],
  },
  /** The unit suites without those of servers, killed processes, Python environments and other programs that read our files; the main job, the workflow, one chaos seed. */
  core: {
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
  cluster: { include: ['packages/*/e2e/**/*.cluster.test.ts'] },
};
