"""Parses source files of a project."""

from __future__ import annotations

import ast
import os
from typing import Any


class SourceError(Exception):
    """A source file that cannot be read or parsed. ``described`` is JSON: message (without the place), file, line, column, text."""

    def __init__(self, described: dict[str, Any]) -> None:
        super().__init__(f"{described['file']}: {described['message']}")
        self.described = described


def parse_source(root: str, file: str) -> ast.Module:
    """:raises SourceError: naming the file, relative to the root, and the line"""
    try:
        with open(os.path.join(root, file), "rb") as source:
            return ast.parse(source.read(), filename=file)
    except FileNotFoundError:
        raise SourceError({"message": "not found", "file": file}) from None
    except SyntaxError as error:
        described = {
            "message": error.msg,
            "file": file,
            "line": error.lineno,
            "column": error.offset,
            "text": (error.text or "").rstrip("\n"),
        }
        raise SourceError(described) from None
    except (ValueError, OSError) as error:
        raise SourceError({"message": f"not a Python source file: {error}", "file": file}) from None
