/** The known name closest to `name` by edit distance; undefined if none is close enough to be a typing error. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(Math.max(2, Math.floor(name.length / 3)), name.length - 1) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/**
 * The known source name closest to `name`: the one that ends in `:NAME`, or else the nearest, compared without folders, because a long common path would
 * make any two similar. Undefined if none is close.
 */
export function nearestSource(name: string, known: readonly string[]): string | undefined {
  const withoutFolder = (source: string) => source.slice(source.lastIndexOf('/') + 1);
  const near = nearestName(withoutFolder(name), known.map(withoutFolder));
  return known.find((source) => source.endsWith(`:${name}`)) ?? known.find((source) => withoutFolder(source) === near);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
