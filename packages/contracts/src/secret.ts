/**
 * A text that must not be shown. Printed, logged, inspected or written as JSON it is `***`; only {@link Secret.reveal} gives the text, and only
 * what sends or stores it calls that.
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
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}

const SHOWN = '***';

/** The text of a secret, or of one that is not wrapped. */
export function reveal(secret: Secret | string): string {
  return typeof secret === 'string' ? secret : secret.reveal();
}
