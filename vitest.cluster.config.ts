import { defineConfig } from 'vitest/config';
import { suites } from './vitest.workspace.ts';

/** Tests on the cluster that KUBECONFIG names; without one each is skipped, and the reason printed. */
export default defineConfig({
  resolve: { conditions: ['modelops-source'] },
  ssr: { resolve: { conditions: ['modelops-source'], externalConditions: ['modelops-source'] } },
  test: {
    ...suites.cluster,
    globalSetup: ['packages/mops-cli/e2e/cluster/global-setup.ts'],
    // One cluster, with few cores: what runs beside another measures the other.
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 600_000,
  },
});
