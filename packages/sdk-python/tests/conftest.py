import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from host_process import Host


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes files of a project; names are paths from its root."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return tmp_path

    return write


@pytest.fixture
def start() -> Iterator[Callable[[Path], Host]]:
    hosts: list[Host] = []

    def start_host(folder: Path) -> Host:
        hosts.append(Host(folder))
        return hosts[-1]

    yield start_host
    for host in hosts:
        host.dispose()
