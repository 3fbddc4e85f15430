/**
 * Replaces what differs between runs (ids, digests, times, durations, hosts, folders) in the output of a command by names, numbered in the
 * order in which they first appear, so that equal values stay equal.
 */
export function normalise(text: string, folders: Readonly<Record<string, string>>): string {
  let clean = text;
  for (const [name, folder] of Object.entries(folders)) clean = clean.replaceAll(folder, `<${name}>`);
  return PATTERNS.reduce((shown, [name, pattern, isNumbered]) => {
    const names = new Map<string, string>();
    return shown.replace(pattern, (whole: string, group: string | number) => {
      // Without a group, the second argument is the position of the match.
      const found = typeof group === 'string' ? group : whole;
      const label = names.get(found) ?? (isNumbered ? `<${name} ${names.size + 1}>` : `<${name}>`);
      names.set(found, label);
      return whole.replace(found, label);
    });
  }, clean);
}

const PATTERNS: readonly (readonly [string, RegExp, boolean])[] = [
  ['machine', /"machine": "([^"]+)"/g, false],
  ['host', /"host": "([^"]+)"/g, false],
  ['time', /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?Z?/g, false],
  ['job', /job-[0-9a-z]{13}/g, true],
  ['path', /(?:sims|aggs)\/[0-9a-f]{12}\/[^\s"]+/g, true],
  ['cached program', /(?:file:\/\/)?<home>\/cache\/bundles\/[^\s:)]+/g, false],
  ['program', /(?:file:\/\/)?<root>\/[^\s:)]+/g, false],
  ['digest', /sha256:[0-9a-f]{64}/g, true],
  ['id', /\b[0-9a-f]{64}\b/g, true],
  ['short id', /\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, true],
  ['duration', /\b\d+(?:\.\d+)? (?:ms|s)\b/g, false],
  ['size', /\b\d+(?:\.\d+)? (?:B|KiB|MiB)(?= |$)/gm, false],
  ['number', /"(?:low|high|bytes)": (\d[\d.e-]*)/g, false],
  ['milliseconds', /"(?:duration_ms|model_ms)": (\d+(?:\.\d+)?)/g, false],
  // The frames below the model in a traceback.
  ['host frames', /(?:\\n {4}at (?:async )?(?:[\w.]+ \()?<program>[^\\"]*)+/g, false],
  ['line', /(?:<cached program>|<program>)(:\d+:\d+)/g, false],
];
