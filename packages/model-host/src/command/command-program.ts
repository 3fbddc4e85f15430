import { parseJson } from '@modelops/contracts';
import { type CommandProgram, commandProgramSchema } from './command-file.ts';

/** The bytes of a command model in a bundle. Parameters, scenarios and columns keep their order. */
export function encodeCommand(program: CommandProgram): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(program)}\n`);
}

/** @throws BUNDLE_INVALID for bytes that {@link encodeCommand} did not make */
export function decodeCommand(bytes: Uint8Array): CommandProgram {
  return parseJson(new TextDecoder().decode(bytes), commandProgramSchema, { source: 'the command model', code: 'BUNDLE_INVALID' });
}
