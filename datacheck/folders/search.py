"""Looking through a tree for masks by what names say, and making sources of what is found."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from datacheck.folders.amg_folders import AmgFolder, take_amg
from datacheck.folders.evidence import is_mask_group, may_be_masks
from datacheck.folders.families import PNG, Group, cut_names, joined
from datacheck.folders.layouts import FOLDER_OBJECT, OBJECTS, Names, depth_of, likeliest, names_of, pattern_of
from datacheck.folders.mask_folder import LABEL_MAPS, OBJECT_MASKS, MaskFolder, Row, fill, put_images
from datacheck.folders.panoptic import mark_panoptic
from datacheck.folders.partners import Partners
from datacheck.folders.tree import Tree, why_closed
from datacheck.folders.units import Unit, base_of, units_of, without_shown
from datacheck.folders.words import LABEL, MASK, RESULT, WEAK, says, says_many

if TYPE_CHECKING:
    from datacheck.folders.meeting import Match

ANY_VIEW = ("path", False, "")


class Search:
    """Everything below one tree. `given`: the folders of --images, in which images are looked for then."""

    def __init__(self, tree: Tree, given: Sequence[Unit]) -> None:
        self.tree = tree
        self.given = given
        self.found: list[MaskFolder] = []
        mark_panoptic(tree.folders)
        self.amg, self.rest = take_amg(tree.folders, tree.base)
        self.rest = without_shown(self.rest)
        self.units = units_of(Tree(self.rest, base_of(tree), tree.roots))

    def run(self) -> list[MaskFolder]:
        """Every folder of masks."""
        partners = Partners(self.units, self.given)
        for amg in self.amg:
            self.add_amg(amg, partners)
        groups = [group for unit in self.units if not unit.together for group in unit.groups if may_be_masks(group)]
        for unit, some in _by_unit(sorted(groups, key=_certainty)):
            accepted = []
            for group in some:
                if is_mask_group(group, partners.match(group), partners):
                    accepted.append(group)
                    partners.masks.add(group)
            for group in join_groups(unit, accepted, partners):
                self.add(group, partners)
        self._empty_folders(partners)
        return self.found

    def _empty_folders(self, partners: Partners) -> None:
        """A folder that is called masks, beside images, and holds nothing at all."""
        for folder in self.rest:
            if folder.files or folder.folders or not folder.parts or says(folder.parts[-1]) != MASK or folder.named:
                continue
            group = Group(Unit(folder.parts, [folder], self.tree.base), PNG, "", "")
            if partners.counterpart(group) is not None and why_closed(folder.path) is None:
                found = self._folder(group, folder.path, "{stem}.png", LABEL_MAPS)
                self.found.append(found)
                give_images(found, group, None, partners)

    def add_amg(self, amg: AmgFolder, partners: Partners) -> None:
        """A source of what amg.py wrote."""
        group = amg.group()
        depth = len(amg.parent)
        path = amg.members[0].path if amg.alone else amg.members[0].up(1)
        pattern = "{object}.png" if amg.alone else "{stem}/{object}.png"
        required = self._is_root(path) or self._is_root(amg.members[0].path)
        found = MaskFolder(path, amg.layout, pattern, expects_many=True, required=required, metadata=amg.metadata)
        stems, paths = [amg.stem(folder) for folder in amg.members], group.paths()
        rows: list[Row] = []
        for index, (at, name) in enumerate(zip(group.where, group.names, strict=True)):
            below = name if amg.alone else f"{amg.members[at].parts[depth]}/{name}"
            rows.append((below, paths[index], stems[at], group.stems[index]))
        fill(found, rows)
        self.found.append(found)
        if amg.alone:
            _give_own_image(found, partners)
        else:
            give_images(found, group, partners.match(group, [FOLDER_OBJECT]) if rows else None, partners)

    def add(self, group: Group, partners: Partners, depth: int | None = None) -> None:
        """A source of a group that holds masks. `depth`: parts in the path of its folder, where that is known."""
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
        _put_names(found, names, group, depth)
        self.found.append(found)
        if not (lone and match is None):
            give_images(found, group, match, partners)

    def _folder(self, group: Group, path: str, pattern: str, layout: str) -> MaskFolder:
        unit = group.unit
        words = (*unit.literal, *(unit.base[-1:] if unit.rank in (MASK, LABEL, WEAK) or not unit.literal else ()))
        many = layout == OBJECT_MASKS or says_many((*words, group.prefix, group.suffix))
        return MaskFolder(path, layout, pattern, many, unit.named or self._is_root(path))

    def _is_root(self, path: str) -> bool:
        return os.path.realpath(path) in self.tree.roots


def _put_names(found: MaskFolder, names: Names, group: Group, depth: int) -> None:
    folders = ["".join(f"{part}/" for part in folder.parts[depth:]) for folder in group.unit.folders]
    below = [folders[at] + name for at, name in zip(group.where, group.names, strict=True)]
    fill(found, list(zip(below, group.paths(), names.stems, names.objects, strict=True)))


def give_images(found: MaskFolder, group: Group, match: Match | None, partners: Partners) -> None:
    """The images that match, else the folder that was given for images, else the counterpart by name."""
    if match is not None and match.grade:
        put_images(found, match.images, match.view, given=bool(partners.given))
        return
    images = next((i for unit in partners.given if (i := partners.images(unit))), None)
    images = images or (None if partners.given else partners.counterpart(group))
    if images is not None:
        put_images(found, images, ANY_VIEW, given=bool(partners.given))


def _give_own_image(found: MaskFolder, partners: Partners) -> None:
    """The image of a single folder, from what was given for images; the others there have their masks elsewhere."""
    for unit in partners.given:
        images = partners.images(unit)
        if images is None or not set(found.stems) & images.view(*ANY_VIEW)[1]:
            continue
        put_images(found, images, ANY_VIEW, given=True)
        own = [at for at, stem in enumerate(found.image_stems) if stem in set(found.stems)]
        found.images, found.image_names, found.image_stems = (
            [names[at] for at in own] for names in (found.images, found.image_names, found.image_stems)
        )
        return


def join_groups(unit: Unit, groups: Sequence[Group], partners: Partners) -> list[Group]:
    """`joined`, and what was added is known to be no image."""
    found, added = joined(unit, groups)
    partners.masks.update(groups, added)
    return found


def _certainty(group: Group) -> int:
    """Names that say masks go first, so that the rest knows what is no image."""
    if group.unit.rank == MASK:
        return 0
    return 1 if group.named else 2 if group.unit.rank in (LABEL, WEAK, RESULT) else 3


def _by_unit(groups: Sequence[Group]) -> Iterable[tuple[Unit, list[Group]]]:
    units: dict[Unit, list[Group]] = {}
    for group in groups:
        units.setdefault(group.unit, []).append(group)
    return units.items()
