"""Which images belong to a group of masks: by their names, and by where they lie.

Names are compared on a sample first, in every reading of the masks' names that is possible, then on all files. The best
is, in this order: a folder where names match; the mirrored one (masks/train and images/train, DUTS-TR-Mask and
DUTS-TR-Image); one that its name calls images; the nearest one. Folders of another split never match.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from datacheck.folders.families import ARRAY, PHOTO, Group, common_ends, strip_images
from datacheck.folders.layouts import (
    BASE,
    FLAT_OBJECT,
    OBJECT_FOLDER,
    TESTED,
    common_folders,
    names_of,
    readings,
)
from datacheck.folders.meeting import Match, meet
from datacheck.folders.sample import COLOURS, PICTURE, evenly, look_at
from datacheck.folders.words import CALLED_IMAGE, IMAGE, PLAIN, RESULT, SPLIT, WEAK, number_key

if TYPE_CHECKING:
    from datacheck.folders.units import Unit

NEAREST = 5
"""Units that are looked at in full, of those that share names with the masks."""

Keys = Sequence[str | None]


class Images:
    """The images of one unit, and the names by which masks may call them."""

    def __init__(self, unit: Unit, groups: Sequence[Group]) -> None:
        self.unit = unit
        self.groups = groups
        self.count = sum(map(len, groups))
        self._views: dict[tuple[str, bool, str], tuple[Keys, set[str | None]]] = {}
        self._near: dict[tuple[str, bool, str], set[str]] = {}
        self._photos: bool | None = None

    def near(self, key: tuple[str, bool, str]) -> set[str]:
        """The names of one view without what `number_key` passes over."""
        if key not in self._near:
            self._near[key] = {number_key(name) for name in self.view(*key)[1] if name is not None}
        return self._near[key]

    def view(self, view: str, bare: bool, below: str = "") -> tuple[Keys, set[str | None]]:
        """A name for each image (None: it is not below `below`), and the set of them. `view`: path (folders and stem,
        without `below`), own (without the folders that all images share), base (the stem) or trim (the stem without
        how all stems begin and end). `bare`: without words for image."""
        key = (view, bare, below)
        if key not in self._views:
            names: list[str | None] = []
            strip = common_folders(self.unit.free) if view == "own" else below
            for group in self.groups:
                stems: Sequence[str] = group.stems
                if bare and not group.constant:
                    stems = strip_images(group.stems) or group.stems
                elif view == "trim" and not group.constant:
                    before, after = common_ends(group.stems)
                    stems = [stem[len(before) : len(stem) - len(after)] for stem in group.stems]
                free = [f"{path}/" if path else "" for path in self.unit.free]
                if strip and not strip.endswith("/"):
                    strip += "/"
                known = [path[len(strip) :] if path.startswith(strip) else None for path in free]
                for at, stem in zip(group.where, stems, strict=True):
                    folder = "" if view in ("base", "trim") else known[at]
                    if group.constant:
                        names.append(None if folder is None else (known[at] or free[at])[:-1] or stem)
                    else:
                        names.append(None if folder is None else folder + stem)
            self._views[key] = names, set(names) - {None}
        return self._views[key]

    def views(self, below: str) -> list[tuple[str, bool, str]]:
        found = [("path", False, below)] if below else []
        found.append(("path", False, ""))
        if any(self.unit.free):
            found += [("own", False, ""), ("base", False, "")]
        if any(strip_images([g.stems[i] for i in evenly(len(g), TESTED)]) for g in self.groups if not g.constant):
            found += [(view, True, under) for view, _, under in found]
        return found

    def are_photos(self) -> bool:
        """Do they look like pictures, or are they called so?"""
        if self._photos is None:
            self._photos = any(group.kind == PHOTO for group in self.groups) or self.unit.rank == IMAGE
            for group in self.groups if not self._photos else ():
                looks = look_at(group.sample())
                self._photos = self._photos or looks.flat is False or looks.kind in (COLOURS, PICTURE)
        return self._photos


class Partners:
    """All images below what is scanned, and those of a folder that was given for images."""

    def __init__(self, units: Sequence[Unit], given: Sequence[Unit] = ()) -> None:
        self.units = [*units, *given]
        self.given = given
        self.masks: set[Group] = set()
        """Groups known to be masks, which are no images."""
        self._index: dict[str, set[int]] | None = None
        self._images: dict[tuple[Unit, int], Images | None] = {}

    def images(self, unit: Unit, group: Group | None = None) -> Images | None:
        """The images of a unit; of the group's own unit: those beside the group."""
        own = group is not None and group.unit is unit
        groups = [
            g for g in unit.groups if g is not group and g not in self.masks and _may_be_images(g, own, self.given)
        ]
        key = (unit, hash(tuple(map(id, groups))))
        if key not in self._images:
            self._images[key] = Images(unit, groups) if groups else None
        return self._images[key]

    def match(self, group: Group, hows: Sequence[str] | None = None) -> Match | None:
        """The images that belong to the group, by their names; None where there are no images that could."""
        hows = hows or readings(group)
        best = self._best(group, hows, self.given or self._around(group))
        if not self.given and (best is None or best.grade < 2):
            best = max(
                (m for m in (best, self._best(group, hows, self._sharing(group))) if m),
                key=partial(self._order, group),
                default=None,
            )
        return best

    def _best(self, group: Group, hows: Sequence[str], units: Sequence[Unit]) -> Match | None:
        matches = []
        for unit in dict.fromkeys(units):
            clash = unit.splits and group.unit.splits and unit.splits != group.unit.splits
            images = None if clash else self.images(unit, group)
            if images is not None and (found := meet(group, images, hows)) is not None:
                matches.append(found)
        return max(matches, key=partial(self._order, group), default=None)

    def _around(self, group: Group) -> list[Unit]:
        """The group's own unit, those with mirrored names, and those beside it that are called images."""
        own = group.unit
        same = [u for u in self.units if u is not own and u.core == own.core]
        siblings = [u for u in self.units if u.rank == IMAGE and _above(u) == _above(own)]
        return [own, *same[: 2 * NEAREST], *siblings[:NEAREST]]

    def _sharing(self, group: Group) -> list[Unit]:
        """Units with an image whose name a file of the group, or its folder, has."""
        if self._index is None:
            self._index = {}
            for number, unit in enumerate(self.units):
                for some in unit.groups:
                    if some.kind != ARRAY:
                        keys = unit.free if some.constant else some.stems
                        bare = None if some.constant else strip_images(some.stems)
                        for key in {*map(number_key, keys), *map(number_key, bare or ())}:
                            self._index.setdefault(key, set()).add(number)
        counts: Counter[int] = Counter()
        for index in evenly(len(group), TESTED):
            core = group.cores[index]
            folder = group.unit.free[group.where[index]].rpartition("/")[2]
            side = names_of(group, FLAT_OBJECT, [index]).stems[0].rpartition("/")[2]
            numbers: set[int] = set()
            for key in {core, group.stems[index], folder, side} - {""}:
                numbers |= self._index.get(number_key(key), set())
            counts.update(numbers)
        units = sorted(counts, key=lambda number: (-counts[number], -_shared(self.units[number], group.unit)))
        return [self.units[number] for number in units[:NEAREST]]

    def _order(self, group: Group, found: Match) -> tuple[float, ...]:
        unit = found.images.unit
        same = unit is group.unit
        mirrored = unit.core == group.unit.core
        named = unit.rank == IMAGE
        # Pictures in a folder that is called masks may be there to look at: a folder of images goes first.
        beside = same and group.unit.rank in (PLAIN, SPLIT, IMAGE)
        return (
            found.grade,
            beside,
            mirrored and not same,
            found.how not in (OBJECT_FOLDER, BASE),
            _shared(unit, group.unit),
            found.images.are_photos(),
            named,
            found.share,
        )

    def counterpart(self, group: Group) -> Images | None:
        """The folder of images that is the group's counterpart by name, whatever its images are called."""
        units = [u for u in self.units if u.rank == IMAGE and u is not group.unit and not u.vetoed]
        mirrored = [u for u in units if u.core == group.unit.core]
        if not mirrored:
            mirrored = [u for u in units if _above(u) == _above(group.unit)]
            mirrored = mirrored if len(mirrored) == 1 else []
        mirrored = [u for u in mirrored if not (u.splits and group.unit.splits and u.splits != group.unit.splits)]
        nearest = sorted(mirrored, key=lambda u: -_shared(u, group.unit))
        return next((images for u in nearest if (images := self.images(u, group)) is not None), None)


def _may_be_images(group: Group, own: bool, given: Sequence[Unit]) -> bool:
    unit = group.unit
    if group.kind == ARRAY:
        return False
    if group.constant:
        return group.prefix.lower() in CALLED_IMAGE
    if own:
        return not group.named
    if any(unit is one for one in given):
        return not group.named or all(other.named for other in unit.groups if other.kind != ARRAY)
    if (
        unit.vetoed
        or unit.rank not in (PLAIN, SPLIT, IMAGE, WEAK, RESULT)
        or (unit.rank == WEAK and group.kind != PHOTO)
    ):
        return False
    return unit.rank == IMAGE or not group.named


def _above(unit: Unit) -> tuple[str | None, ...]:
    return unit.signature[: max(0, unit.lead - 1)]


def _shared(one: Unit, other: Unit) -> int:
    """Folders that the paths of two units have in common."""
    count = 0
    for a, b in zip(one.signature, other.signature, strict=False):
        if a != b:
            break
        count += 1
    return count
