"""Keeps pandas out of a process that has no use for it.

pyarrow imports pandas, where it is installed, as soon as it turns a Python or numpy value into an Arrow one, only to
ask whether the value is a pandas one. That costs a third of a second and 60 MB, more than a scan of a small dataset,
and nothing in a command makes a pandas object. pyarrow treats the refusal as it treats a machine without pandas.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Refuse(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 (the signature is importlib's)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not used by the datacheck command", name="pandas")
        return None


def without_pandas() -> None:
    """Let `import pandas` fail from now on, in this process, unless it is loaded already. Not for the Python API."""
    if "pandas" not in sys.modules and not any(isinstance(finder, _Refuse) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Refuse())
