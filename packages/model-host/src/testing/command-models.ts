import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSourceName } from '@modelops/contracts';
import { type ChildHostOptions, createCommandHosts } from '../hosts/child-host.ts';
import type { LoadMessage } from '../hosts/messages.ts';
import type { HostStarter } from '../hosts/model-host.ts';
import { readProgram } from '../source/program.ts';
import { type Files, makeFiles } from './sources.ts';

/** A project with these files and a `modelops.yaml`, its model M in the form that hosts load, and hosts that run it. */
export async function commandModel(
  { yaml, files = {}, file = 'modelops.yaml' }: { readonly yaml: string; readonly files?: Files; readonly file?: string },
  options: Partial<ChildHostOptions> = {},
): Promise<{ readonly hosts: HostStarter; readonly load: LoadMessage; readonly dir: string }> {
  const dir = makeFiles({ ...files, [file]: yaml });
  const { code, source } = await readProgram({ projectDir: dir, source: `${file}:M` });
  const program = join(dir, 'model.json');
  writeFileSync(program, code!);
  const outputs = Object.keys((JSON.parse(Buffer.from(code!).toString()) as { outputs: object }).outputs);
  const hosts = createCommandHosts({ cwd: dir, timeoutMs: 60_000, onOutput: () => undefined, ...options });
  const { exportName } = parseSourceName(source);
  return { hosts, load: { program, exportName, scenario: 'baseline', config: null, outputs, targets: [] }, dir };
}
