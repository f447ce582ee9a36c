"""How the names of masks and of images meet: in which reading, in which view, and how many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from datacheck.folders.families import Group, common_ends
from datacheck.folders.layouts import (
    FOLDER_OBJECT,
    MAP,
    OBJECT_FOLDER,
    TESTED,
    Names,
    has_several_ids,
    is_object,
    likeliest,
    names_of,
)
from datacheck.folders.sample import evenly
from datacheck.folders.words import number_key, splits_in

if TYPE_CHECKING:
    from datacheck.folders.partners import Images

FEWEST = 3
"""Files whose names begin and end alike by no accident."""


class Match(NamedTuple):
    """How masks and images meet. `share`: of the tested masks, those with an image. `near`: the same, with differences
    in case, separators and leading zeros passed over. `cut`: what follows (or precedes) the image's stem in the
    mask's."""

    images: Images
    how: str
    view: tuple[str, bool, str]
    share: float
    near: float
    covered: float = 0.0
    cut: tuple[str, str] = ("", "")

    @property
    def grade(self) -> int:
        return 2 if max(self.share, self.covered) >= 0.5 else 1 if self.near >= 0.5 else 0


def meet(group: Group, images: Images, hows: Sequence[str]) -> Match | None:
    """The best reading of the group's names against these images."""
    tested = evenly(len(group), TESTED)
    best: Match | None = None
    for how in hows:
        names = _sampled(group, how, tested)
        for view in images.views(names.strip):
            keys = images.view(*view)[1]
            if not keys or (view[0] == "base" and len(keys) < images.count):
                continue
            share = sum(stem in keys for stem in names.stems) / len(names.stems)
            if best is None or (share > best.share + 0.01 and best.share < 0.5):
                best = Match(images, how, view, share, 0.0)
    if best is not None and best.share >= 0.5 and best.how == OBJECT_FOLDER:
        return _unlike_objects(group, images, hows) or best
    if best is None or best.share >= 0.5:
        return best
    return _covered(group, images, best) or _cut(group, images, tested) or _near(group, images, hows, tested, best)


def _unlike_objects(group: Group, images: Images, hows: Sequence[str]) -> Match | None:
    """A better match than a folder an object, whose frames have the names of images: they do so by accident where
    folders are videos, of which some lack their images, or are called nearly as the images."""
    maps = meet(group, images, [MAP]) if MAP in hows else None
    if maps is not None and maps.share >= 0.1:
        return maps
    rest = [how for how in hows if how != OBJECT_FOLDER]
    names = {path.rpartition("/")[2] for path in group.unit.free}
    clips = any(images.unit.free) and not all(name.isdecimal() or is_object(name) for name in names)
    if has_several_ids(group) or (clips and not images.groups[0].constant and not _are_deeper(group, images)):
        return meet(group, images, rest) or Match(images, MAP, ("path", False, ""), 0.0, 0.0)
    objects = _near(group, images, [FOLDER_OBJECT], evenly(len(group), TESTED), None) if FOLDER_OBJECT in hows else None
    if objects is None or objects.near < 0.5:
        return None
    folders = _reached(group, images, FOLDER_OBJECT)
    frames = _reached(group, images, OBJECT_FOLDER)
    if folders > frames or (folders == frames and likeliest(group) == FOLDER_OBJECT):
        return objects
    return None


def _are_deeper(group: Group, images: Images) -> bool:
    """Are there folders of objects below those of videos?"""
    return max(path.count("/") for path in group.unit.free) > max(path.count("/") for path in images.unit.free)


def _reached(group: Group, images: Images, how: str) -> int:
    """Images that masks name in one reading, near enough."""
    named = set(map(number_key, names_of(group, how).stems))
    return max(len(images.near(view) & named) for view in images.views(""))


def _sampled(group: Group, how: str, tested: Sequence[int]) -> Names:
    return names_of(group, how, tested)


def _covered(group: Group, images: Images, best: Match) -> Match | None:
    """Half of the images, though not of the masks."""
    if best.share == 0 and len(group) <= TESTED:
        return None
    keys = images.view(*best.view)[1]
    covered = len(keys.intersection(names_of(group, best.how).stems)) / len(keys)
    return best._replace(covered=covered) if covered >= 0.5 else None


def _cut(group: Group, images: Images, tested: Sequence[int]) -> Match | None:
    """Masks that are called as their images with something unknown before or after: `21_training`, `21_manual1`."""
    if group.constant:
        return None
    for view in images.views(""):
        keys = images.view(*view)[1]
        names = names_of(group, MAP, tested).stems
        for end in (1, 0):
            cuts = Counter(cut for name in names for cut in _rests(name, keys, bool(end)))
            if cuts:
                cut, count = cuts.most_common(1)[0]
                if 2 * count >= len(names):
                    pair = ("", cut) if end else (cut, "")
                    return Match(images, MAP, view, count / len(names), 0.0, cut=pair)
    return _trimmed(group, images)


def _trimmed(group: Group, images: Images) -> Match | None:
    """Masks and images whose names differ in how all of them begin and end: `21_manual1`, `21_training`."""
    if min(len(group), images.count) < FEWEST or len(images.groups) > 1 or images.groups[0].constant:
        return None
    view = ("trim", False, "")
    before, after = common_ends(group.cores)
    keys = images.view(*view)[1]
    ends = common_ends(images.groups[0].stems)
    if len(keys) < images.count or (before, after) == ("", "") == ends:
        return None
    own, other = splits_in(before, after), splits_in(*ends)
    if own and other and own != other:
        return None  # val_1 is no mask of train_1.
    names = [core[len(before) : len(core) - len(after)] for core in group.cores]
    share = sum(name in keys for name in names) / len(names)
    if share < 0.5 or len(set(names)) < len(names):
        return None
    return Match(images, MAP, view, share, 0.0, cut=(before, after))


def _rests(name: str, keys: Collection[str | None], end: bool) -> list[str]:
    """What is left of a name after (or before) one of `keys`, where that is no part of a number."""
    folder, _, base = name.rpartition("/")
    folder += "/" if folder else ""
    found = []
    for at in range(1, len(base)):
        start, rest = (base[:at], base[at:]) if end else (base[at:], base[:at])
        edge = rest[0] if end else rest[-1]
        if not edge.isdecimal() and any(c.isalpha() for c in rest) and folder + start in keys:
            found.append(rest)
    return found


def _near(group: Group, images: Images, hows: Sequence[str], tested: Sequence[int], best: Match | None) -> Match | None:
    for how in hows:
        names = [number_key(stem) for stem in _sampled(group, how, tested).stems]
        for view in images.views(""):
            keys = images.near(view)
            near = sum(name in keys for name in names) / len(names)
            if best is None or near > best.near:
                best = Match(images, how, view, best.share if best and how == best.how else 0.0, near)
    return best
