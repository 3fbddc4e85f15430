import { processIo, runProgram } from '@modelops/cli-kit';
import { keepCompiledCode } from '@modelops/system';
import type { ParameterTable } from './designs/parameter-table.ts';
import { cb } from './program.ts';

keepCompiledCode(process.env, process.cwd());

process.exitCode = await runProgram({
  ...cb,
  argv: process.argv.slice(2),
  io: processIo(),
  deps: async ({ cwd, reporter, signal }) => {
    const project = (await import('./project/project.ts')).openProject(cwd);
    const read = async (source: string) => {
      const { describeModel } = await import('@modelops/model-host/describe');
      return describeModel({ projectDir: project.root, source });
    };
    const allows = async (source: string, table: ParameterTable) => {
      const [{ checkConstraint }, { rowsIn }] = await Promise.all([
        import('@modelops/model-host/describe'),
        import('./designs/parameter-table.ts'),
      ]);
      return checkConstraint({ projectDir: project.root, source }, { names: table.names, rows: rowsIn(table) });
    };
    const losses = async (job: string) => (await import('./project/job-losses.ts')).readJobLosses(job, cwd);
    return { models: { read, allows }, losses, now: () => new Date(), project, reporter, signal };
  },
});
