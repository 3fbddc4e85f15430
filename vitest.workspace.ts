/** The test projects: one a package, plus the repository's own rules. Read by `vitest.config.ts`. */
const packages = ['contracts', 'system', 'store', 'sdk', 'model-host', 'bundle', 'worker', 'cli-kit', 'report', 'cb-cli', 'mops-cli'];

export const projects = [
  ...packages.map((name) => ({
    extends: true as const,
    test: {
      name,
      include: [`packages/${name}/src/**/*.test.ts`, `packages/${name}/e2e/**/*.test.ts`],
      exclude: ['**/*.cluster.test.ts', '**/node_modules/**'],
    },
  })),
  { extends: true as const, test: { name: 'repository', include: ['tests/**/*.test.ts'] } },
];
