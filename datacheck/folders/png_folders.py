"""Where the PNGs of a panoptic file are: the folder that has most of the names it gives, in what was named.

Links to files are followed wherever they lead, as data sets in caches are made of them. Links to folders are not, as
everywhere: what lies behind one is seen where it is, if it is among what was named, or else not at all. A name comes
from the data, so that it may not lead out of its folder.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_FOLDERS = 200
"""Folders that are looked at for one file."""
MOST_PARENTS = 32
"""Folders within such a folder by which it is chosen, where names have folders of their own."""
LONGEST = 4096
"""Characters of a name; no system opens a longer one."""
MOST_NAMES = 2_000_000
"""Names of a folder that are looked at."""

_ENDINGS = re.compile(r"\.json(\.gz)?$", re.IGNORECASE)
_AROUND_NAME = re.compile(
    r"^(panoptic|instances|annotations)[_.-]+|[_.-]+(panoptic|annotations|coco|json)$", re.IGNORECASE
)
_NAMED_SO = re.compile(r"^(panoptic.*|.*panoptic|masks?|annotations|labels|segmentations?|pngs?)$", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """One PNG: `path` to open it, or None; `state` is ok (the name is there), missing, outside (the name leaves its
    folder) or linked (it leads through a link to a folder)."""

    path: str | None
    state: str
    detail: str | None = None


class Folders:
    """Folders that may be read from, and what they hold; each is listed once, and no file is looked at."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._roots = [(os.path.abspath(folder), os.path.realpath(folder)) for folder in allowed]
        self._listed: dict[str, frozenset[str]] = {}
        self._open: dict[str, bool] = {}

    def readable(self, folder: str) -> bool:
        """Whether a folder is one of those that may be read from, or lies in one and no link leads to it."""
        if folder not in self._open:
            own, real = os.path.abspath(folder), os.path.realpath(folder)
            self._open[folder] = any(
                real == root or (_lies_in(own, typed) and real == os.path.join(root, os.path.relpath(own, typed)))
                for typed, root in self._roots
            )
        return self._open[folder]

    def names(self, folder: str) -> frozenset[str]:
        """Names in a folder that may be read from; none for what is no such folder."""
        if folder not in self._listed:
            self._listed[folder] = frozenset(self._list(folder))
        return self._listed[folder]

    def _list(self, folder: str) -> list[str]:
        found: list[str] = []
        try:
            if self.readable(folder):
                with os.scandir(folder) as entries:
                    found += (entry.name for entry in islice(entries, MOST_NAMES))
        except (OSError, ValueError):
            pass
        return found

    def find(self, folder: str, name: str) -> Found:
        """The file that `name`, as a record gives it, names in `folder`."""
        if wrong := leaves(name):
            return Found(None, "outside", wrong)
        if len(name) > LONGEST:
            return Found(None, "missing")
        path = below(folder, os.path.normpath(name))
        parent, base = os.path.split(path)
        if base in self.names(parent or os.curdir):
            return Found(path, "ok")
        linked = parent not in ("", folder) and not self.readable(parent)
        return Found(None, "linked" if linked and os.path.isdir(parent) else "missing")


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def below(folder: str, name: str) -> str:
    """The path as a person would write it: without `./`."""
    return name if folder in ("", os.curdir) else os.path.join(folder, name)


def leaves(name: str) -> str | None:
    """Why a name cannot be one below a folder, or None."""
    if "\0" in name:
        return "file_name holds a NUL character"
    if os.path.isabs(name) or re.match(r"\\|[A-Za-z]:[/\\]", name):
        return "file_name is an absolute path"
    return "file_name leads out of its folder by .." if ".." in re.split(r"[/\\]", name) else None


def _candidates(path: str, folders: Folders, allowed: Sequence[str]) -> Iterator[str]:
    """Folders that may hold the PNGs of the panoptic file `path`, the likeliest first: beside it, named as the file or
    as folders of PNGs are; its own; one level up, named as the file; those that may be read from, and within them."""
    beside, name = os.path.split(path)
    beside = beside or os.curdir
    stem = _ENDINGS.sub("", name)
    plain = _AROUND_NAME.sub("", stem) or stem
    stems = [stem, plain, f"panoptic_{plain}", f"{plain}_panoptic"]
    yield from (below(beside, own) for own in stems)
    yield from _named_so(beside, folders)
    yield beside
    above = os.path.dirname(beside) or os.curdir
    if os.path.basename(beside) in ("", os.curdir, os.pardir):
        above = os.path.join(beside, os.pardir)
    yield from (below(above, own) for own in stems)
    for folder in allowed:
        yield folder
        yield from (below(folder, own) for own in stems)
        yield from _named_so(folder, folders)


def _named_so(folder: str, folders: Folders) -> list[str]:
    return [below(folder, own) for own in sorted(filter(_NAMED_SO.match, folders.names(folder)))]


def png_folder(path: str, names: Sequence[str], folders: Folders, allowed: Sequence[str]) -> str | None:
    """The folder that has most of the `names` that the panoptic file `path` gives; the likeliest of those with equally
    many; None where none has any."""
    wanted = [os.path.split(os.path.normpath(name)) for name in names if len(name) <= LONGEST and not leaves(name)]
    parents = {parent for parent, _ in Counter(parent for parent, _ in wanted).most_common(MOST_PARENTS)}
    wanted = [one for one in wanted if one[0] in parents]
    best, most, seen = None, 0, set()
    for folder in _candidates(path, folders, allowed):
        plain = os.path.normpath(folder)
        if plain in seen:
            continue
        seen.add(plain)
        listed = {parent: folders.names(below(folder, parent) if parent else folder) for parent in parents}
        count = sum(name in listed[parent] for parent, name in wanted)
        if count > most:
            best, most = folder, count
        if most == len(wanted) or len(seen) >= MOST_FOLDERS:
            break
    return best
