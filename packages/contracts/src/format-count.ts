/** `1,234,567`; with a noun, `1 task`, `2 tasks`. Without `Intl`, whose first use costs a program 20 ms. */
export function formatCount(n: number, noun?: string): string {
  const digits = String(n).replace(/\B(?=(\d{3})+$)/g, ',');
  return noun === undefined ? digits : `${digits} ${noun}${n === 1 ? '' : 's'}`;
}
