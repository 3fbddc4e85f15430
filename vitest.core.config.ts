import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';
import { suites } from './vitest.workspace.ts';

/** The core of the tests, for further versions of Node. */
export default defineConfig({ ...base, test: { ...base.test, ...suites.core } });
