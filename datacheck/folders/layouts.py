"""How the names of mask files are to be read: what of them names the image, and what the object.

    map             masks/dog.png, masks/dog_mask.png, masks/video/00000.png    one file an image
    whole           the same, and the image has the word for mask in its name too
    folder-object   masks/dog/0.png                                             one file an object, a folder an image
    object-folder   video/001/00000.png                                         a folder an object (SA-V)
    flat-object     masks/dog_0.png                                             one file an object, side by side
    base            masks/any/dog.png                                           one file an image; folders say nothing

The images decide, where they are known: the first reading that names half of them is right. Else the shape of the
names does.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datacheck.folders.sample import OPENED, evenly, have_several_ids
from datacheck.folders.words import MASK, OBJECT_TAIL, WEAK, says_many

if TYPE_CHECKING:
    from datacheck.folders.families import Group

MAP, WHOLE, FOLDER_OBJECT, OBJECT_FOLDER, FLAT_OBJECT, BASE = (
    "map", "whole", "folder-object", "object-folder", "flat-object", "base",
)  # fmt: skip
OBJECTS = (FOLDER_OBJECT, OBJECT_FOLDER, FLAT_OBJECT)
TESTED = 64
"""Files on which readings are compared."""


@dataclass
class Names:
    """Files as one reading has them. `strip`: leading folders that all have in common, which the stems leave out."""

    how: str
    stems: list[str]
    objects: list[str | None]
    strip: str


def readings(group: Group) -> list[str]:
    """The readings that the names allow, the likeliest first where several name images."""
    free = set(group.unit.free)
    nested = bool(free - {""})
    tested = [group.cores[index] for index in evenly(len(group), TESTED)]
    found = [MAP]
    if group.constant:
        return found
    if group.named:
        found.append(WHOLE)
    if nested:
        found.append(FOLDER_OBJECT)
        found.append(OBJECT_FOLDER)
    if 5 * sum(OBJECT_TAIL.fullmatch(core) is not None for core in tested) >= 4 * len(tested):
        found.append(FLAT_OBJECT)
    if nested and len(set(group.cores)) == len(group.cores):
        found.append(BASE)
    return found


def names_of(group: Group, how: str, indices: Iterable[int] | None = None) -> Names:
    """Stems and objects of the files at `indices` (of all), in one reading."""
    free, where = group.unit.free, group.where
    strip = common_folders(free, leave=1 if how in (FOLDER_OBJECT, OBJECT_FOLDER) or group.constant else 0)
    folders = [path[len(strip) :] for path in free] if strip else free
    folders = [f"{path}/" if path else "" for path in folders]
    stems: list[str] = []
    objects: list[str | None] = []
    source = group.stems if how == WHOLE else group.cores
    for index in range(len(group)) if indices is None else indices:
        folder, core = folders[where[index]], source[index]
        item = group.items.get(group.stems[index]) if group.items else None
        if group.constant:
            core = folder[:-1] or group.stems[index]
        elif how == FOLDER_OBJECT:
            core, item = (folder[:-1], core) if folder else (core, None)
        elif how == OBJECT_FOLDER:
            above, _, item = folder[:-1].rpartition("/")
            core = f"{above}/{core}" if above else core
        elif how == FLAT_OBJECT:
            found = OBJECT_TAIL.fullmatch(core)
            core, item = (folder + found["stem"], found["object"]) if found else (folder + core, None)
        elif how != BASE:
            core = folder + core
        stems.append(core)
        objects.append(item)
    return Names(how, stems, objects, strip)


def common_folders(paths: Sequence[str], leave: int = 0) -> str:
    """The folders with which all of `paths` begin, with a slash at their end; the last `leave` of each never count."""
    if not paths:
        return ""
    low, high = min(paths).split("/"), max(paths).split("/")
    count = 0
    while count < min(len(low), len(high)) - leave and low[count] == high[count]:
        count += 1
    shared = [part for part in low[:count] if part]
    # The whole of a path has no slash at its end.
    return "/".join(shared) + ("/" if shared and count < min(len(low), len(high)) else "")


def likeliest(group: Group) -> str:
    """The reading that the names alone suggest."""
    allowed = readings(group)
    unit = group.unit
    folders = [path for path in unit.free if path]
    if not set(OBJECTS).isdisjoint(allowed) and has_several_ids(group):
        return MAP
    if FOLDER_OBJECT in allowed and folders:
        tested = [group.cores[index] for index in evenly(len(group), TESTED)]
        numbers = [core for core in tested if core.isdecimal()]
        last = [path.rpartition("/")[2] for path in folders]
        if 2 * len(numbers) > len(tested):
            long = 2 * sum(len(number) >= 4 for number in numbers) > len(numbers)
            numbered = sum(name.isdecimal() and len(name) <= 3 for name in last)
            if long and numbered == len(last) and (len(set(last)) > 1 or len(last[0]) == 3):
                return OBJECT_FOLDER
            counted = sum(number == str(int(number)) for number in numbers)
            if not long and 10 * counted >= 9 * len(numbers) and _start_low(group):
                return FOLDER_OBJECT
        elif 2 * sum(is_object(core) for core in tested) > len(tested):
            return FOLDER_OBJECT
    if FLAT_OBJECT in allowed and unit.rank in (MASK, WEAK) and _numbered_side_by_side(group):
        return FLAT_OBJECT
    return MAP


def has_several_ids(group: Group) -> bool:
    """Does a look into some of the files show that they are no masks of single objects?"""
    if group.several_ids is None:
        group.several_ids = have_several_ids([group.path(index) for index in evenly(len(group), OPENED)])
    return group.several_ids


def is_object(core: str) -> bool:
    """mask_3, object12, obj-1: the number of an object and a word for it."""
    word = core.rstrip("0123456789").rstrip("_-. ")
    return core[-1:].isdecimal() and word.lower() in ("mask", "object", "obj", "inst", "instance", "segment", "seg")


def _start_low(group: Group) -> bool:
    """Do the numbers in most folders start at 0 or 1?"""
    lowest: dict[int, int] = {}
    for at, core in zip(group.where, group.cores, strict=True):
        if core.isdecimal() and len(core) < 10:
            lowest[at] = min(int(core), lowest.get(at, 1 << 40))
    return 10 * sum(low <= 1 for low in lowest.values()) >= 9 * len(lowest)


def _numbered_side_by_side(group: Group) -> bool:
    """Files for objects, by their names alone: most stems have several, numbered from 0 or 1 without leading zeros, or
    the name of their folder says that there are many."""
    numbers: dict[str, list[str]] = {}
    for core in group.cores:
        found = OBJECT_TAIL.fullmatch(core)
        if found:
            numbers.setdefault(f"{found['stem']}{found['link']}", []).append(found["object"])
    if len(numbers) < 2:
        return False
    counted = sum(
        all(item == str(int(item)) for item in items)
        and sorted(map(int, items)) in ([*range(len(items))], [*range(1, len(items) + 1)])
        for items in numbers.values()
    )
    several = sum(len(items) > 1 for items in numbers.values())
    return 10 * counted >= 9 * len(numbers) and (
        2 * several > len(numbers) if says_many(tuple(group.unit.literal)) else 10 * several >= 9 * len(numbers)
    )


def pattern_of(group: Group, how: str, depth: int) -> str:
    """The pattern of the names below the folder whose path has `depth` parts, as --pattern takes it."""
    parts: list[str] = []
    signature = group.unit.signature[depth:]
    last = max((n for n, part in enumerate(signature) if part is None), default=-1)
    for place, part in enumerate(signature):
        if part is not None:
            parts.append(part)
        elif place == last and (how == FOLDER_OBJECT or group.constant):
            parts.append("{stem}")
        elif place == last and how == OBJECT_FOLDER:
            parts.append("{object}")
        elif parts[-1:] != ["{dir}"]:
            parts.append("{dir}")
    extension = group.extension()
    prefix, suffix = ("", "") if how == WHOLE else (group.prefix, group.suffix)
    if group.constant:
        name = group.prefix
    elif how == FOLDER_OBJECT:
        name = f"{prefix}{{object}}{suffix}"
    elif how == FLAT_OBJECT:
        links = Counter(found["link"] for core in group.cores[:1000] if (found := OBJECT_TAIL.fullmatch(core)))
        name = f"{prefix}{{stem}}{links.most_common(1)[0][0] if links else '_'}{{object}}{suffix}"
    else:
        name = f"{prefix}{{stem}}{suffix}"
    return os.path.join(*parts, name + extension)


def depth_of(group: Group, strip: str) -> int:
    """Parts in the path of the folder that is the source."""
    return group.unit.lead + strip.rstrip("/").count("/") + bool(strip)
