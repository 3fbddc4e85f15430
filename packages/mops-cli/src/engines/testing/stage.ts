import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The orders a test gives a worker that it simulates. */
export interface Cue {
  /** A line for its log. */
  readonly print?: string;
  /** Ends it with this status. */
  readonly exit?: number;
  /** From now on it does not end at SIGTERM. */
  readonly deaf?: true;
}

/** A worker that started: its arguments, a way to direct it, and the moment of its end. */
export interface StagedWorker {
  readonly job: string;
  readonly attempt: number;
  readonly index: number;
  tell(cue: Cue): void;
  /** Resolves when its process is gone, whatever ended it. */
  readonly ended: Promise<void>;
}

/** Workers that follow a test's orders, wherever an engine starts them. */
export interface Stage {
  /** What they run: CommonJS for Node. */
  readonly script: string;
  /** All that have started, in that order. */
  readonly started: readonly StagedWorker[];
  /** The first worker that meets the condition, once it has started. */
  worker(isWanted: (worker: StagedWorker) => boolean): Promise<StagedWorker>;
  close(): Promise<void>;
}

/** Opens a stage at an address of this machine that the workers reach. */
export async function openStage(address: string): Promise<Stage> {
  const started: StagedWorker[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    started.push(stagedWorker(new URL(request.url!, 'http://stage').searchParams, response));
    response.flushHeaders();
    for (const look of waiting) look();
  }).listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    script: scriptOf(`http://${address}:${port}/`),
    started,
    worker: (isWanted) =>
      new Promise((resolve) => {
        const look = () => {
          const found = started.find(isWanted);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function stagedWorker(args: URLSearchParams, response: ServerResponse): StagedWorker {
  return {
    job: args.get('job')!,
    attempt: Number(args.get('attempt')),
    index: Number(args.get('index')),
    tell: (cue) => void response.write(`${JSON.stringify(cue)}\n`),
    ended: new Promise((resolve) => response.once('close', resolve)),
  };
}

function scriptOf(url: string): string {
  return `
const { parseArgs } = require('node:util');
const string = { type: 'string' };
const { values } = parseArgs({ args: process.argv.slice(process.argv.indexOf('--job')), options: { job: string, attempt: string, index: string, slots: string, log: string } });
let isDeaf = false;
process.on('SIGTERM', () => { if (!isDeaf) process.exit(143); });
require('node:http').get(${JSON.stringify(url)} + '?' + new URLSearchParams(values), (response) => {
  let text = '';
  response.setEncoding('utf8').on('data', (more) => {
    const lines = (text + more).split('\\n');
    text = lines.pop();
    for (const { print, exit, deaf } of lines.map(JSON.parse)) {
      if (deaf) isDeaf = true;
      if (print !== undefined) console.log(print);
      if (exit !== undefined) process.exit(exit);
    }
  });
});
`;
}
