"""What a model may do that a host must survive, or report."""

import os
import random
import sys

import pytest

HEAD = "from modelops import Float, Int, model\n"


def one(body, top=""):
    """A project's file with a model ``m`` of the parameter k, which runs ``body``."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    declared = '@model(parameters={"k": Int(0, 9)}, outputs=["x"])\ndef m(k, *, seed):\n'
    return f'{HEAD}{top}\n{declared}{lines}\n    return {{"x": {{"y": [float(k)]}}}}\n'


def tasks(*ks):
    return [{"k": k} for k in ks], [(index, 1) for index in range(len(ks))]


def load(start, project, text, **more):
    host = start(project(**{"m.py": text}))
    loaded = host.load("m.py", "m", ["x"], **more)
    assert loaded["type"] == "loaded", loaded
    return host, loaded


@pytest.mark.parametrize(
    ("body", "type_", "message"),
    [
        ("if k: import sys; sys.exit(3)", "SystemExit", "the model called sys.exit(3)"),
        ("if k: raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("if k:\n    def deep(): deep()\n    deep()", "RecursionError", "maximum recursion depth exceeded"),
        ("if k: {}['incidence']", "KeyError", "the key 'incidence' is missing"),
        ("if k: return None", "ModelError", "model m returned None"),
        ("if k: return {'x': None}", "ModelError", "output x is None"),
        ("if k: return {'x': {'y': 'text'}}", "ModelError", "column y of output x is a str, not a column"),
        ("if k: return {'x': {'y': ['text']}}", "ColumnsDiffer", "column y of output x has utf8 values; earlier tasks returned float64"),
        ("if k: return {'x': {'z': [1]}}", "ColumnsDiffer", "output x has columns z; earlier tasks returned y"),
        ("class Bad(Exception):\n    def __str__(self): raise ValueError\nif k: raise Bad", "Bad", "the error has no text"),
    ],
)
def test_a_task_that_fails_costs_only_itself(start, project, body, type_, message):
    host, _ = load(start, project, one(body))
    ran = host.run(*tasks(0, 1, 0))
    assert ran.rows == {"x": [1, 0, 1]}
    assert ran.errors.keys() == {1}
    assert ran.errors[1]["type"] == type_
    assert message in ran.errors[1]["message"]


def test_a_deep_recursion_has_a_short_traceback(start, project):
    host, _ = load(start, project, one("def deep(): deep()\ndeep()"))
    traceback = host.run(*tasks(1)).errors[0]["traceback"]
    assert "[Previous line repeated" in traceback and len(traceback) < 2000


def test_a_long_message_and_traceback_are_cut(start, project):
    host, _ = load(start, project, one("raise ValueError('x' * 100_000)"))
    error = host.run(*tasks(1)).errors[0]
    assert error["message"] == f"{'x' * 4096}… (100000 characters)"
    assert len(error["traceback"]) <= 16_385


def test_an_error_has_what_its_task_wrote_to_stderr_and_no_other(start, project):
    host, _ = load(start, project, one("import sys; print('at', k, file=sys.stderr)\nif k: raise ValueError"))
    ran = host.run(*tasks(0, 1))
    assert ran.errors[1]["stderr_tail"] == "at 1\n"


def test_prints_of_every_level_go_to_the_log(start, project):
    body = "import os, ctypes\nprint('from Python', k)\nos.write(1, b'raw\\n')\nctypes.CDLL(None).puts(b'from C')\nctypes.CDLL(None).fflush(None)"
    host, _ = load(start, project, one(body))
    assert host.run(*tasks(1)).errors == {}
    slot = host.fork("a")
    assert slot.run(*tasks(2)).errors == {}
    slot.close()
    assert slot.all_printed("stdout") == "from Python 2\nraw\nfrom C\n"
    assert host.output() == "from Python 1\nraw\nfrom C\n"


def test_an_exit_of_the_process_ends_the_slot_with_its_status(start, project):
    host, _ = load(start, project, one("import os\nif k: os._exit(k)"))
    slot = host.fork("a")
    slot.send({"type": "run", "values": [{"k": 7}], "set": [0], "seeds": [1]})
    ended, _ = host.receive()
    assert (ended["type"], ended["code"], ended["signal"]) == ("ended", 7, None)
    assert host.fork("b").run(*tasks(0)).errors == {}


def test_a_segmentation_fault_shows_where_the_model_was(start, project):
    host, _ = load(start, project, one("import ctypes\nif k: ctypes.string_at(0)"))
    slot = host.fork("a")
    slot.send({"type": "run", "values": [{"k": 1}], "set": [0], "seeds": [1]})
    ended, _ = host.receive()
    assert (ended["code"], ended["signal"]) == (None, "SIGSEGV")
    printed = slot.all_printed("stderr")
    assert "Fatal Python error: Segmentation fault" in printed
    assert 'm.py", line 6 in m' in printed


def test_warnings_are_shown_once_in_the_life_of_a_host(start, project):
    body = "import warnings\nwarnings.simplefilter('always')\nwarnings.warn('careful')"
    host, _ = load(start, project, one(body))
    host.run(*tasks(0, 1, 2))
    host.run(*tasks(0))
    assert host.output().count("UserWarning: careful") == 1


def test_a_model_may_use_processes_of_its_own(start, project):
    top = "import multiprocessing\ndef square(x): return x * x\n"
    body = "for method in ('fork', 'spawn'):\n    with multiprocessing.get_context(method).Pool(2) as pool:\n        k = pool.map(square, [k])[0]"
    host, _ = load(start, project, one(body, top))
    slot = host.fork("a")
    for one_host in (host, slot):
        ran = one_host.run(*tasks(3))
        assert ran.errors == {} and ran.columns["x"]["y"] == [81.0]


def test_a_model_may_set_signal_handlers(start, project):
    top = "import os, signal\nhits = []\nfor number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):\n    signal.signal(number, lambda *_: hits.append(1))\n"
    body = "pid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)\nk = len(hits)"
    host, _ = load(start, project, one(body, top))
    slot = host.fork("a")
    assert slot.run(*tasks(0)).columns["x"]["y"] == [1.0]
    os.kill(slot.pid, 9)
    assert host.receive()[0]["signal"] == "SIGKILL"


def test_a_model_that_ignores_its_children_does_not_hide_the_end_of_a_slot(start, project):
    host, _ = load(start, project, one("pass", "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"))
    slot = host.fork("a")
    os.kill(slot.pid, 9)
    assert host.receive()[0]["signal"] == "SIGKILL"


@pytest.mark.skipif(sys.platform != "linux", reason="hosts fork on Linux only")
def test_threads_at_import_are_a_reason_not_to_fork(start, project):
    top = "import threading\nthreading.Thread(target=threading.Event().wait, name='poller', daemon=True).start()\n"
    host, loaded = load(start, project, one("pass", top))
    assert (loaded["fork"], loaded["reason"]) == (False, "the import started 1 threads: poller")
    assert host.run(*tasks(4)).columns["x"]["y"] == [4.0]
    assert host.close() == 0


STATE = "seen.append(k); k = len(seen)"


def test_a_warm_host_keeps_the_state_of_a_module_and_a_fresh_one_does_not(start, project):
    text = one(STATE, "seen = []\n")
    host, _ = load(start, project, text)
    assert host.run(*tasks(5, 5, 5)).columns["x"]["y"] == [1.0, 2.0, 3.0]
    host, _ = load(start, project, text, isolation="fresh")
    assert host.run(*tasks(5, 5, 5)).columns["x"]["y"] == [1.0, 1.0, 1.0]
    assert host.fork("a").run(*tasks(5, 5)).columns["x"]["y"] == [1.0, 1.0]
    host, loaded = load(start, project, text.replace('outputs=["x"]', 'outputs=["x"], isolation="fresh"'))
    assert loaded["isolation"] == "fresh"
    assert host.run(*tasks(5, 5)).columns["x"]["y"] == [1.0, 1.0]


def test_a_fresh_task_has_a_process_of_its_own_where_the_import_starts_threads(start, project):
    top = "import os, threading\nseen = []\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    body = f"{STATE}\nprint('in', seen)\nif seen[0] == 1: raise ValueError('bad k')\nif seen[0] == 2: os._exit(5)"
    host, loaded = load(start, project, one(body, top), isolation="fresh")
    assert (loaded["fork"], loaded["isolation"]) == (False, "fresh")
    ran = host.run(*tasks(5, 1, 5))
    assert ran.errors.keys() == {1} and ran.errors[1]["message"] == "bad k"
    assert (ran.rows["x"], ran.columns["x"]["y"]) == ([1, 0, 1], [1.0, 1.0])
    assert host.output() == "in [5]\nin [1]\nin [5]\n"
    host.send({"type": "run", "values": [{"k": 2}], "set": [0], "seeds": [1]})
    with pytest.raises(EOFError):
        host.receive()
    assert host.wait() == 5


def test_a_fresh_task_that_fails_is_reported_and_one_that_dies_ends_the_slot_in_the_same_way(start, project):
    text = one("import os, ctypes\nprint('seen')\nif k == 1: raise ValueError('bad k')\nif k == 2: os._exit(5)\nif k == 3: os.kill(os.getpid(), 9)")
    host, _ = load(start, project, text, isolation="fresh")
    slot = host.fork("a")
    ran = slot.run(*tasks(0, 1, 4))
    assert ran.errors[1]["message"] == "bad k" and ran.rows["x"] == [1, 0, 1]
    for k, end in ((2, (5, None)), (3, (None, "SIGKILL"))):
        slot = host.fork(f"dies of {k}")
        slot.send({"type": "run", "values": [{"k": k}], "set": [0], "seeds": [1]})
        ended, _ = host.receive()
        assert (ended["code"], ended["signal"]) == end


def test_global_random_state_is_the_seeds_in_every_task_also_where_numpy_comes_late(start, project):
    pytest.importorskip("numpy")
    body = "import random, numpy\nreturn {'x': {'y': [random.random(), numpy.random.random()]}}"
    host, _ = load(start, project, one(body))
    seeds = (3, 2**40, 3)
    ran = host.run([{"k": 0}], [(0, seed) for seed in seeds])
    import numpy

    expected = []
    for seed in seeds:
        state = numpy.random.RandomState(seed if seed < 2**32 else [seed & 0xFFFFFFFF, seed >> 32])
        expected += [random.Random(seed).random(), state.random()]
    assert ran.columns["x"]["y"] == expected


def test_memory_that_a_model_uses_again_is_not_shared_with_results(start, project):
    pytest.importorskip("numpy")
    body = "buffer[:] = k\nreturn {'x': {'y': buffer}}"
    host, _ = load(start, project, one(body, "import numpy\nbuffer = numpy.zeros(2)\n"))
    assert host.run(*tasks(1, 2)).columns["x"]["y"] == [1, 1, 2, 2]


def test_whole_numbers_and_fractions_mix_in_a_column(start, project):
    host, _ = load(start, project, one("return {'x': {'y': [[], [1], [0.5], range(2)][k]}}"))
    ran = host.run(*tasks(0, 1, 2, 3))
    assert (ran.types["x"]["y"], ran.columns["x"]["y"], ran.rows["x"]) == ("float64", [1.0, 0.5, 0.0, 1.0], [0, 1, 1, 2])
    assert host.run(*tasks(1, 3)).types["x"]["y"] == "int64"


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 2**20, 2**26])
def test_outputs_of_any_size_pass(start, project, size):
    host, _ = load(start, project, one(f"print('p' * {size % 100_000})\nreturn {{'x': {{'y': bytes_of({size})}}}}", "import array\ndef bytes_of(n): return array.array('d', bytes(8 * (n // 8)))\n"))
    slot = host.fork("a")
    slot.send({"type": "run", "values": [{"k": 0}], "set": [0], "seeds": [1]})
    header, buffers = slot.receive()
    assert header["errors"] == []
    assert buffers[2].nbytes == 8 * (size // 8)


def test_a_long_batch_says_which_task_it_is_at(start, project):
    host, _ = load(start, project, one("import time; time.sleep(0.11)"))
    host.run(*tasks(0, 1, 2))
    assert host.ticks == [1, 2]


TARGET = """
    from modelops import ExactJoin, LossTarget, calibration_target, mean_signal_mse, read_csv

    @calibration_target(model_output="x", data={"observed": "data/observed.csv"})
    def target(paths):
        return LossTarget("x", read_csv(paths["observed"]), ExactJoin(["day"]), mean_signal_mse("y"))
"""


def test_evaluates_targets_on_columns(start, project):
    folder = project(**{"m.py": one("pass"), "targets/t.py": TARGET, "data/observed.csv": "day,y\n0,1\n1,3\n"})
    host = start(folder)
    targets = [{"name": "t", "program": "targets/t.py", "exportName": "target", "files": {}}]
    assert host.load("m.py", "m", ["x"], targets=targets)["type"] == "loaded"
    replicates = [{"x": {"day": [0, 1], "y": [1.0, 2.0]}}, {"x": {"day": [1, 0], "y": [6.0, 1.0]}}]
    for channel in (host, host.fork("a")):
        evaluation = channel.evaluate("t", replicates)
        assert (evaluation["loss"], evaluation["n_replicates"]) == (0.5, 2)
    error = host.evaluate("t", [{"x": {"day": [5], "y": [1.0]}}])["error"]
    assert error["message"] == "no observation has a simulated row in replicate 0: day is 0.0 to 1.0 in the data and 5 to 5 in the output"
    assert host.run(*tasks(1)).errors == {}


def test_a_host_of_targets_alone_needs_no_model(start, project):
    folder = project(**{"targets/t.py": TARGET, "data/observed.csv": "day,y\n0,1\n"})
    host = start(folder)
    targets = [{"name": "t", "program": "targets/t.py", "exportName": "target", "files": {}}]
    assert host.load("", "", [], targets=targets)["type"] == "loaded"
    assert host.evaluate("t", [{"x": {"day": [0], "y": [3]}}])["loss"] == 4


def test_a_target_that_does_not_load_fails_its_own_evaluations(start, project):
    files = {"targets/t.py": TARGET, "data/observed.csv": "day,y\n0,1\n"}
    files["targets/bad.py"] = 'import sys\nprint("reading", file=sys.stderr)\nopen("data/gone.csv")\n'
    host = start(project(**files))
    names = ("bad", "t", "gone")
    targets = [{"name": name, "program": f"targets/{name}.py", "exportName": "target", "files": {}} for name in names]
    assert host.load("", "", [], targets=targets)["type"] == "loaded"
    assert host.evaluate("t", [{"x": {"day": [0], "y": [4]}}])["loss"] == 9
    error = host.evaluate("bad", [{"x": {"day": [0], "y": [4]}}])["error"]
    assert error["type"] == "FileNotFoundError" and error["stderr_tail"] == "reading\n"
    assert error["message"].endswith("(to declare it as data: @calibration_target(…, data={'NAME': 'data/gone.csv'}))")
    assert 'File "targets/bad.py", line 3' in error["traceback"]
    assert host.evaluate("gone", [{"x": {"day": [0], "y": [4]}}])["error"]["message"] == "targets/gone.py not found"
