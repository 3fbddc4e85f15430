import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { suites } from './vitest.workspace.ts';

/** Files that start many programs take minutes: they come first, so that at the end no core waits for one of them. */
const SLOW = /\/e2e\/|\.(chaos|processes|outage)\.test\.ts$|\/environment\/|\/readers\.test\.ts$/;

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => SLOW.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  resolve: { conditions: ['modelops-source'] },
  ssr: { resolve: { conditions: ['modelops-source'], externalConditions: ['modelops-source'] } },
  test: {
    ...suites.all,
    globalSetup: ['vitest.temporary-folder.ts'],
    // Files share the modules of their worker, which saves half of the unit suites' CPU time. The set-up file checks that each leaves its process as it was.
    isolate: false,
    setupFiles: ['vitest.shared-process.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // The default of one second is too short on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: SlowFirst },
    // Tests wait for processes and servers much of the time: one file more than cores.
    maxWorkers: availableParallelism() + 1,
  },
});
