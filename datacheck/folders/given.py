"""Masks that were said to be masks: --masks, and --pattern."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from datacheck.folders.amg import NAME, is_amg
from datacheck.folders.evidence import is_mask_group, may_be_masks
from datacheck.folders.families import PNG, Group, least_bad
from datacheck.folders.layouts import MAP, names_of
from datacheck.folders.mask_folder import AMG, LABEL_MAPS, OBJECT_MASKS, MaskFolder, Row, fill
from datacheck.folders.partners import Partners
from datacheck.folders.sample import evenly
from datacheck.folders.search import Search, give_images, join_groups
from datacheck.folders.tree import Folder, Tree, join
from datacheck.folders.units import Unit, whole
from datacheck.folders.words import IMAGE, says_many

if TYPE_CHECKING:
    from datacheck.folders.patterns import Pattern


def masks_in(folder: str, tree: Tree, around: Sequence[Unit], given: Sequence[Unit]) -> list[MaskFolder]:
    """The sources in a folder that holds masks, whatever it looks like. `tree`: of the folder; `around`: where images
    may be; `given`: where they must be."""
    search = Search(tree, given)
    if any(unit.rank == IMAGE and unit.own for unit in search.units):
        # It is a whole data set.
        search.run()
    else:
        _take_all(folder, search, around)
    if not search.found:
        empty = MaskFolder(folder, LABEL_MAPS, "{stem}.png", says_many(tree.base[-1:]))
        unit = Unit((), [], tree.base)
        give_images(empty, Group(unit, PNG, "", ""), None, Partners(around, given[:1]))
        search.found.append(empty)
    for found in search.found:
        found.required = True
    return search.found


def _take_all(folder: str, search: Search, around: Sequence[Unit]) -> None:
    """Everything in a folder that can be masks, as one source for each kind of them."""
    unit = whole(folder, Tree(search.rest, search.tree.base, search.tree.roots))
    partners = Partners([unit, *around], search.given[:1])
    for amg in search.amg:
        search.add_amg(amg, partners)
    accepted = [g for g in unit.groups if may_be_masks(g) and is_mask_group(g, partners.match(g), partners)]
    for group in join_groups(unit, accepted if accepted or search.amg else least_bad(unit), partners):
        search.add(group, partners, depth=0)


class Fitting:
    """The files below one folder that a pattern fits. They are taken out of `tree`: what is left may be images."""

    def __init__(self, folder: str, tree: Tree, pattern: Pattern, role: Unit | None = None) -> None:
        """`role`: what names say of these folders."""
        self.folder = folder
        self.tree = tree
        self.pattern = pattern
        self.unit = Unit((), [], tree.base) if role is None else Unit(role.signature, [], role.base)
        self.group = Group(self.unit, PNG, "", "")
        self.objects: list[str | None] = []
        self.paths: list[str] = []
        self._listed = {"/".join(at.parts): join(at.path, NAME) for at in tree.folders if NAME in at.files}
        folders: dict[str, int] = {}
        for at in tree.folders:
            left = []
            for name in at.files:
                below = name_below(at, name)
                read = pattern.read(below)
                if read is None:
                    left.append(name)
                    continue
                self.group.where.append(folders.setdefault(read.folder, len(folders)))
                self.group.names.append(below)
                self.group.cores.append(read.stem)
                self.objects.append(read.object)
                self.paths.append(join(at.path, name))
            at.files = left
        self.group.stems, self.unit.free = self.group.cores, list(folders)

    def is_root(self) -> bool:
        """Was this folder itself named, and does the pattern say nothing of folders in it?"""
        return self.pattern.deep and os.path.realpath(self.folder) in self.tree.roots

    def source(self, around: Sequence[Unit], given: Sequence[Unit], *, required: bool) -> MaskFolder:
        """These files as a source. Raises UsageError where there are none."""
        if not self.paths:
            raise self.pattern.none_fits(self.folder, names_in(self.tree))
        group = self.group
        partners = Partners([whole(self.folder, self.tree), *around], given[:1])
        stems = names_of(group, MAP).stems
        metadata = self._metadata(stems) if any(self.objects) else {}
        layout = AMG if metadata else OBJECT_MASKS if any(self.objects) else LABEL_MAPS
        many = layout != LABEL_MAPS or says_many(self.tree.base[-1:])
        found = MaskFolder(self.folder, layout, self.pattern.text, many, required, metadata=metadata)
        rows: list[Row] = list(zip(group.names, self.paths, stems, self.objects, strict=True))
        fill(found, rows)
        give_images(found, group, partners.match(group, [MAP]), partners)
        return found

    def _metadata(self, stems: Sequence[str]) -> dict[str, str]:
        """metadata.csv of each image, where amg.py wrote one of them."""
        folders = dict(zip(map(os.path.dirname, self.group.names), stems, strict=True))
        found = {stem: self._listed[folder] for folder, stem in folders.items() if folder in self._listed}
        paths = list(found.values())
        return found if any(is_amg(paths[index]) for index in evenly(len(paths))) else {}


def name_below(folder: Folder, name: str) -> str:
    """The name of a file below the path that was named."""
    return "/".join([*folder.parts, name])


def names_in(tree: Tree) -> list[str]:
    """A few names of files, for a message."""
    return [name_below(folder, name) for folder in tree.folders for name in folder.files[:3]][:3]
