"""Is a group of files masks? What names say, what matches, and what a sample of files looks like, weighed.

`name`: the nearest folder whose name says something (words.says). `affix`: a word in the names of the files, as _mask.
`paired`: half of the masks, or of the images, meet in name. `flat`: few bits a pixel.

| name             | ids                 | colours               | floats, .npz, .pt         | jpg, tif, ...         |
|------------------|---------------------|-----------------------|---------------------------|-----------------------|
| affix of masks   | flat, or paired     | paired                | paired                    | paired                |
| affix of labels  | flat and paired     | flat and paired       | no                        | grey, flat, paired    |
| folder of masks  | yes                 | flat, paired, or kin  | paired, kin, or "mask"    | paired, or kin        |
| folder of labels | flat                | flat; paired or kin   | paired and no floats      | grey, flat, paired    |
| sam, objects ... | flat                | flat; paired or kin   | no                        | grey, flat, paired    |
| out, preds ...   | flat, paired twice  | no                    | no                        | no                    |
| none             | flat, paired twice  | no                    | no                        | no                    |
| folder of images | no                  | no                    | no                        | no                    |
| depth, overlays  | affix of masks and paired | no              | no                        | no                    |

kin: a folder of images is the counterpart by its name. ids: grey, palette and 1-bit PNGs; bool, integer and
whole-number arrays. colours: RGB PNGs.

Panoptic PNGs (RGB, beside a JSON of the folder's name, or called panoptic) are never masks here: they belong to their
JSON, and so does whatever lies in a folder that a panoptic JSON speaks of. Files that are all broken count as ids
where the name says masks, and where it says labels and images meet them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datacheck.folders.families import ARRAY, PHOTO, Group
from datacheck.folders.panoptic import EVERY
from datacheck.folders.sample import BROKEN, COLOURS, FLOATS, IDS, PACKED, PICTURE, Looks, look_at
from datacheck.folders.words import CALLED_IMAGE, IMAGE, LABEL, MASK, PICTURED, WEAK, is_pictured, is_strict, words_of

if TYPE_CHECKING:
    from datacheck.folders.meeting import Match
    from datacheck.folders.partners import Images, Partners
    from datacheck.folders.units import Unit


def may_be_masks(group: Group) -> bool:
    """Whether a look at the files is worth it."""
    if any(folder.panoptic == EVERY for folder in group.unit.folders):
        return False
    if is_pictured(group.suffix) or (group.constant and not _affix(group)):
        return False
    if group.kind == PHOTO:
        return bool(_affix(group)) or group.unit.rank in (MASK, LABEL, WEAK)
    return bool(_affix(group)) or group.unit.rank != IMAGE


def _shown_to_people(unit: Unit) -> bool:
    """Supervisely writes masks_machine, and masks_human to look at."""
    return words_of(unit.literal[-1] if unit.literal else "") == ("masks", "human")


def _affix(group: Group) -> str | None:
    """What a word in the names of the files says."""
    if not group.named or (group.constant and any(word in group.prefix.lower() for word in PICTURED)):
        return None
    if group.constant:
        return MASK if is_strict(group.prefix) else None if group.prefix.lower() in CALLED_IMAGE else LABEL
    return MASK if is_strict(group.prefix + group.suffix) else LABEL


def is_mask_group(group: Group, match: Match | None, partners: Partners) -> bool:
    """The table of this module, for one group and the images that match it best."""
    unit = group.unit
    looks = look_at(group.sample())
    paired = match is not None and match.grade == 2
    near = match is not None and match.grade >= 1
    flat = looks.flat is not False
    if any(folder.panoptic for folder in unit.folders) and looks.kind in (COLOURS, BROKEN):
        return False
    if _shown_to_people(unit) and looks.kind != IDS:
        return False
    affix = _affix(group)
    if unit.vetoed:
        return affix == MASK and paired and looks.kind == IDS
    if any(folder.named for folder in unit.folders) and len(group) == 1 and _is_lone_mask(group, looks):
        return True
    if unit.rank == MASK:
        return _in_folder_of_masks(group, looks, near, partners.counterpart(group))
    if affix == MASK:
        if looks.kind == IDS and flat:
            return paired or unit.rank != IMAGE
        return near
    if affix == LABEL and (unit.rank not in (LABEL, WEAK) or group.constant):
        return paired and _looks_painted(looks)
    if unit.rank in (LABEL, WEAK):
        return _in_folder_of_labels(group, looks, near, partners.counterpart(group))
    return (
        unit.rank != IMAGE
        and paired
        and match is not None
        and looks.kind == IDS
        and flat
        and match.share * len(group) >= 2
        and match.images.are_photos()
    )


def _in_folder_of_masks(group: Group, looks: Looks, near: bool, counterpart: Images | None) -> bool:
    kin = near or counterpart is not None
    if group.kind == PHOTO and any(g.kind != PHOTO for g in group.unit.groups):
        # Beside masks of another kind: their images, or pictures of them to look at.
        others = [g for g in group.unit.groups if g.kind != PHOTO]
        if any(2 * len(g.marks() & group.marks()) >= len(group) for g in others):
            return False
    if looks.kind == IDS:
        return group.unit.own or looks.flat is not False or near
    if looks.kind == COLOURS:
        return looks.flat is True or kin
    if looks.kind in (FLOATS, PACKED):
        names = [*group.unit.literal, *group.unit.base[-1:]]
        return kin or any("mask" in name.lower() for name in names)
    if looks.kind == PICTURE:
        return kin and group.kind != ARRAY
    return True


def _in_folder_of_labels(group: Group, looks: Looks, near: bool, counterpart: Images | None) -> bool:
    kin = near or counterpart is not None
    if looks.kind == IDS:
        return looks.flat is not False
    if looks.kind == COLOURS:
        return looks.flat is True and kin
    if looks.kind == PACKED:
        return near and group.unit.rank == LABEL
    if looks.kind == PICTURE:
        return near and group.kind != ARRAY and _looks_painted(looks)
    return looks.kind == BROKEN and kin


def _looks_painted(looks: Looks) -> bool:
    if looks.kind == PICTURE:
        return looks.grey and looks.flat is not False
    return looks.kind in (IDS, COLOURS) and looks.flat is not False


def _is_lone_mask(group: Group, looks: Looks) -> bool:
    """One file that was named itself. A .pt alone is more likely a model."""
    ending = group.extension().lower()
    return group.kind != PHOTO and ending not in (".pt", ".pth") and looks.kind in (IDS, BROKEN, PACKED)
