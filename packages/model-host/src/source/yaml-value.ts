import { ModelOpsError, type ParseContext } from '@modelops/contracts';

/** YAML text as a value. @throws the context's code, with line and column if the text is not YAML */
export async function yamlValue(text: string, { source, code }: Pick<ParseContext, 'source' | 'code'>): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text);
  } catch (cause) {
    const [at] = (cause as { linePos?: readonly { readonly line: number; readonly col: number }[] }).linePos ?? [];
    throw new ModelOpsError(code, `${source} is not valid YAML${at === undefined ? '' : ` at line ${at.line}, column ${at.col}`}`, {
      // The parser quotes the line, which may contain a secret in an environment file.
      ...(code === 'CONFIG_INVALID' ? {} : { cause }),
      hint: 'check the indentation, the brackets, and quote texts that contain : or #',
    });
  }
}
