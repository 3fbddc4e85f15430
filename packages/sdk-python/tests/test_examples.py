"""The examples in a host equal a plain loop over the same seeds, bit for bit."""

import sys
from pathlib import Path

import pytest

from modelops import simulate
from modelops._load import load_model

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SEEDS = (1, 2, 2**31 + 5)


@pytest.mark.parametrize(
    ("example", "file", "name", "needs", "values"),
    [
        ("calabaria-seir", "models/seir.py", "StochasticSEIR", "polars", [{"beta": 0.6, "gamma": 0.15, "initial_infected": n} for n in (5, 20)]),
        ("starsim-sir", "models/sir.py", "sir", "starsim", [{"beta": beta, "n_contacts": 6} for beta in (0.05, 0.1)]),
    ],
)
@pytest.mark.parametrize("isolation", ["warm", "fresh"])
def test_an_example_gives_the_results_of_a_plain_loop(start, monkeypatch, example, file, name, needs, values, isolation):
    pytest.importorskip(needs, reason=f"examples/{example} needs {needs}, which is not installed here")
    folder = EXAMPLES / example
    described = start(folder).ask({"type": "describe", "program": file})
    (model,) = (one["description"] for one in described["exports"] if one["name"] == name)
    host = start(folder)
    loaded = host.load(file, name, model["outputs"], isolation=isolation)
    channel = host.fork("a") if loaded["fork"] else host
    ran = channel.run(values, [(at, seed) for at in range(len(values)) for seed in SEEDS])
    assert ran.errors == {}

    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for module in [one for one in sys.modules if one == "models" or one.startswith("models.")]:
        monkeypatch.delitem(sys.modules, module)
    definition = load_model(str(folder), file, name)
    loop = [simulate(definition, one, seed) for one in values for seed in SEEDS]
    for output, columns in ran.columns.items():
        for column, found in columns.items():
            assert found == [value for tables in loop for value in tables[output][column]], f"{output}.{column}"
