"""What names a finding from one scan to the next, wherever the dataset lies by then."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence

from datacheck.splits import role_of


class Identities:
    """Fingerprints of the findings of one scan.

    scanned: the paths as given, joined by commas. The others hold a value for each source: its path, task and format,
    and of folders of masks the pattern of their names.
    """

    def __init__(
        self, scanned: str, paths: Sequence[str], tasks: Sequence[str | None], formats: Sequence[str | None],
        patterns: Sequence[str | None],
    ) -> None:  # fmt: skip
        self._scanned, self._paths, self._tasks = scanned, paths, tasks
        self._formats, self._patterns = formats, patterns
        self._files: dict[int, str] = {}
        self._common: str | None = None
        self.start()

    def start(self) -> None:
        """Forget which findings had equal ones."""
        self._equals, self._rule = _Equals(), ""

    def of_rule(self, code: str) -> None:
        """The next findings are of this rule; equals are counted within one, so that no more need be remembered."""
        if code != self._rule:
            self._equals, self._rule = _Equals(), code

    def fingerprint(
        self, source: int | None, image: str | None, key: str | None, content: str, *, symptom: bool
    ) -> str:
        """16 hex digits that name a finding from one scan to the next.

        They are made of the rule's code; of what the source is for (its task, and its role: the split that its file
        name or folder says, else its file name); of the record's image and id; and, for a record without an id, of what
        it holds (`_contents`). What agrees in all of that is numbered within its source.

        So they stay the same when the file is moved to another folder that says no other split, is scanned alone or
        beside others, when its records are reordered, and when records with ids are measured anew. Two files of one
        task and one split share the digits of findings that agree in all else: within a report, take the path along.
        Folders of masks often have one name and files of the same names, so that theirs are also made of the folder's
        path below what was scanned, its layout and the pattern of its names; they stay the same when all of that is
        moved together.
        Symptoms are numbered apart, so that the others' digits are the same whether symptoms are rendered or not.
        """
        file = "" if source is None else self._file(source)
        parts = (self._rule, file, image, key, content, "symptom" if symptom else None)
        identity = "\x1f".join(part or "" for part in parts)
        ordinal = self._equals.before(f"{source}\x1f{identity}")
        return hashlib.sha256(f"{identity}\x1f{ordinal}".encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _file(self, source: int) -> str:
        """Task and role of a source."""
        if source not in self._files:
            # Absolute: a scan from within the folder says the same as one from above it.
            role = role_of(os.path.abspath(self._paths[source]))  # noqa: PTH100 (resolve() would follow links)
            self._files[source] = f"{self._tasks[source] or ''}\x1f{role}"
            if self._patterns[source] is not None:
                self._files[source] += (
                    f"\x1f{self._below(source)}\x1f{self._formats[source]}\x1f{self._patterns[source]}"
                )
        return self._files[source]

    def _below(self, source: int) -> str:
        """Path of a folder, seen from the folder that holds all that was scanned."""
        if self._common is None:
            self._common = _common(self._scanned, self._paths)
        path = os.path.abspath(self._paths[source])  # noqa: PTH100 (resolve() would follow links)
        try:
            return os.path.relpath(path, self._common).replace("\\", "/")
        except ValueError:  # another drive
            return ""


class _Equals:
    """Counts equal texts; most have no equal, and there may be millions, so that only their hashes are kept."""

    def __init__(self) -> None:
        self._once: set[int] = set()
        self._again: dict[int, int] = {}

    def before(self, text: str) -> int:
        """How often this was asked with the same text before."""
        key = hash(text)
        if key not in self._once:
            self._once.add(key)
            return 0
        self._again[key] = self._again.get(key, 0) + 1
        return self._again[key]


def _common(scanned: str, paths: Sequence[str]) -> str:
    """The folder that holds all that was given: paths joined by commas, of which there may be some in a name."""
    below = [scanned.rstrip("/\\") + separator for separator in "/\\"]
    one = all(path == scanned or path.startswith(tuple(below)) for path in paths)
    given = [scanned] if one else scanned.split(", ")
    try:
        return os.path.commonpath([os.path.abspath(path) for path in given])  # noqa: PTH100
    except ValueError:  # several drives
        return os.path.abspath(given[0])  # noqa: PTH100
