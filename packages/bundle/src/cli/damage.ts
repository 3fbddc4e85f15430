import type { Damage } from '../artifact/freeze-registry.ts';
import type { DamageReport } from './documents.ts';

export function describeDamage({ source, kind, error: { code, message, hint } }: Damage): DamageReport {
  return { source, kind, code, message, hint: hint ?? null };
}

/** For stderr: why it is not in the bundle, and how to fix or remove it. */
export function damageNote({ source, kind, message, hint }: DamageReport): string {
  const fix = `${hint === null ? '' : `${hint}; or `}modelops-bundle unregister-${kind} ${source}`;
  return `warning: ${kind} ${source} is not in the bundle: ${message}\n  ${fix}`;
}
