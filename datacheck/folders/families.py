"""The files of a unit that are named alike: `*.jpg`, `*_mask.png`, `<stem>/mask.png`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datacheck.folders.sample import SAMPLE, evenly
from datacheck.folders.tree import join
from datacheck.folders.words import (
    IMAGE,
    LABEL,
    MASK,
    PICTURED,
    SUFFIX_WORDS,
    WEAK,
    image_affix,
    is_pictured,
    says,
    split_name,
    words_of,
)  # fmt: skip

if TYPE_CHECKING:
    from datacheck.folders.units import Unit

PNG, ARRAY, PHOTO = "png", "array", "photo"
KINDS = {
    ".png": PNG,
    **dict.fromkeys((".npy", ".npz", ".pt", ".pth"), ARRAY),
    **dict.fromkeys((".jpg", ".jpeg", ".jfif", ".bmp", ".tif", ".tiff", ".gif", ".webp"), PHOTO),
}
"""What the ending of a name says that a file may be."""


def extension_of(name: str) -> str:
    """The ending of a name, in lower case, with its dot."""
    return name[name.rfind(".") :].lower() if "." in name else ""


@dataclass(eq=False)
class Group:
    """Files of one unit that are named alike; parallel lists, in the order of folders and names."""

    unit: Unit
    kind: str
    prefix: str
    suffix: str
    constant: bool = False
    """One name in every folder: `<stem>/mask.png`."""
    where: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    stems: list[str] = field(default_factory=list)
    cores: list[str] = field(default_factory=list)
    """Stems without prefix and suffix."""
    items: dict[str, str] = field(default_factory=dict)
    """Of files beside the mask of their image: stem -> object, as 1 in `dog_mask_1` beside `dog_mask`."""
    several_ids: bool | None = None
    """layouts.has_several_ids, once it is known."""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def named(self) -> bool:
        """Does a word in the names tell these files from others?"""
        return bool(self.prefix or self.suffix or self.constant)

    def path(self, index: int) -> str:
        return join(self.unit.folders[self.where[index]].path, self.names[index])

    def paths(self) -> list[str]:
        """The paths of all files."""
        prefixes = [folder.prefix for folder in self.unit.folders]
        return [prefixes[at] + name for at, name in zip(self.where, self.names, strict=True)]

    def sample(self) -> list[str]:
        return [self.path(index) for index in evenly(len(self))]

    def extension(self) -> str:
        return Counter(os.path.splitext(name)[1] for name in self.names).most_common(1)[0][0]

    def marks(self) -> set[str]:
        """What tells files of a unit apart: free parts and core."""
        free = self.unit.free
        return {f"{free[at]}/{core}" for at, core in zip(self.where, self.cores, strict=True)}

    def add(self, other: Group) -> None:
        self.where += other.where
        self.names += other.names
        self.stems += other.stems
        self.cores += other.cores
        self.items |= other.items


def groups_of(unit: Unit) -> list[Group]:
    """The files of a unit by kind and by the words in their names."""
    nested = None in unit.signature
    families: dict[tuple[str, str, str, bool], Group] = {}
    for at, folder in enumerate(unit.folders):
        for name in folder.files:
            dot = name.rfind(".")
            kind = KINDS.get(name[dot:].lower()) if dot > 0 else None
            if kind is None:
                continue
            stem = name[:dot]
            constant = nested and not stem[-1:].isdecimal() and _is_constant(stem)
            prefix, suffix = (stem, "") if constant else split_name(stem, _FAMILY_WORDS)
            key = (kind, prefix.lower(), suffix.lower(), constant)
            group = families.get(key)
            if group is None:
                group = families[key] = Group(unit, kind, prefix, suffix, constant)
            group.where.append(at)
            group.names.append(name)
            group.stems.append(stem)
            group.cores.append("" if constant else stem[len(prefix) : len(stem) - len(suffix)])
    found: list[Group] = []
    for kind in (PNG, ARRAY, PHOTO):
        found += _consolidated([g for g in families.values() if g.kind == kind], list(families.values()), unit)
    return found


_FAMILY_WORDS = SUFFIX_WORDS | PICTURED


def _is_constant(stem: str) -> bool:
    words = words_of(stem)
    return bool(words) and (
        all(w in SUFFIX_WORDS or w in PICTURED for w in words) or (says(stem) == IMAGE and len(words) == 1)
    )


def _consolidated(groups: list[Group], others: Sequence[Group], unit: Unit) -> list[Group]:
    """Families that are no accident: those of a single file, or that do not stand beside another one, are joined."""
    plain = next((g for g in groups if not g.named), None)
    if plain is not None and len(groups) == 1:
        return groups
    beside = {key for g in others if not g.named for key in g.marks()}
    families: list[Group] = []
    for group in sorted((g for g in groups if g.named), key=len, reverse=True):
        paired = len(group.marks() & beside)
        alone = len(group) == 1 or (group.constant and 2 * len(group) < len(unit.folders))
        if group.constant:
            paired = 0 if alone else len(group)
        if alone and not paired and plain is not None:
            group.cores = group.stems
            plain.add(group)
            continue
        twin = next((f for f in families if may_join(f, group)), None)
        if twin is not None:
            twin.add(group)
        else:
            families.append(group)
    if plain is None:
        return families
    for family in families:
        _take_items(family, plain)
    if not len(plain):
        return families
    if families and unit.rank in (MASK, LABEL, WEAK) and not families[0].constant:
        first = families[0]
        if 2 * len(first.marks() & beside) < len(first) and are_apart(first, plain):
            plain.cores = plain.stems
            first.add(plain)
            return families
    return [plain, *families]


def _take_items(family: Group, plain: Group) -> None:
    """Move further masks of an image to the first one: `dog_mask_1` to `dog_mask`."""
    if not family.suffix or family.constant:
        return
    known = family.marks()
    tail = re.compile(
        rf"(?P<core>.+){re.escape(family.suffix)}[_\-. ]?(?P<item>[0-9]{{1,4}})", re.DOTALL | re.IGNORECASE
    )
    keep = Group(plain.unit, plain.kind, "", "")
    for at, name, stem in zip(plain.where, plain.names, plain.stems, strict=True):
        found = tail.fullmatch(stem) if stem[-1:].isdecimal() else None
        core = found["core"] if found and f"{plain.unit.free[at]}/{found['core']}" in known else None
        target = keep if core is None else family
        target.where.append(at)
        target.names.append(name)
        target.stems.append(stem)
        target.cores.append(stem if core is None else core)
        if found and core is not None:
            family.items[stem] = found["item"]
    plain.where, plain.names, plain.stems, plain.cores = keep.where, keep.names, keep.stems, keep.cores


def may_join(one: Group, other: Group) -> bool:
    """Are two families masks of one kind, for different images?"""
    alike = not one.constant and not other.constant and is_pictured(one.suffix) == is_pictured(other.suffix)
    return alike and are_apart(one, other)


def are_apart(one: Group, other: Group) -> bool:
    """Do two families hold masks of different images?"""
    keys, more = one.marks(), other.marks()
    return 2 * len(keys & more) < min(len(keys), len(more))


def strip_images(stems: list[str]) -> list[str] | None:
    """Stems of images without the word for image that at least nine in ten of them have; None where they have none."""
    if len(stems) > SAMPLE and strip_images([stems[index] for index in evenly(len(stems))]) is None:
        return None
    affixes = [image_affix(stem) for stem in stems]
    common, count = Counter((p.lower(), s.lower()) for p, s in affixes).most_common(1)[0]
    if common == ("", "") or 10 * count < 9 * len(stems):
        return None
    return [stem[len(p) : len(stem) - len(s)] for stem, (p, s) in zip(stems, affixes, strict=True)]


def common_ends(names: Sequence[str]) -> tuple[str, str]:
    """How all names begin, and how all end, apart from digits there; at least one character of each name is left."""
    before = _common_start(names).rstrip("0123456789")
    after = _common_start([name[::-1] for name in names])[::-1].lstrip("0123456789")
    short = min(map(len, names), default=0)
    if len(before) >= short:
        before = ""
    return before, after if len(before) + len(after) < short else ""


def _common_start(names: Sequence[str]) -> str:
    low, high = min(names, default=""), max(names, default="")
    return low[: next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))]


def joined(unit: Unit, groups: Sequence[Group]) -> tuple[list[Group], list[Group]]:
    """Groups of one unit that hold masks of different images are one, whatever their formats; in a folder of masks the
    files of other groups are added, but those that are its images. Second: the groups that were added."""
    found: list[Group] = []
    added: list[Group] = []
    for group in sorted(groups, key=len, reverse=True):
        twin = next((f for f in found if not (f.constant or group.constant) and are_apart(f, group)), None)
        if twin is not None:
            twin.add(group)
        else:
            found.append(group)
    if len(found) == 1 and unit.rank == MASK and not found[0].constant:
        for group in unit.groups:
            shown = is_pictured(group.suffix) or group.constant
            if group not in groups and not shown and are_apart(found[0], group):
                found[0].add(group)
                added.append(group)
    return found, added


def least_bad(unit: Unit) -> list[Group]:
    """What to take for masks in a folder that is said to hold them."""
    groups = [g for g in unit.groups if not is_pictured(g.suffix)] or unit.groups
    for kind in (ARRAY, PNG, PHOTO):
        chosen = [group for group in groups if group.kind == kind]
        if chosen:
            return [group for group in chosen if group.named] or chosen
    return groups


def cut_names(group: Group, cut: tuple[str, str]) -> None:
    """Leave out how the names begin and end."""
    before, after = cut
    for index, core in enumerate(group.cores):
        if core.startswith(before) and core.endswith(after) and len(core) > len(before) + len(after):
            group.cores[index] = core[len(before) : len(core) - len(after)]
    group.prefix, group.suffix = group.prefix + before, after + group.suffix
