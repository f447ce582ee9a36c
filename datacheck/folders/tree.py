"""Walking what was named: folders with the names of their files, as text, without a look at any file.

One walk serves all who look for something below a path: `walk` gives triples as `os.walk` does, but is no recursion
(folders nest deeper than Python's stack), looks at no file, and follows no link to a folder, so that loops end nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from datacheck.files.header import reason_of

Triple = tuple[str, list[str], list[str]]
Walker = Callable[..., Iterable[Triple]]
"""`walk`, or what stands in for it: takes the folder and, if wanted, the list of closed folders."""

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "__MACOSX"})


def walk(top: str, closed: list[str] | None = None) -> Iterator[Triple]:
    """(folder, names of its folders, names of its files) of `top` and all below, parents first, all sorted.

    Hidden folders and those that hold no data are passed over; removing names from the second list passes over more.
    Folders that cannot be listed are added to `closed`.
    """
    stack = [top]
    while stack:
        folder = stack.pop()
        folders: list[str] = []
        files: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    (folders if entry.is_dir(follow_symlinks=False) else files).append(entry.name)
        except (OSError, ValueError):
            if closed is not None:
                closed.append(folder)
        folders = sorted(f for f in folders if not f.startswith(".") and f not in SKIPPED_FOLDERS)
        files.sort()
        yield folder, folders, files
        stack += [join(folder, name) for name in reversed(folders)]


def why_closed(folder: str) -> str | None:
    """Why a folder cannot be listed: what is in it is not known, which is not the same as nothing."""
    try:
        with os.scandir(folder or "."):
            return None
    except (OSError, ValueError) as error:
        return reason_of(error)


class Walked:
    """`walk` that lists each folder once, for several who look for different things."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[list[Triple], list[str]]] = {}

    def __call__(self, top: str, closed: list[str] | None = None) -> list[Triple]:
        if top not in self._known:
            own: list[str] = []
            self._known[top] = list(walk(top, own)), own
        triples, refused = self._known[top]
        if closed is not None:
            closed += refused
        return triples


def join(folder: str, name: str) -> str:
    """The path as a user would type it: nothing before a name in the current folder."""
    return name if folder in ("", ".") else os.path.join(folder, name)


@dataclass(slots=True)
class Folder:
    """One folder below what was named."""

    path: str
    """As the user would type it."""
    parts: tuple[str, ...]
    """Its path below the deepest folder that everything named has in common."""
    typed: int
    """How many of these the user typed."""
    folders: list[str]
    files: list[str]
    """Names, sorted; hidden ones left out. Of files that were named themselves: only these."""
    named: bool = False
    """Its files were named themselves."""
    panoptic: str = ""
    """COLOURS: its RGB PNGs are panoptic, as its name says; EVERY: a panoptic JSON speaks of all that is in it."""

    @property
    def prefix(self) -> str:
        """What stands before the name of a file in its path."""
        return "" if self.path in ("", ".") else os.path.join(self.path, "")

    def up(self, steps: int) -> str:
        """The path of the folder `steps` above."""
        path = self.path
        for _ in range(steps):
            path = os.path.dirname(os.path.normpath(path))
        return path or "."


@dataclass(slots=True)
class Tree:
    """All folders below what was named."""

    folders: list[Folder]
    base: tuple[str, ...]
    """Names of the folder that everything has in common, as typed: what its own name and its parents' say."""
    roots: set[str]
    """Real paths of everything that was named."""


def read_tree(paths: Sequence[str], walker: Walker = walk) -> Tree:
    """Every folder below `paths`, once; files that were named themselves make a folder of only these. Paths that are
    not there are passed over."""
    real = {path: os.path.realpath(path) for path in paths if "\0" not in path}
    folders = outermost(paths)
    files: dict[str, list[str]] = {}
    inside = {real[path] for path in folders}
    for path in real:
        if not os.path.isdir(path) and os.path.lexists(path) and not _within(real[path], inside):
            files.setdefault(os.path.dirname(path), []).append(os.path.basename(path))
    parts = {path: _parts(path) for path in [*folders, *files]}
    if any(path.startswith(os.sep) for path in parts) and not all(path.startswith(os.sep) for path in parts):
        parts = {path: _parts(os.path.abspath(path)) for path in parts}
    common = _common(list(parts.values()))
    found = []
    for top in folders:
        start = len(os.path.join(top, "")) if top not in ("", ".") else 0
        above = parts[top][common:]
        for path, below, names in walker(top):
            rest = path[start:] if path != top else ""
            own = (*above, *rest.split(os.sep)) if rest else above
            found.append(Folder(path, own, len(above), list(below), [n for n in names if n[:1] != "."]))
    for top, names in files.items():
        found.append(Folder(top or ".", parts[top][common:], len(parts[top]) - common, [], sorted(set(names)), True))
    return Tree(found, _base(next(iter(parts), None), common), set(real.values()))


def outermost(paths: Sequence[str]) -> list[str]:
    """The folders among these paths, without those that lie in another of them, each once."""
    kept: dict[str, str] = {}
    for path in paths:
        if "\0" not in path and os.path.isdir(path):
            kept.setdefault(os.path.realpath(path), path)
    return [path for real, path in kept.items() if not _within(os.path.dirname(real), kept) or real == os.sep]


def _within(path: str, folders: Iterable[str]) -> bool:
    known = folders if isinstance(folders, (set, dict)) else set(folders)
    while path not in known:
        above = os.path.dirname(path)
        if above == path:
            return False
        path = above
    return True


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in os.path.normpath(path or ".").split(os.sep) if part not in ("", "."))


def _common(all_parts: list[tuple[str, ...]]) -> int:
    if not all_parts:
        return 0
    low, high = min(all_parts), max(all_parts)
    return next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))


def _base(path: str | None, common: int) -> tuple[str, ...]:
    if path is None:
        return ()
    names = _parts(path)[:common]
    if not names or names[-1] == "..":
        whole = _parts(os.path.abspath(path))
        names = whole[-1:] if not _parts(path) else ()
    return names[-3:]
