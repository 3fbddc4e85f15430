import * as z from 'zod';

/** A Kubernetes CPU quantity. */
export const cpuQuantity = z.string().regex(/^(\d+m|\d+(\.\d+)?)$/, 'expected a number of CPUs: 2, 0.5, 500m');

/** A Kubernetes byte quantity; `4GB` is not one. */
export const byteQuantity = z.string().regex(/^\d+(\.\d+)?([KMGT]i|[kMGT])?$/, 'expected a size: 512Mi, 4Gi, 4G');

/** Whole CPUs of a Kubernetes quantity (`2`, `1500m`, `0.5`), at least 1: the default number of slots of a worker. */
export function wholeCpus(quantity: string): number {
  const [, digits = '1', unit] = /^([0-9.]+)(m?)$/.exec(quantity) ?? [];
  const cpus = Number(digits) / (unit === 'm' ? 1000 : 1);
  return Math.max(1, Math.floor(cpus));
}
