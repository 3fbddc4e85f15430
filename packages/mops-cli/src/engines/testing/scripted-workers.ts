import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The orders that a test sends to a worker. */
export interface WorkerOrder {
  /** A line for its log. */
  readonly print?: string;
  /** Ends it with this status. */
  readonly exit?: number;
  /** From now on it does not end at SIGTERM. */
  readonly ignoreSigterm?: true;
}

/** A worker that has started, with its arguments. */
export interface ScriptedWorker {
  readonly job: string;
  readonly attempt: number;
  readonly index: number;
  send(order: WorkerOrder): void;
  /** Resolves when its process has ended. */
  readonly ended: Promise<void>;
}

/** Workers that follow a test's orders, on any machine. */
export interface ScriptedWorkers {
  /** The program that they run: CommonJS for Node. */
  readonly script: string;
  /** All that have started, in order of start. */
  readonly started: readonly ScriptedWorker[];
  /** The first worker that meets the condition, once it has started. */
  worker(isWanted: (worker: ScriptedWorker) => boolean): Promise<ScriptedWorker>;
  close(): Promise<void>;
}

/** Opens the server that sends the orders, at an address of this machine that the workers can connect to. */
export async function openScriptedWorkers(address: string): Promise<ScriptedWorkers> {
  const started: ScriptedWorker[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    started.push(scriptedWorker(new URL(request.url!, 'http://localhost').searchParams, response));
    response.flushHeaders();
    for (const check of waiting) check();
  }).listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    script: scriptOf(`http://${address}:${port}/`),
    started,
    worker: (isWanted) =>
      new Promise((resolve) => {
        const check = () => {
          const found = started.find(isWanted);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function scriptedWorker(args: URLSearchParams, response: ServerResponse): ScriptedWorker {
  return {
    job: args.get('job')!,
    attempt: Number(args.get('attempt')),
    index: Number(args.get('index')),
    send: (order) => void response.write(`${JSON.stringify(order)}\n`),
    ended: new Promise((resolve) => response.once('close', resolve)),
  };
}

function scriptOf(url: string): string {
  return `
const { parseArgs } = require('node:util');
const string = { type: 'string' };
const { values } = parseArgs({ args: process.argv.slice(process.argv.indexOf('--job')), options: { job: string, attempt: string, index: string, slots: string, log: string } });
let ignoresSigterm = false;
process.on('SIGTERM', () => { if (!ignoresSigterm) process.exit(143); });
require('node:http').get(${JSON.stringify(url)} + '?' + new URLSearchParams(values), (response) => {
  let text = '';
  response.setEncoding('utf8').on('data', (more) => {
    const lines = (text + more).split('\\n');
    text = lines.pop();
    for (const { print, exit, ignoreSigterm } of lines.map(JSON.parse)) {
      if (ignoreSigterm) ignoresSigterm = true;
      if (print !== undefined) console.log(print);
      if (exit !== undefined) process.exit(exit);
    }
  });
});
`;
}
