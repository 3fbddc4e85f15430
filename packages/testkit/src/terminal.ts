import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** What the user of a terminal does next: waits until the program has printed a text since the last step, types keys, or changes the size. */
export type TerminalStep =
  | { readonly until: string }
  | { readonly type: string }
  | { readonly size: readonly [columns: number, rows: number] };

export interface TerminalRun {
  /** All that the program printed. */
  readonly output: string;
  readonly status: number;
}

/** Reads the terminal until a text appears, then acts. A program that ends early, or a text that never comes, ends the run; `output` shows why. */
const DRIVER = `
import fcntl, json, os, pty, struct, sys, termios
steps, argv = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
output, seen = b"", 0
def read():
    global output
    try:
        data = os.read(terminal, 65536)
    except OSError:
        data = b""
    output += data
    return len(data) > 0
for step in steps:
    if "until" in step:
        text = step["until"].encode()
        while text not in output[seen:]:
            if not read():
                break
        seen = len(output)
    elif "type" in step:
        os.write(terminal, step["type"].encode())
    else:
        columns, rows = step["size"]
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
while read():
    pass
sys.stdout.buffer.write(output)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)
`;

/** Runs a program in a pseudo-terminal of its own (by Python) and does the steps in order, without regard to time. */
export async function runInTerminal(
  argv: readonly string[],
  steps: readonly TerminalStep[],
  { cwd, env }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<TerminalRun> {
  const child = spawn('python3', ['-c', DRIVER, JSON.stringify(steps), ...argv], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  const [output, status] = await Promise.all([text(child.stdout), ended]);
  return { output, status };
}
