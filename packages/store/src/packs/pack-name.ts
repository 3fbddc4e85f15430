/** A unique pack name whose order is that of its time: nine digits of base-36 milliseconds, ten random ones. `random` gives [0, 1). */
export function packName(now: number, random: () => number): string {
  const digits = () =>
    Math.floor(random() * 36 ** 5)
      .toString(36)
      .padStart(5, '0');
  return `${packTime(now)}-${digits()}${digits()}`;
}

/** The names of packs made at `now` or later sort after this. */
export function packTime(now: number): string {
  return Math.max(0, Math.floor(now)).toString(36).padStart(9, '0');
}
