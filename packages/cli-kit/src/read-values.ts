import type { Problem } from '@modelops/contracts';
import type { FieldSpec, ValueKind } from './fields.ts';

/** The words typed for each field, by key. */
export type Words = ReadonlyMap<string, string | boolean | readonly string[]>;

/** Converts the words to values for the schema. Unreadable ones are omitted and added to `problems` under the field's name. */
export function readFields(fields: readonly FieldSpec[], words: Words, problems: Problem[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const word = words.get(field.key);
    if (word === undefined) continue;
    try {
      values[field.key] = readField(field, word);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problems.push({ path: field.name, message: error.message });
    }
  }
  return values;
}

class Unreadable extends Error {}

function readField(field: FieldSpec, word: string | boolean | readonly string[]): unknown {
  if (typeof word === 'boolean') return word;
  if (typeof word === 'string') return readItem(word, field.kind);
  if (field.kind === 'record') return readRecord(word, field.item);
  const pieces = field.isSplit ? word.flatMap((text) => text.split(',').map((piece) => piece.trim())) : word;
  return pieces.filter((piece) => piece !== '').map((piece) => readItem(piece, field.item));
}

function readRecord(words: readonly string[], item: ValueKind): Record<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at <= 0) throw new Unreadable(`"${word}" is not of the form name=value`);
    const name = word.slice(0, at).trim();
    if (entries.has(name)) throw new Unreadable(`${name} is given twice`);
    entries.set(name, readItem(word.slice(at + 1).trim(), item));
  }
  return Object.fromEntries(entries);
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function readItem(text: string, kind: ValueKind): unknown {
  switch (kind) {
    case 'number':
      if (!NUMBER.test(text)) throw new Unreadable(`"${text}" is not a number`);
      return Number(text);
    case 'bigint':
      if (!/^[+-]?\d+$/.test(text)) throw new Unreadable(`"${text}" is not a whole number`);
      return BigInt(text);
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw new Unreadable(`"${text}" is neither true nor false`);
      return text === 'true';
    case 'choice':
    case 'text':
    case 'list':
    case 'record':
      return text;
  }
}
