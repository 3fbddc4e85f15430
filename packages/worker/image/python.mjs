import { cpSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../sdk-python/src/modelops', import.meta.url));

/** Copies the Python package `modelops` into a folder that programs give Python as a search path. */
export function copyPythonPackage(folder) {
  cpSync(source, `${folder}/modelops`, { recursive: true, filter: (path) => basename(path) !== '__pycache__' });
}
