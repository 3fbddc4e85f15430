import subprocess
import sys

from host_process import SOURCE

import modelops


def python(code):
    done = subprocess.run([sys.executable, "-S", "-c", code], env={"PYTHONPATH": SOURCE}, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_exports_every_name_and_no_other():
    assert sorted(modelops.__all__) == sorted(modelops.__all__)
    assert all(getattr(modelops, name) is not None for name in modelops.__all__)
    assert callable(modelops.simulate)
    assert set(modelops.__all__) <= set(dir(modelops))
    assert "module 'modelops' has no attribute 'nope'" in python("import modelops; modelops.nope")
    assert "cannot import name 'nope'" in python("from modelops import nope")
    assert python("from modelops import *; print(simulate.__name__, BaseModel.__name__)") == "simulate BaseModel\n"


def test_finding_models_loads_little():
    loaded = python("import modelops._find, sys; print([name for name in sys.modules if name.startswith('modelops')])")
    assert loaded.split() == ["['modelops',", "'modelops._source',", "'modelops._closure',", "'modelops._declarations',", "'modelops._find']"]


def test_needs_the_standard_library_alone():
    code = "import modelops, modelops._control, modelops.results, sys; modelops.Float; print({n.partition('.')[0] for n in sys.modules} - {*sys.stdlib_module_names, '__main__'})"
    assert python(code) == "{'modelops'}\n"
