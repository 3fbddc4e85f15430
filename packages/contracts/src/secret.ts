/**
 * Text that must not be shown. Printed, logged, inspected or written as JSON it is `***`; only {@link Secret.reveal} returns the text, and only
 * code that sends or stores it calls that.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}

const MASK = '***';

/** The text of a secret, wrapped or not. */
export function reveal(secret: Secret | string): string {
  return typeof secret === 'string' ? secret : secret.reveal();
}
