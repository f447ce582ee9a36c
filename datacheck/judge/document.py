"""YAML documents of a pack: read with the C loader, no key twice, errors on one line."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any

from datacheck.errors import RuleError

MAX_BYTES = 256 * 1024
"""A rule is a page; what is larger is refused before it is parsed."""


def load_document(path: Path) -> dict[str, Any]:
    """The mapping that a YAML file holds. Raises RuleError, which starts with the path."""
    import yaml

    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RuleError(f"{path}: cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise RuleError(f"{path}: larger than {MAX_BYTES // 1024} KiB, which no rule is")
    try:
        document = yaml.load(raw, Loader=_loader())  # noqa: S506  the loader is a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}: " if mark is not None else ""
        raise RuleError(f"{path}: {place}{error.problem or error.context or 'is not YAML'}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a timestamp such as 2024-99-99; RecursionError: nesting beyond any sense.
        raise RuleError(f"{path}: is not YAML: {_first_line(error)}") from None
    if not isinstance(document, dict):
        raise RuleError(f"{path}: is not a mapping of fields such as `code: ANN203`")
    for key in document:
        if not isinstance(key, str):
            raise RuleError(f"{path}: the field {key!r} is not a text")
    return document


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@cache
def _loader() -> type[Any]:
    import yaml

    base: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # the base is chosen at run time
        """A safe loader that refuses a key that stands twice in one mapping, where YAML keeps the last."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
            # Before merge keys (`<<`) are resolved: what they bring may be overridden.
            seen: set[tuple[str, str]] = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    continue
                if (key.tag, key.value) in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands twice", key.start_mark
                    )
                seen.add((key.tag, key.value))
            result: dict[Hashable, Any] = super().construct_mapping(node, deep)
            return result

    return Loader
