/**
 * The arguments of a command line: split at white space; single and double quotes keep characters together, a backslash keeps the next one. As a shell
 * splits, with no expansion of any kind. Placeholders stay whole. @throws SyntaxError for a quote that does not end
 */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [whole, placeholder, escaped, single, double, space] of line.matchAll(TOKEN)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (whole === '"' || whole === "'") throw new SyntaxError(`a quote ${whole} is not closed`);
    else word = (word ?? '') + (placeholder ?? escaped ?? single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? whole);
  }
  return word === undefined ? words : [...words, word];
}

const TOKEN = /(\{\{[^{}]*\}\})|\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"|(\s+)|[\s\S]/g;
