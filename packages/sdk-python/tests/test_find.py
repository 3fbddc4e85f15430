import json
import subprocess
import sys

import pytest
from host_process import SOURCE

from modelops._find import find


def test_finds_models_and_targets_by_syntax(project):
    folder = project(
        **{
            "models/all.py": """
                import modelops as mo
                from modelops import model, BaseModel as Base, calibration_target
                from .parts import Shared
                raise SystemExit("never imported")

                @model(parameters={}, outputs=["x"])
                def decorated(): ...

                @mo.model(parameters={}, outputs=["x"])
                def by_module(): ...

                assigned = model(parameters={}, outputs=["x"])(lambda: {})

                class Plain(Base): ...
                class FromOther(Shared): ...
                class _Hidden(Base): ...
                class Unrelated(dict): ...

                class Abstract(Base): ...
                class Concrete(Abstract):
                    def build_sim(self, params, config): ...
                    def run_sim(self, state, seed): ...

                @calibration_target(model_output="x", data={})
                def target(paths): ...

                def model2(): ...
            """,
            "models/parts.py": "import modelops\nclass Shared(modelops.BaseModel): ...\n",
        }
    )
    found = find(str(folder), "models/all.py")
    assert [(one["name"], one["form"]) for one in found["models"]] == [
        ("decorated", "function"),
        ("by_module", "function"),
        ("assigned", "function"),
        ("Plain", "class"),
        ("FromOther", "class"),
        ("Concrete", "class"),
    ]
    assert found["targets"] == [{"name": "target", "line": 26}]
    assert found["models"][0]["line"] == 8


def test_the_closure_is_the_import_graph_inside_the_project(project):
    folder = project(
        **{
            "models/__init__.py": "",
            "models/seir.py": """
                import os.path, numpy as np, scipy.stats
                from lib.rates import beta
                from . import sibling
                from .deep import thing
                import importlib
                plugin = importlib.import_module("lib.plugin")
                def later(name):
                    import beside
                    return importlib.import_module(name)
            """,
            "models/sibling.py": "from .deep.other import *\n",
            "models/beside.py": "",
            "models/deep/__init__.py": "from .thing import x\n",
            "models/deep/thing.py": "x = 1\n",
            "models/deep/other.py": "from ..sibling import y\n",
            "lib/rates.py": "import pandas, modelops\n",
            "lib/plugin.py": "",
            "lib/unused.py": "",
            "src/pkg/__init__.py": "",
            "unused.py": "",
        }
    )
    found = find(str(folder), "models/seir.py")
    assert found["closure"] == [
        "lib/plugin.py",
        "lib/rates.py",
        "models/__init__.py",
        "models/beside.py",
        "models/deep/__init__.py",
        "models/deep/other.py",
        "models/deep/thing.py",
        "models/seir.py",
        "models/sibling.py",
    ]
    assert found["packages"] == ["numpy", "pandas", "scipy"]
    # Paths that would change the closure if they came or went.
    assert {"numpy.py", "models/numpy/__init__.py", "lib/__init__.py", "lib/rates/__init__.py", "models/deep.py"} & found["probed"].keys() >= {"numpy.py", "lib/__init__.py"}
    assert (found["probed"]["src"], found["probed"]["numpy.py"]) == ("folder", "absent")
    assert found["unresolved"] == [{"file": "models/seir.py", "line": 10, "text": "importlib.import_module(name)"}]


def test_a_src_folder_is_searched_as_python_finds_it_installed(project):
    folder = project(**{"src/epi/__init__.py": "", "src/epi/rates.py": "", "models/m.py": "import epi.rates\n"})
    assert find(str(folder), "models/m.py")["closure"] == ["models/m.py", "src/epi/__init__.py", "src/epi/rates.py"]


@pytest.mark.parametrize("main", ["m.py", "helper.py"])
def test_a_syntax_error_has_file_line_and_column(project, main):
    folder = project(**{"m.py": "import helper\n", "helper.py": "x = 1\ny = (2\n"})
    done = subprocess.run(
        [sys.executable, "-m", "modelops._find", main], cwd=folder, env={"PYTHONPATH": SOURCE}, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == {
        "message": "'(' was never closed",
        "file": "helper.py",
        "line": 2,
        "column": 5,
        "text": "y = (2",
    }
