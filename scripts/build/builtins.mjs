import { isBuiltin } from 'node:module';
import { parseAst } from 'rollup/parseAst';

/**
 * The text of a built ES module that takes Node's own modules from the process instead of importing them. To import one, Node reads all that it exports;
 * of node:fs that includes classes for which it loads all of node:stream, 5 ms in each process.
 */
export function builtinsFromProcess(text) {
  const imports = parseAst(text).body.filter(({ type, source }) => type === 'ImportDeclaration' && isBuiltin(source.value));
  const shebang = /^(#!.*\n)?/.exec(text)[0];
  const parts = [shebang, ...imports.flatMap(declarations)];
  let end = shebang.length;
  for (const declaration of imports) {
    parts.push(text.slice(end, declaration.start));
    end = declaration.end;
  }
  return [...parts, text.slice(end)].join('');
}

function declarations({ specifiers, source }) {
  const whole = specifiers.filter(({ type }) => type !== 'ImportSpecifier').map(({ local }) => local.name);
  const named = specifiers
    .filter(({ type }) => type === 'ImportSpecifier')
    .map(({ imported, local }) => (imported.name === local.name ? local.name : `${imported.name}: ${local.name}`));
  const names = named.length > 0 ? [...whole, `{ ${named.join(', ')} }`] : whole;
  return names.map((name) => `const ${name} = process.getBuiltinModule(${JSON.stringify(source.value)});\n`);
}
