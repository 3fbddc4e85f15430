// The declarations of what the packages export. A library of this workspace that they mention is not installed beside them, so the
// declarations of those names are copied, and these alone.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const SPECIFIER = /(?<=\bfrom |\bimport\()(['"])([^'"]+)\1/g;

/** Compiles the declarations of the workspace once; gives what writes those that one entry needs, as `<outdir>/<package>/…`. */
export async function emitDeclarations(root) {
  const emitted = join(root, 'node_modules', `.declarations.${process.pid}`);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-p', join(root, 'tsconfig.declarations.json'), '--outDir', emitted]);
  return {
    write: (entry, outdir) => writeClosure(join(emitted, entry), emitted, outdir),
    remove: () => rmSync(emitted, { recursive: true, force: true }),
  };
}

function writeClosure(entry, emitted, outdir) {
  const placeOf = (file) => join(outdir, relative(emitted, file).replace('/src/', '/'));
  const seen = new Set([entry]);
  for (const file of seen) {
    const text = linesByName(readFileSync(file, 'utf8'), emitted).replace(SPECIFIER, (quoted, _, specifier) => {
      if (specifier.startsWith('@modelops/')) throw new Error(`${file} mentions ${specifier}, which is not installed where it is read`);
      if (!/^[./]/.test(specifier)) return quoted;
      const target = join(specifier.startsWith('/') ? '' : dirname(file), specifier.replace(/(\.d)?\.ts$/, '.d.ts'));
      seen.add(target);
      return `'${relativeModule(placeOf(file), placeOf(target))}'`;
    });
    mkdirSync(dirname(placeOf(file)), { recursive: true });
    writeFileSync(placeOf(file), text);
  }
}

function relativeModule(from, to) {
  const path = relative(dirname(from), to).replace(/\.d\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

/** Each name of a workspace package is taken from the file that declares it, as that package's index reaches all others. */
function linesByName(text, emitted) {
  return text.replace(/^(import|export)( type)? \{([^}]*)\} from '@modelops\/([a-z-]+)';$/gm, (_, verb, type = '', names, name) =>
    names
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map((item) => {
        const exported = item.replace(/^type /, '').split(' as ')[0];
        const file = declaringFile(exported, join(emitted, name, 'src/index.d.ts'));
        if (file === undefined) throw new Error(`@modelops/${name} exports no ${exported}`);
        return `${verb}${type} { ${item} } from '${file}';`;
      })
      .join('\n'),
  );
}

function declaringFile(name, file) {
  const text = readFileSync(file, 'utf8');
  if (new RegExp(`^export (declare )?(type|interface|const|function|class) ${name}\\b`, 'm').test(text)) return file;
  for (const [, names, specifier] of text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from '(\.[^']+)';$/gm)) {
    if (names !== '*' && !new RegExp(`\\b${name}\\b`).test(names)) continue;
    const found = declaringFile(name, join(dirname(file), specifier.replace(/\.ts$/, '.d.ts')));
    if (found !== undefined) return found;
  }
  return undefined;
}
