import { defineConfig } from 'vitest/config';
import { projects } from './vitest.workspace.ts';

export default defineConfig({
  resolve: { conditions: ['modelops-source'] },
  ssr: { resolve: { conditions: ['modelops-source'], externalConditions: ['modelops-source'] } },
  test: { globalSetup: ['vitest.temporary-folder.ts'], projects, testTimeout: 60_000, hookTimeout: 60_000 },
});
