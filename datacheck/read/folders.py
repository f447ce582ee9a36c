"""Folders of masks below what is scanned, and the images that belong to them.

Nothing is opened but a sample of 16 files in each group of files that are named alike, and nothing outside of the
paths and options. What counts as masks, and on what evidence, is the table in `datacheck.read.evidence`; how names are
read is in `datacheck.read.layouts`; which images belong to masks in `datacheck.read.partners`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datacheck.errors import UsageError
from datacheck.read.amg import NAME, is_amg
from datacheck.read.amg_folders import AmgFolder, take_amg
from datacheck.read.evidence import is_mask_group, may_be_masks
from datacheck.read.families import Group, cut_names, joined, least_bad
from datacheck.read.layouts import FOLDER_OBJECT, MAP, OBJECTS, Names, depth_of, likeliest, names_of, pattern_of
from datacheck.read.mask_folder import AMG, LABEL_MAPS, OBJECT_MASKS, MaskFolder, Row, fill, put_images
from datacheck.read.partners import Partners
from datacheck.read.patterns import Pattern
from datacheck.read.sample import evenly
from datacheck.read.tree import Folder, Tree, Walker, join, read_tree, walk
from datacheck.read.units import Unit, units_of, whole
from datacheck.read.words import LABEL, MASK, WEAK, says, says_many, words_of

__all__ = ["MaskFolder", "MaskOptions", "find_mask_folders"]


@dataclass(frozen=True)
class MaskOptions:
    """What was said about masks: the folder that holds them, the folder of their images, how their names are made."""

    masks: str | None = None
    images: str | None = None
    pattern: str | None = None


def find_mask_folders(paths: Sequence[str], options: MaskOptions, walker: Walker = walk) -> list[MaskFolder]:
    """Every folder of masks, by path. A single mask file that was named itself counts as a folder of it alone.

    Raises UsageError only for options that are wrong: no such folder, a pattern that is none or that no file fits.
    """
    pattern = Pattern(options.pattern) if options.pattern is not None else None
    for option, folder in (("--masks", options.masks), ("--images", options.images)):
        if folder is not None and ("\0" in folder or not os.path.isdir(folder)):
            there = "it is no folder" if "\0" not in folder and os.path.exists(folder) else "no such folder"
            raise UsageError(f"{option} {folder}: {there}")
    tree = read_tree(paths, walker)
    images_tree = read_tree([options.images], walker) if options.images is not None else None
    given = [whole(options.images, images_tree)] if options.images is not None and images_tree else []
    finder = _Finder(tree, given, images_tree)
    if options.masks is not None:
        finder.given_masks(options.masks, pattern, walker)
    elif pattern is not None:
        finder.by_pattern(paths, pattern)
    finder.search()
    return sorted(finder.found, key=lambda found: (found.path, found.pattern))


class _Finder:
    def __init__(self, tree: Tree, given: list[Unit], images_tree: Tree | None) -> None:
        self.tree = tree
        self.found: list[MaskFolder] = []
        _mark_panoptic(tree.folders)
        self.amg, rest = take_amg(tree.folders, tree.base)
        self.units = units_of(Tree(rest, tree.base, tree.roots))
        self.rest = rest
        parts = units_of(images_tree) if images_tree is not None else []
        self.partners = Partners(self.units, [*given, *(unit for unit in parts if unit.signature)])
        self.only_given = Partners(self.units, given)
        self.elsewhere: str | None = None
        """Real path of the folder given by --masks."""

    # What is masks by itself.

    def search(self) -> None:
        for amg in self.amg:
            if not self._is_elsewhere(amg.members[0]):
                self._add_amg(amg, self.partners)
        groups = [
            g
            for unit in self.units
            if not self._is_elsewhere(unit.folders[0])
            for g in unit.groups
            if not unit.together
        ]
        groups = [g for g in groups if g not in self.partners.masks and may_be_masks(g)]
        for unit, some in _by_unit(sorted(groups, key=_certainty)):
            accepted = []
            for group in some:
                if is_mask_group(group, self.partners.match(group), self.partners):
                    accepted.append(group)
                    self.partners.masks.add(group)
            groups, added = joined(unit, accepted)
            self.partners.masks.update(added)
            for group in groups:
                self._add(group, self.partners)
        self._empty_folders()

    def _is_elsewhere(self, folder: Folder) -> bool:
        if self.elsewhere is None:
            return False
        real = os.path.realpath(folder.path)
        return real == self.elsewhere or real.startswith(os.path.join(self.elsewhere, ""))

    def _empty_folders(self) -> None:
        """A folder that is called masks, beside images, and holds nothing at all."""
        for folder in self.rest:
            if folder.files or folder.folders or not folder.parts or says(folder.parts[-1]) != MASK or folder.named:
                continue
            group = Group(Unit(folder.parts, [folder], self.tree.base), "png", "", "")
            images = self.partners.counterpart(group)
            if images is not None and not self._is_elsewhere(folder):
                found = self._folder(group, folder.path, "{stem}.png", LABEL_MAPS)
                self._put(found, Names(MAP, [], [], ""), group, len(folder.parts))
                put_images(found, images, ("path", False, ""))

    # What was said to be masks.

    def given_masks(self, folder: str, pattern: Pattern | None, walker: Walker) -> None:
        """The folder of --masks, whatever it looks like."""
        self.elsewhere = os.path.realpath(folder)
        tree = read_tree([folder], walker)
        before = len(self.found)
        if pattern is not None:
            self._by_pattern(folder, tree, pattern, required=True)
        else:
            amg, rest = take_amg(tree.folders, tree.base)
            unit = whole(folder, Tree(rest, tree.base, tree.roots))
            partners = self._around(unit)
            for found in amg:
                self._add_amg(found, partners)
            accepted = [g for g in unit.groups if may_be_masks(g) and is_mask_group(g, partners.match(g), partners)]
            partners.masks.update(accepted)
            groups, added = joined(unit, accepted if accepted or amg else least_bad(unit))
            partners.masks.update(groups, added)
            for group in groups:
                self._add(group, partners, depth=0)
            if len(self.found) == before:
                group = Group(unit, "png", "", "")
                empty = MaskFolder(folder, LABEL_MAPS, "{stem}.png", says_many(tree.base[-1:]))
                self.found.append(empty)
                images = next((i for u in partners.given if (i := partners.images(u))), partners.counterpart(group))
                if images is not None:
                    put_images(empty, images, ("path", False, ""))
        for found_folder in self.found[before:]:
            found_folder.required = True

    def by_pattern(self, paths: Sequence[str], pattern: Pattern) -> None:
        """A pattern without --masks: it says which files below each path are masks."""
        folders = [path for path in paths if "\0" not in path and os.path.isdir(path)]
        fitting = [path for path in folders if self._by_pattern(path, read_tree([path]), pattern, required=False)]
        if not fitting:
            names = (join_name(f, name) for f in self.tree.folders for name in f.files)
            raise pattern.none_fits(", ".join(folders) or "the paths", names)

    def _around(self, unit: Unit) -> Partners:
        """Images for masks in `unit`: of --images where it was given, else of the folder itself and of all paths."""
        return Partners([unit, *self.only_given.units], self.only_given.given)

    def _by_pattern(self, folder: str, tree: Tree, pattern: Pattern, *, required: bool) -> bool:
        """One folder whose masks the pattern names. Files that do not fit may be the images."""
        places: dict[str, int] = {}
        unit = Unit((), [], tree.base)
        group = Group(unit, "png", "", "")
        objects: list[str | None] = []
        names: list[tuple[str, str]] = []
        for at in tree.folders:
            left = []
            for name in at.files:
                below = join_name(at, name)
                read = pattern.read(below)
                if read is None:
                    left.append(name)
                    continue
                group.where.append(places.setdefault(read.folder, len(places)))
                group.cores.append(read.stem)
                objects.append(read.object)
                names.append((join(at.path, name), below))
            at.files = left
        if not names:
            if required:
                raise pattern.none_fits(folder, (join_name(f, name) for f in tree.folders for name in f.files))
            return False
        unit.free = list(places)
        group.stems, group.names = group.cores, [below for _, below in names]
        partners = self._around(whole(folder, tree))
        match = partners.match(group, [MAP])
        read_names = names_of(group, MAP)
        layout = OBJECT_MASKS if any(objects) else LABEL_MAPS
        metadata = _metadata(tree.folders, dict(zip(map(os.path.dirname, group.names), read_names.stems, strict=True)))
        layout = AMG if metadata and layout == OBJECT_MASKS else layout
        many = layout != LABEL_MAPS or says_many(tree.base[-1:])
        found = MaskFolder(folder, layout, pattern.text, many, required, metadata=metadata if layout == AMG else {})
        rows = zip(names, read_names.stems, objects, strict=True)
        fill(found, [(below, path, stem, item) for (path, below), stem, item in rows])
        images = match.images if match is not None and match.grade else partners.counterpart(group)
        if images is not None:
            put_images(found, images, match.view if match is not None and match.grade else ("path", False, ""))
        self.found.append(found)
        self.elsewhere = os.path.realpath(folder) if self.elsewhere is None else self.elsewhere
        return True

    # Sources.

    def _add_amg(self, amg: AmgFolder, partners: Partners) -> None:
        group = amg.group()
        depth = len(amg.parent)
        path = amg.members[0].path if amg.alone else amg.members[0].up(1)
        pattern = "{object}.png" if amg.alone else "{stem}/{object}.png"
        found = MaskFolder(path, AMG, pattern, expects_many=True, required=self._is_root(path))
        found.metadata = amg.metadata
        stems, paths = [amg.stem(folder) for folder in amg.members], group.paths()
        rows: list[Row] = []
        for index, (at, name) in enumerate(zip(group.where, group.names, strict=True)):
            below = name if amg.alone else f"{amg.members[at].parts[depth]}/{name}"
            rows.append((below, paths[index], stems[at], group.stems[index]))
        fill(found, rows)
        self.found.append(found)
        if amg.alone:
            return
        match = partners.match(group, [FOLDER_OBJECT]) if rows else None
        images = match.images if match is not None and match.grade else partners.counterpart(group)
        if images is not None:
            put_images(found, images, match.view if match is not None and match.grade else ("path", False, ""))

    def _add(self, group: Group, partners: Partners, depth: int | None = None) -> None:
        match = partners.match(group)
        if match is not None and match.grade == 0:
            match = None
        if match is not None and match.cut != ("", ""):
            cut_names(group, match.cut)
        how = match.how if match is not None else likeliest(group)
        names = names_of(group, how)
        depth = depth_of(group, names.strip) if depth is None else depth
        lone = group.unit.named and len(group) == 1
        path = group.path(0) if lone else group.unit.path(depth)
        pattern = group.names[0] if lone else pattern_of(group, how, depth)
        found = self._folder(group, path, pattern, OBJECT_MASKS if how in OBJECTS else LABEL_MAPS)
        self._put(found, names, group, depth)
        images = match.images if match is not None else partners.counterpart(group)
        if images is not None and not (lone and match is None):
            put_images(found, images, match.view if match is not None else ("path", False, ""))

    def _folder(self, group: Group, path: str, pattern: str, layout: str) -> MaskFolder:
        unit = group.unit
        words = (*unit.literal, *(unit.base[-1:] if unit.rank in (MASK, LABEL, WEAK) or not unit.literal else ()))
        many = layout == OBJECT_MASKS or says_many((*words, group.prefix, group.suffix))
        return MaskFolder(path, layout, pattern, many, unit.named or self._is_root(path))

    def _put(self, found: MaskFolder, names: Names, group: Group, depth: int) -> None:
        folders = ["/".join(folder.parts[depth:]) for folder in group.unit.folders]
        folders = [f"{folder}/" if folder else "" for folder in folders]
        below = [folders[at] + name for at, name in zip(group.where, group.names, strict=True)]
        rows = list(zip(below, group.paths(), names.stems, names.objects, strict=True))
        fill(found, rows)
        self.found.append(found)

    def _is_root(self, path: str) -> bool:
        return os.path.realpath(path) in self.tree.roots


def _mark_panoptic(folders: Iterable[Folder]) -> None:
    """Folders of panoptic PNGs: called so, or beside a JSON of their own name."""
    by_parts = {folder.parts: folder for folder in folders if not folder.named}
    for folder in by_parts.values():
        above = by_parts.get(folder.parts[:-1]) if folder.parts else None
        beside = above is not None and f"{folder.parts[-1]}.json" in above.files
        folder.panoptic = beside or any("panoptic" in words_of(part) for part in folder.parts)


def _certainty(group: Group) -> int:
    """Names that say masks go first, so that the rest knows what is no image."""
    if group.unit.rank == MASK:
        return 0
    return 1 if group.named else 2 if group.unit.rank in (LABEL, WEAK) else 3


def _by_unit(groups: Sequence[Group]) -> Iterable[tuple[Unit, list[Group]]]:
    units: dict[Unit, list[Group]] = {}
    for group in groups:
        units.setdefault(group.unit, []).append(group)
    return units.items()


def _metadata(folders: Sequence[Folder], stems: dict[str, str]) -> dict[str, str]:
    """metadata.csv of the folders whose masks have these stems, where amg.py wrote one of them."""
    named = {"/".join(folder.parts): join(folder.path, NAME) for folder in folders if NAME in folder.files}
    found = {stem: named[folder] for folder, stem in stems.items() if folder in named}
    paths = list(found.values())
    return found if any(is_amg(paths[index]) for index in evenly(len(paths))) else {}


def join_name(folder: Folder, name: str) -> str:
    """The name of a file below the path that was named."""
    return "/".join([*folder.parts, name])
