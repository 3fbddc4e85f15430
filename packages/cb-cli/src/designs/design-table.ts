import type { Support, Supports } from './design.ts';
import { designs } from './designs.ts';
import { FROM_SUPPORTS } from './from.ts';
import { manual } from './manual.ts';

/** What each design supports, as a Markdown table. Every design gives the same bytes for the same command and seed on every machine. */
export function designTable(): string {
  const all: readonly (readonly [string, Supports])[] = [
    ...designs.map(({ method, supports }) => [method, supports] as const),
    ['from FILE', FROM_SUPPORTS],
    [manual.method, manual.supports],
  ];
  const rows = all.map(([method, { mixed, constraint, extend, priors }]) =>
    [`\`${method}\``, ...[mixed, constraint, extend, priors].map(supportText), 'yes'].join(' | '),
  );
  const titles = ['design', 'mixed types', 'constraint', 'extend', 'priors', 'byte-reproducible'];
  return ['', ...[titles.join(' | '), titles.map(() => '---').join(' | '), ...rows].map((row) => `| ${row} |`), ''].join('\n');
}

function supportText(support: Support): string {
  if (support.is === 'no') return `no: ${support.reason}`;
  return support.note === undefined ? 'yes' : `yes: ${support.note}`;
}
