import type { Style } from '@modelops/cli-kit';
import type { TaskError } from '@modelops/model-host';

const STDERR_LINES = 10;

/** A task's error for display: its type and message, where it was thrown, and the end of stderr. */
export function renderErrorBlock({ kind, type, message, traceback, stderr_tail }: TaskError, { color }: Style, indent: string): string[] {
  const lines = [`${color.red(type)}: ${message}${kind === 'exception' ? '' : ` (${kind.replaceAll('_', ' ')})`}`];
  for (const frame of framesOf(traceback ?? '', message)) lines.push(color.dim(frame));
  for (const line of (stderr_tail ?? '').trimEnd().split('\n').slice(-STDERR_LINES)) if (line !== '') lines.push(color.dim(`| ${line}`));
  return lines.map((line) => `${indent}${line}`);
}

/** The traceback without the lines that repeat the message, and without the frames below the model. */
function framesOf(traceback: string, message: string): string[] {
  const repeated = new Set(message.split('\n'));
  const frames = traceback.split('\n').filter((line) => line.trim() !== '' && !repeated.has(line));
  const own = frames[0]?.includes(message.split('\n')[0]!) === true ? frames.slice(1) : frames;
  const host = own.findIndex((line) => /node-host|simulateTask/.test(line));
  return (host < 0 ? own : own.slice(0, host)).map((line) => line.trimEnd());
}
