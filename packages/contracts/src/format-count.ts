/** `1,234,567`; with a noun, `1 task`, `2 tasks`. Without `Intl`, whose first use costs a program 20 ms. */
export function formatCount(n: number, noun?: string): string {
  const digits = String(n).replace(/\B(?=(\d{3})+$)/g, ',');
  return noun === undefined ? digits : `${digits} ${noun}${n === 1 ? '' : 's'}`;
}

/** `a, b and 3 more`: at most `max` of the names. */
export function formatNames(names: readonly string[], max: number): string {
  const more = names.length > max ? ` and ${names.length - max} more` : '';
  return `${names.slice(0, max).join(', ')}${more}`;
}
