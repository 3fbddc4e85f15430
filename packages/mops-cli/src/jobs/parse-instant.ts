import { ModelOpsError } from '@modelops/contracts';

const UNITS = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/** Parses a time: `2026-11-25`, `2026-11-25T10:00Z` (UTC without a zone), or a duration before now: `90min`, `12h`, `7d`. @throws USAGE */
export function parseInstant(text: string, now: number): Date {
  const ago = /^(\d+(?:\.\d+)?)(s|min|h|d|w)$/.exec(text);
  if (ago !== null) return new Date(now - Number(ago[1]) * UNITS[ago[2] as keyof typeof UNITS]);
  const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text);
  const hasZone = !text.includes('T') || /(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = isDate ? new Date(hasZone ? text : `${text}Z`) : undefined;
  if (at === undefined || Number.isNaN(at.getTime()))
    throw new ModelOpsError('USAGE', `invalid time "${text}"`, {
      hint: 'use 2026-11-25, 2026-11-25T10:00Z, or an age: 90min, 12h, 7d',
    });
  return at;
}
