import os
import random
import sys

import pytest

SIR = """
    import random
    from modelops import Float, Int, model

    @model(parameters={"beta": Float(0, 1), "n": Int(1, 9)}, scenarios={"lockdown": {"beta": 0.25}}, outputs=["curve", "total"])
    def sir(beta, n, *, seed):
        rng = random.Random(seed)
        if n == 9:
            raise RuntimeError("the epidemic went negative")
        print("ran", seed)
        return {
            "curve": {"day": range(n), "x": [beta * rng.random() for _ in range(n)]},
            "total": {"name": ["all"], "open": [True], "seed_text": [str(seed)]},
        }
"""


def test_answers_batches_with_whole_columns(project, start):
    host = start(project(**{"models/sir.py": SIR}))
    assert host.load("models/sir.py", "sir", ["curve", "total"]) == {
        "type": "loaded", "fork": True, "isolation": "warm", "heap_limit": None, "version": list(sys.version_info[:2]), "buffers": []
    }
    ran = host.run([{"beta": 0.5, "n": 2}, {"beta": 1, "n": 3}], [(0, 1), (0, 2**64 - 1), (1, 7)])
    assert ran.errors == {}
    assert ran.rows == {"curve": [2, 2, 3], "total": [1, 1, 1]}
    expected = [beta * x for beta, n, seed in ((0.5, 2, 1), (0.5, 2, 2**64 - 1), (1, 3, 7)) for x in _draws(seed, n)]
    assert ran.columns["curve"] == {"day": [0, 1, 0, 1, 0, 1, 2], "x": expected}
    assert ran.columns["total"] == {"name": ["all"] * 3, "open": [1, 1, 1], "seed_text": ["1", str(2**64 - 1), "7"]}
    assert ran.types["curve"] == {"day": "int64", "x": "float64"}
    assert ran.types["total"] == {"name": "utf8", "open": "bool", "seed_text": "utf8"}
    assert len(ran.durations) == 3 and min(ran.durations) >= 0


def _draws(seed, n):
    rng = random.Random(seed)
    return [rng.random() for _ in range(n)]


def test_returns_only_the_outputs_that_are_asked_for_in_the_scenario(project, start):
    host = start(project(**{"models/sir.py": SIR}))
    host.load("models/sir.py", "sir", ["curve"], scenario="lockdown")
    ran = host.run([{"beta": 1, "n": 1}], [(0, 5)])
    assert ran.columns == {"curve": {"day": [0], "x": [0.25 * _draws(5, 1)[0]]}}


def test_a_failed_task_costs_only_itself_and_shows_the_line_of_the_model(project, start):
    host = start(project(**{"models/sir.py": SIR}))
    host.load("models/sir.py", "sir", ["curve"])
    ran = host.run([{"beta": 1, "n": 9}, {"beta": 1, "n": 1}, {"beta": 1}], [(0, 1), (1, 1), (2, 1)])
    assert ran.rows["curve"] == [0, 1, 0]
    assert ran.errors[0]["type"] == "RuntimeError"
    assert ran.errors[0]["message"] == "the epidemic went negative"
    assert 'File "models/sir.py", line 9, in sir\n    raise RuntimeError("the epidemic went negative")' in ran.errors[0]["traceback"]
    assert "modelops" not in ran.errors[0]["traceback"].replace("models", "")
    assert ran.errors[2]["message"] == "parameter n has no value (provide all of beta, n)"


def test_slots_are_forks_that_share_one_import(project, start):
    host = start(project(**{"m.py": "print('imported')\n" + _dedented(SIR)}))
    host.load("m.py", "sir", ["curve"])
    slots = [host.fork(f"slot {k}") for k in range(3)]
    for k, slot in enumerate(slots):
        assert slot.run([{"beta": 1, "n": 1}], [(0, k)]).columns["curve"]["x"] == _draws(k, 1)
    assert len({slot.pid for slot in slots}) == 3
    for slot in slots:
        slot.close()
    ended = sorted((header["slot"], header["code"], header["signal"]) for header, _ in (host.receive() for _ in slots))
    assert ended == [(f"slot {k}", 0, None) for k in range(3)]
    assert [slot.all_printed("stdout") for slot in slots] == ["ran 0\n", "ran 1\n", "ran 2\n"]
    assert host.output() == "imported\n"


def _dedented(text):
    from textwrap import dedent

    return dedent(text)


def test_a_slot_that_is_killed_is_reported_and_the_others_go_on(project, start):
    host = start(project(**{"m.py": SIR}))
    host.load("m.py", "sir", ["curve"])
    first, second = host.fork("a"), host.fork("b")
    os.kill(first.pid, 9)
    header, _ = host.receive()
    assert (header["type"], header["slot"], header["pid"], header["code"], header["signal"]) == ("ended", "a", first.pid, None, "SIGKILL")
    with pytest.raises(EOFError):
        first.receive()
    assert second.run([{"beta": 1, "n": 1}], [(0, 3)]).errors == {}
    assert host.fork("a").run([{"beta": 1, "n": 1}], [(0, 3)]).errors == {}


def test_slots_end_with_their_host(project, start):
    host = start(project(**{"m.py": SIR}))
    host.load("m.py", "sir", ["curve"])
    slot = host.fork("a")
    assert host.close() == 0
    with pytest.raises(EOFError):
        slot.receive()


def test_loading_fails_with_the_cause(project, start):
    folder = project(
        **{
            "syntax.py": "def f(:\n    pass\n",
            "missing.py": "import not_installed_anywhere\n",
            "reads.py": "open('data/gone.csv')\n",
            "other.py": SIR,
        }
    )
    host = start(folder)
    error = host.load("syntax.py", "sir", [])["error"]
    assert error["type"] == "SyntaxError"
    assert error["message"] == "syntax.py, line 1: invalid syntax\n    def f(:\n          ^"
    error = host.load("missing.py", "sir", [])["error"]
    assert (error["type"], error["message"]) == ("ModuleNotFoundError", "No module named 'not_installed_anywhere'")
    assert error["module"] == "not_installed_anywhere"
    assert error["traceback"].startswith('Traceback (most recent call last):\n  File "missing.py", line 1')
    assert host.load("other.py", "sri", [])["error"]["message"] == "other.py has no model sri (its models are sir)"
    assert host.load("gone.py", "sir", [])["error"]["message"] == "gone.py not found"
    assert host.load("other.py", "sir", ["curve"], scenario="nope")["error"]["message"] == "the model has no scenario nope"
    error = host.load("reads.py", "sir", ["curve"], source="reads.py:sir")["error"]
    assert error["message"].endswith("to declare this one: modelops-bundle register-model reads.py:sir --data data/gone.csv)")
    assert host.load("other.py", "sir", ["curve"])["type"] == "loaded"


def test_describes_a_file_and_runs_a_trial_that_records_opened_files(project, start):
    folder = project(
        **{
            "data/beta.txt": "0.5\n",
            "models/reads.py": """
                from modelops import Float, model
                FIRST = open("data/beta.txt").read()

                @model(parameters={"beta": Float(0.01, 1, scale="log", unit="1/day")}, outputs=["x"])
                def reads(beta):
                    return {"x": {"y": [beta, float(open("data/beta.txt").read())]}}
            """,
        }
    )
    described = start(folder).ask({"type": "describe", "program": "models/reads.py"})
    parameter = {"name": "beta", "kind": "float", "min": 0.01, "max": 1, "scale": "log", "unit": "1/day"}
    description = {"parameters": [parameter], "scenarios": ["baseline"], "outputs": ["x"], "behaviour": 1}
    assert described["exports"] == [{"name": "reads", "kind": "modelops.model", "description": description}]
    tried = start(folder).ask({"type": "trial", "program": "models/reads.py", "exportName": "reads"})
    assert "opened" in tried, tried
    assert tried["opened"] == [str(folder / "data/beta.txt")]
    assert tried["outputs"] == {"x": [{"name": "y", "type": "float64", "rows": 2}]}
