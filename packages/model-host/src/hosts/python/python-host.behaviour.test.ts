import { BEHAVIOURS, describeModelHost } from '../../testing/describe-model-host.ts';
import { makeFiles } from '../../testing/sources.ts';
import { createPythonHosts } from './python-hosts.ts';

const MODEL = `import os, signal, subprocess, sys
from modelops import Choice, Int, model


def table(value, text):
    return {"out": {"value": [value], "text": [text]}}


@model(parameters={"what": Choice(${BEHAVIOURS.map((what) => JSON.stringify(what)).join(', ')}), "size": Int(0, 2**40)}, outputs=["out"])
def m(what, size, *, seed):
    if what == "normal":
        return table(size + seed / 7, "x")
    if what == "payload":
        return table(0.0, "x" * size)
    if what == "prints":
        for stream in (sys.stdout, sys.stderr):
            for _ in range(0, size, 65536):
                stream.write("x" * 65536)
        return table(0.0, "x")
    if what == "forks":
        quiet = subprocess.DEVNULL
        return table(0.0, str(subprocess.Popen(["sleep", "1000"], start_new_session=True, stdin=quiet, stdout=quiet, stderr=quiet).pid))
    if what == "hangs":
        while True:
            pass
    if what == "segfaults":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "allocates":
        held = [b"x" * 2**24 for _ in range(0, size, 2**24)]
        return table(float(len(held)), "x")
    if what == "exits":
        os._exit(0)
    if what == "nan":
        return table(float("nan"), "x")
    if what == "ragged":
        return {"out": {"value": [1.0, 2.0], "text": ["x"]}}
    if what == "types":
        return {"out": {"value": [1.0, "x"], "text": ["x", "y"]}}
`;

describeModelHost('a Python model', {
  async open(options) {
    const dir = makeFiles({ 'm.py': MODEL });
    return {
      hosts: createPythonHosts({ python: { interpreter: 'python3' }, cwd: dir, timeoutMs: 60_000, onOutput: () => undefined, ...options }),
      load: { program: 'm.py', exportName: 'm', scenario: 'baseline', config: null, outputs: ['out'], targets: [] },
    };
  },
  exits: { kind: 'crash', type: 'Exit', endsHost: true },
  messages: {
    ragged: 'output out has columns of different lengths',
    types: 'column value of output out mixes',
    nothing: 'm returned None',
  },
});
