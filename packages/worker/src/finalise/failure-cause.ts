import { ownFrame, type TaskError } from '@modelops/model-host';

/** Failures with the same key have the same cause: kind, type, message with numbers masked, and the place in the model. */
export function causeOf(error: TaskError): { readonly key: string; readonly frame: string | null } {
  const frame = ownFrame(error.traceback ?? '');
  return { key: [error.kind, error.type, maskNumbers(error.message), frame].join('|'), frame };
}

/** `x is # of #`: numbers with sign, decimals and exponent, and addresses in hexadecimal. */
export function maskNumbers(text: string): string {
  return text.replace(/0x[0-9a-f]+|(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi, '#');
}
