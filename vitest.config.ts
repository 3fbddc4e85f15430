import { defineConfig } from 'vitest/config';
import { projects } from './vitest.workspace.ts';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'], externalConditions: ['source'] } },
  test: { globalSetup: ['vitest.temporary-folder.ts'], projects, testTimeout: 60_000, hookTimeout: 60_000 },
});
