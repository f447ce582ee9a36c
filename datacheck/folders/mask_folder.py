"""What is known of one folder of masks before any of its files is opened."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from datacheck.folders.sample import evenly

if TYPE_CHECKING:
    from datacheck.folders.partners import Images

Row = tuple[str, str, str, str | None]
"""Name, path, stem and object of one mask file."""
LABEL_MAPS, OBJECT_MASKS, AMG = "label-maps", "object-masks", "amg"


@dataclass
class MaskFolder:
    """One folder of masks. Parallel lists, sorted by name; names are paths below the folder, with its separators."""

    path: str
    layout: str
    pattern: str
    expects_many: bool = False
    required: bool = False
    """Given by --masks, or itself one of the paths."""
    files: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    stems: list[str] = field(default_factory=list)
    """What a mask and its image have in common."""
    objects: list[str | None] = field(default_factory=list)
    images_folder: str | None = None
    images: list[str] = field(default_factory=list)
    image_names: list[str] = field(default_factory=list)
    image_stems: list[str] = field(default_factory=list)
    image_pattern: str | None = None
    """How the names of the images are made, as `pattern`: {stem}.jpg, {stem}_leftImg8bit.png. None: there are none."""
    metadata: dict[str, str] = field(default_factory=dict)
    """amg: stem -> path of its metadata.csv."""


def fill(found: MaskFolder, rows: list[Row]) -> None:
    rows.sort(key=lambda row: row[0])
    found.names = [row[0] for row in rows]
    found.files = [row[1] for row in rows]
    found.stems = [row[2] for row in rows]
    found.objects = [row[3] for row in rows]


def put_images(found: MaskFolder, images: Images, view: tuple[str, bool, str], *, given: bool) -> None:
    """Fill in the images, with the names of one view. `given`: they may be the masks themselves, which are no
    images."""
    keys = images.view(*view)[0]
    every = images.unit.folders
    used = {at for group in images.groups for at in group.where}
    if None in keys:
        wheres = (at for group in images.groups for at in group.where)
        used = {at for at, key in zip(wheres, keys, strict=True) if key is not None}
    if not used:
        return
    low, high = min(every[at].parts for at in used), max(every[at].parts for at in used)
    depth = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    deepest = every[min(used)]
    found.images_folder = deepest.up(len(deepest.parts) - depth)
    below = {at: "".join(f"{part}/" for part in every[at].parts[depth:]) for at in used}
    masks = set(_real(found.files)) if given else set()
    rows, start = [], 0
    for group in images.groups:
        own = zip(group.where, group.names, group.paths(), keys[start : start + len(group)], strict=True)
        rows += [(below[at] + name, path, key) for at, name, path, key in own if key is not None]
        start += len(group)
    if masks:
        rows = [row for row, real in zip(rows, _real([path for _, path, _ in rows]), strict=True) if real not in masks]
    rows.sort(key=lambda row: row[0])
    found.image_names = [row[0] for row in rows]
    found.images = [row[1] for row in rows]
    found.image_stems = [row[2] for row in rows]
    found.image_pattern = _image_pattern(found)


def _image_pattern(found: MaskFolder) -> str | None:
    patterns: Counter[str] = Counter()
    for index in evenly(len(found.images), 64):
        name, stem = found.image_names[index].rpartition("/")[2], found.image_stems[index].rpartition("/")[2]
        base, ending = os.path.splitext(name)
        at = base.find(stem)
        # Where a folder is named for the image, the name of the file says nothing: <stem>/image.png.
        patterns[f"{base[:at]}{{stem}}{base[at + len(stem) :]}{ending}" if at >= 0 else name] += 1
    return patterns.most_common(1)[0][0] if patterns else None


def _real(paths: list[str]) -> list[tuple[str, str]]:
    """Folders and names, equal where files are the same; each folder is looked at once."""
    split = [os.path.split(path) for path in paths]
    folders = {folder: os.path.realpath(folder or ".") for folder, _ in split}
    return [(folders[folder], name) for folder, name in split]
