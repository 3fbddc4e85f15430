import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '@modelops/contracts';
import { makeFolder } from './sources.ts';

const SCRIPT = `import sys, zipfile
folder, name, version, tag, code = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{folder}/{name}-{version}-{tag}.whl", "w") as wheel:
    wheel.writestr(f"{name}.py", code)
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: {tag}\\n")
    wheel.writestr(f"{info}/RECORD", f"{name}.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
`;

export interface Wheel {
  readonly folder: string;
  readonly file: string;
  readonly sha256: string;
}

/** A wheel of one module, in a new folder. */
export function makeWheel(name: string, version: string, code: string, tag = 'py3-none-any'): Wheel {
  const folder = makeFolder();
  execFileSync('python3', ['-c', SCRIPT, folder, name, version, tag, code]);
  const file = `${name}-${version}-${tag}.whl`;
  return { folder, file, sha256: sha256Hex(readFileSync(join(folder, file))) };
}
