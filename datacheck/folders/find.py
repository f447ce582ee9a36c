"""Folders of masks below what is scanned, and the images that belong to them.

Nothing is opened but a sample of 16 files in each group of files that are named alike, and nothing outside of the
paths and options. What counts as masks, and on what evidence, is the table in `datacheck.folders.evidence`; how names
are read is in `datacheck.folders.layouts`; which images belong to masks in `datacheck.folders.partners`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from datacheck.errors import UsageError
from datacheck.folders.families import KINDS, extension_of
from datacheck.folders.given import Fitting, masks_in, names_in
from datacheck.folders.mask_folder import MaskFolder
from datacheck.folders.patterns import Pattern, shown
from datacheck.folders.search import Search
from datacheck.folders.tree import Tree, Walker, outermost, read_tree, walk, why_closed
from datacheck.folders.units import Unit, base_of, units_of, whole
from datacheck.folders.words import IMAGE, LABEL, MASK, says

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
            raise UsageError(f"{option} {shown(folder)}: {there}")
        if folder is not None and (reason := why_closed(folder)) is not None:
            raise UsageError(f"{option} {shown(folder)}: it cannot be listed: {reason}")
    tree = read_tree(paths, walker)
    given = _given_images(options.images, walker)
    found: list[MaskFolder] = []
    if options.masks is not None:
        tree = _without(tree, options.masks)
        search = Search(tree, given)
        inside = read_tree([options.masks], walker)
        if pattern is not None:
            found = [Fitting(options.masks, inside, pattern).source(search.units, given, required=True)]
        else:
            found = masks_in(options.masks, inside, search.units, given)
    elif pattern is not None:
        fitting = _fitting(paths, pattern, tree, walker)
        search = Search(tree, given)
        found = [fit.source(search.units, given, required=fit.is_root()) for fit in fitting]
    else:
        search = Search(tree, given)
    found += search.run()
    if not found and options.images is not None:
        for path in _without_records(paths, options.images, walker):
            found += masks_in(path, read_tree([path], walker), search.units, given)
    return sorted(found, key=lambda one: (one.path, one.pattern))


def _without_records(paths: Sequence[str], images: str, walker: Walker) -> list[str]:
    """The folders among these paths in which nothing but masks can be meant: there is no JSON, and they are none of
    images."""
    real = os.path.join(os.path.realpath(images), "")
    apart = [path for path in outermost(paths) if not real.startswith(os.path.join(os.path.realpath(path), ""))]
    return [
        path
        for path in apart
        if not any(extension_of(name) in (".json", ".jsonl", ".gz") for *_, names in walker(path) for name in names)
    ]


def _given_images(folder: str | None, walker: Walker) -> list[Unit]:
    """The folder of --images, as a whole first, then its parts."""
    if folder is None:
        return []
    tree = read_tree([folder], walker)
    if any(says(part) == IMAGE for one in tree.folders for part in one.parts):
        # A whole data set was given: what is called masks in it is no image.
        kept = [one for one in tree.folders if not any(says(part) in (MASK, LABEL) for part in one.parts)]
        tree = Tree(kept, tree.base, tree.roots)
    return [whole(folder, tree), *(unit for unit in units_of(tree) if unit.signature)]


def _without(tree: Tree, folder: str) -> Tree:
    """The tree without one folder and all below."""
    real = os.path.realpath(folder)
    below = os.path.join(real, "")
    kept = [f for f in tree.folders if not os.path.join(os.path.realpath(f.path), "").startswith(below)]
    return Tree(kept, tree.base, tree.roots)


def _fitting(paths: Sequence[str], pattern: Pattern, tree: Tree, walker: Walker) -> list[Fitting]:
    """The files in each path that the pattern fits, apart for each set of folders with one role where the pattern says
    nothing of folders; they are taken out of `tree`."""
    folders = outermost(paths)
    found = []
    for path in folders:
        inside = read_tree([path], walker)
        found += _by_role(inside, pattern, walker) if pattern.deep else [Fitting(path, inside, pattern)]
    found = [fit for fit in found if fit.paths]
    if not found:
        raise pattern.none_fits(", ".join(folders) or "the paths", names_in(tree))
    taken = {os.path.normpath(path) for fit in found for path in fit.paths}
    kept = []
    for folder in tree.folders:
        left = [name for name in folder.files if os.path.normpath(folder.prefix + name) not in taken]
        # What has lost all its masks is no empty folder of masks.
        if len(left) == len(folder.files) or any(extension_of(name) in KINDS for name in left):
            folder.files = left
            kept.append(folder)
    tree.folders[:] = kept
    return found


def _by_role(tree: Tree, pattern: Pattern, walker: Walker) -> list[Fitting]:
    """The files that a pattern fits, by what names say of their folders: gtFine/train and gtFine/val are two. Files in
    folders of images are masks only where there are no others."""
    units = [unit for unit in units_of(Tree(tree.folders, base_of(tree), tree.roots)) if not unit.together]
    units = [u for u in units if any(pattern.read(name) for folder in u.folders for name in folder.files)]
    units = [unit for unit in units if not (unit.rank == IMAGE and unit.own)] or units
    found = []
    for unit in units:
        top = unit.path(unit.lead)
        own = {os.path.normpath(folder.path) for folder in unit.folders}
        inside = read_tree([top], walker)
        some = [folder for folder in inside.folders if os.path.normpath(folder.path) in own]
        found.append(Fitting(top, Tree(some, inside.base, tree.roots), pattern, unit))
    return found
