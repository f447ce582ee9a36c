"""Folders that belong together, and the families of files in them.

A unit is a set of folders that play one role: `masks`, or all of `gtFine/train/*`, or all of `*/masks`. Names that say
something (masks, images, train) are kept apart, all others stand for one another. A group is the files of a unit that
are named alike: `*.jpg`, `*_mask.png`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from datacheck.folders.families import KINDS, PHOTO, Group, extension_of, groups_of
from datacheck.folders.sample import BROKEN, IDS, SAMPLE, evenly, look_at
from datacheck.folders.tree import Folder, Tree, join
from datacheck.folders.words import (
    IMAGE,
    LABEL,
    MASK,
    OTHER,
    PLAIN,
    RESULT,
    SPLIT,
    WEAK,
    core_of,
    is_item,
    says,
    split_of,
)  # fmt: skip

SCENES = 4
"""So many folders `<any>/masks` are one unit; fewer are data sets of their own."""

Signature = tuple[str | None, ...]


@dataclass(eq=False)
class Unit:
    """`signature`: the parts of the folders' paths, None where they differ. `free`: these parts, by folder."""

    signature: Signature
    folders: list[Folder]
    base: tuple[str, ...]
    free: list[str] = field(default_factory=list)
    rank: str = PLAIN
    """What the nearest name that says something says."""
    own: bool = False
    """That name lies below what was named, or is the name of the one folder itself."""
    vetoed: bool = False
    together: bool = False
    """Its folders are in units of their own as well: this one is for images only."""
    groups: list[Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        places = [n for n, part in enumerate(self.signature) if part is None]
        self.free = ["/".join([folder.parts[n] for n in places]) for folder in self.folders]
        below = len(self.literal)
        for distance, name in enumerate([*self.literal[::-1], *self.base[::-1]]):
            said = says(name)
            # Folders above what was named may be called anything.
            far = distance > below or (distance == below and None in self.signature)
            far = far and said in (OTHER, IMAGE, WEAK, RESULT)
            if said not in (PLAIN, SPLIT) and not far and self.rank == PLAIN:
                self.rank = said
                self.own = distance < below or not self.signature
        self.vetoed = self.rank == OTHER or (self.rank != MASK and any(says(name) == OTHER for name in self.literal))

    @property
    def literal(self) -> list[str]:
        return [part for part in self.signature if part is not None]

    @property
    def lead(self) -> int:
        """Parts before the first that differs."""
        return next((n for n, part in enumerate(self.signature) if part is None), len(self.signature))

    @property
    def named(self) -> bool:
        """Were its files named themselves?"""
        return bool(self.folders) and self.folders[0].named

    @property
    def core(self) -> tuple[str, ...]:
        """What its path and that of its counterpart have in common."""
        names = [core_of(part) if part is not None else "*" for part in self.signature]
        if not self.literal and self.base and self.rank not in (PLAIN, SPLIT):
            names = [*map(core_of, self.base[-1:]), *names]
        return tuple(name for name in names if name)

    @property
    def splits(self) -> set[str]:
        return {split for split in map(split_of, self.literal) if split}

    def path(self, depth: int) -> str:
        """The folder above all of them whose path has `depth` parts."""
        return self.folders[0].up(len(self.folders[0].parts) - depth)


def units_of(tree: Tree) -> list[Unit]:
    """Every unit with a file that may be a mask or an image, with its groups."""
    signed: dict[Signature, list[Folder]] = {}
    siblings = Counter(folder.parts[:-1] for folder in tree.folders if folder.parts)
    above = any(says(name) not in (PLAIN, SPLIT) for name in tree.base[-1:])
    for folder in tree.folders:
        if any(extension_of(name) in KINDS for name in folder.files):
            signature = _signature(folder.parts, siblings, above)
            signed.setdefault((*signature, f"{folder.named} {folder.panoptic}"), []).append(folder)
    units = []
    for signature, folders in signed.items():
        for fixed, some in _fixed(signature[:-1], folders):
            unit = Unit(fixed, some, tree.base)
            units += [unit] if _sure(unit) else _by_look(unit)
    for unit in units:
        unit.groups = groups_of(unit)
    return units


def base_of(tree: Tree) -> tuple[str, ...]:
    """What the names above everything say: nothing, where there are photos beside folders that are called masks or
    labels, so that a data set has been named, whatever it is called."""
    said = {folder.parts: {says(part) for part in folder.parts} for folder in tree.folders}
    if not any(MASK in known or LABEL in known for known in said.values()):
        return tree.base
    for folder in tree.folders:
        known = said[folder.parts]
        if folder.parts and not {MASK, LABEL, OTHER} & known and any(_is_photo(name) for name in folder.files[:SAMPLE]):
            return tuple("" if says(name) in (MASK, LABEL, WEAK) else name for name in tree.base)
    return tree.base


def _is_photo(name: str) -> bool:
    return KINDS.get(extension_of(name)) == PHOTO


def without_shown(folders: list[Folder]) -> list[Folder]:
    """Folders but those whose masks are pictures for people: Supervisely's masks_human beside masks_machine."""
    known = {folder.parts for folder in folders}
    shown = {parts for parts in known if parts[-1:] == ("masks_human",) and (*parts[:-1], "masks_machine") in known}
    return [folder for folder in folders if not any(folder.parts[: len(one)] == one for one in shown)]


def _signature(parts: tuple[str, ...], siblings: Counter[tuple[str, ...]], above: bool) -> Signature:
    """The parts that say something; `above`: the folder that all lie in does."""
    found: list[str | None] = []
    for place, part in enumerate(parts):
        said = says(part)
        plain = said == PLAIN or (above and is_item(part, siblings[parts[:place]]))
        found.append(None if plain else part)
        above = above or (not plain and said != SPLIT)
    return tuple(found)


def whole(folder: str, tree: Tree) -> Unit:
    """Everything below one folder as a unit, whatever its folders are called."""
    found = [f for f in tree.folders if any(extension_of(name) in KINDS for name in f.files)]
    depths = {len(f.parts) for f in found}
    unit = Unit((), [], (os.path.basename(os.path.abspath(folder)),))
    if found:
        unit.signature = (None,) * max(depths)
        unit.folders = found
        unit.free = ["/".join(f.parts) for f in found]
    unit.groups = groups_of(unit) if found else []
    return unit


def _fixed(signature: Signature, folders: list[Folder]) -> list[tuple[Signature, list[Folder]]]:
    """Parts before a name that says something stay free only where many folders differ in them."""
    last = max((n for n, part in enumerate(signature) if part is not None), default=-1)
    for place, part in enumerate(signature[: last + 1]):
        if part is None:
            values: dict[str, list[Folder]] = {}
            for folder in folders:
                values.setdefault(folder.parts[place], []).append(folder)
            if len(values) < SCENES or place < min(folder.typed for folder in folders):
                return [
                    fixed
                    for value, some in values.items()
                    for fixed in _fixed((*signature[:place], value, *signature[place + 1 :]), some)
                ]
    return [(signature, folders)]


def _sure(unit: Unit) -> bool:
    """Do names tell what the unit's folders hold?"""
    if unit.rank == RESULT:
        return unit.own and _classes(unit.folders) == {True}
    return unit.own if unit.rank in (IMAGE, WEAK, MASK, LABEL) else unit.rank == OTHER


def _by_look(unit: Unit) -> list[Unit]:
    """A unit whose names say nothing: the folders of each parent, taken apart where some hold pictures and others
    masks."""
    if None not in unit.signature or (unit.rank in (MASK, LABEL) and _classes(unit.folders) == {True}):
        return [unit]
    parents: dict[tuple[str, ...], list[Folder]] = {}
    for folder in unit.folders:
        parents.setdefault(folder.parts[:-1], []).append(folder)
    found = []
    for parent, folders in parents.items():
        classes: dict[bool, list[Folder]] = {}
        for folder in folders if len(folders) <= 8 * MANY else ():
            own = _classes([folder])
            if len(own) > 1:
                classes.clear()
                break
            classes.setdefault(own.pop() if own else False, []).append(folder)
        pictures = classes.pop(False, [])
        alone = pictures if len(pictures) <= MANY else []
        for some in (*classes.values(), *([one] for one in alone)):
            last = None if len(some) > 1 else some[0].parts[-1]
            found.append(Unit((*parent, last), some, unit.base))
        # Images may be those of one of these folders, or of all of them.
        rest = pictures or ([] if classes else folders)
        if len(rest) > 1 or not alone:
            found += [Unit((*parent, None), rest, unit.base, together=bool(alone))] if rest else []
    return found


MANY = 8
"""So many folders are a sequence; fewer may each have a role of their own."""


def _classes(folders: Sequence[Folder]) -> set[bool]:
    """Whether a sample of files in these folders look like masks, pictures, or both."""
    found = set()
    names = [(folder, name) for folder in folders[:SAMPLE] for name in folder.files]
    for folder, name in [names[index] for index in evenly(len(names), SAMPLE)]:
        kind = KINDS.get(extension_of(name))
        if kind == PHOTO:
            found.add(False)
        elif kind is not None:
            look = look_at([join(folder.path, name)])
            found.add((look.kind == IDS and look.flat is not False) or look.kind == BROKEN)
    return found
