/**
 * Splits a command line into arguments as a shell does: at white space, with single and double quotes and backslash escapes, without any
 * expansion. Placeholders are not split. @throws SyntaxError for an unclosed quote
 */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [whole, placeholder, escaped, single, double, space] of line.matchAll(TOKEN)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (whole === '"' || whole === "'") throw new SyntaxError(`unclosed quote ${whole}`);
    else word = (word ?? '') + (placeholder ?? escaped ?? single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? whole);
  }
  return word === undefined ? words : [...words, word];
}

const TOKEN = /(\{\{[^{}]*\}\})|\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"|(\s+)|[\s\S]/g;
