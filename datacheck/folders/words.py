"""What the names of folders and files say: masks, images, neither.

Names are taken apart into words (`gtFine_trainvaltest`: gt, fine, trainvaltest). A name of more than five words is a
sentence, and says nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

MASK = "mask"
"""The name says masks."""
LABEL = "label"
"""It says labels: masks, or something else that was annotated (restoration and depth data say gt too)."""
WEAK = "weak"
"""It hints at masks."""
RESULT = "result"
"""It says that a model wrote what is in it: masks, or pictures and plots."""
IMAGE = "image"
OTHER = "other"
"""It says that this is neither a mask nor an image that belongs to masks."""
SPLIT = "split"
PLAIN = "plain"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MASK_WORDS = _words(
    "mask masks segmentation segmentations seg segs segm semseg segmap segmaps stuffthingmaps pixelmaps labelmap "
    "labelmaps labelids instanceids trainids labeltrainids silhouette silhouettes maskimages"
)
_LABEL_WORDS = _words("label labels gt gts groundtruth truth annotation annotations annot annots anno annos ann manual")
_WEAK_WORDS = _words(
    "sam sam2 sam3 amg instance instances inst object objects semantic semantics segments panoptic target targets "
    "matte mattes segment"
)
_IMAGE_WORDS = _words(
    "image images img imgs im ims jpeg jpegs jpg jpgs photo photos picture pictures pic pics frame frames rgb clip "
    "clips raw input inputs sat original originals leftimg video videos"
)
_OTHER_WORDS = _words(
    "depth depths disparity disparities disp flow flows normal normals feature features feat feats embedding "
    "embeddings latent latents thumb thumbs thumbnail thumbnails preview previews vis viz visualization "
    "visualizations visualisation visualisations overlay overlays checkpoint checkpoints ckpt ckpts weights models "
    "logs plots figures icons heatmap heatmaps colormap density blended"
)
_RESULT_WORDS = _words("pred preds prediction predictions out output outputs result results inference")
_SPLITS = _words("train training val valid validation dev test testing trainval minival eval evaluation trainvaltest")
_BINARY_WORDS = _words("salient saliency binary foreground camouflaged matting")
_CLASS_WORDS = _words("semseg semantic")
"""Panoptic data has maps of its classes too."""
_MANY_WORDS = _words(
    "instance instances inst instanceids sam sam2 sam3 amg panoptic objects segments segmentationobject"
)

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_A-Za-z]+")
MOST_WORDS = 5


@lru_cache(1 << 14)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case; none of a sentence."""
    found = tuple(word.lower() for word in _WORDS.findall(name[:200]))
    return found if len(found) <= MOST_WORDS else ()


@lru_cache(1 << 14)
def says(name: str) -> str:
    """What the name of a folder says."""
    if name.isdecimal():
        return PLAIN
    words = words_of(name)
    known = set(words)
    joined = name.lower()
    if known & _OTHER_WORDS:
        return OTHER
    # "labels_image" and "gt_image_2" (KITTI) hold labels; "semantic_rgb" and "sam_images" are pictures.
    if known & _MASK_WORDS or joined.endswith(("mask", "masks")):
        return MASK
    if known & _LABEL_WORDS or joined.endswith(("annot", "labels")) or ("labeled", "approved") in pairwise(words):
        return LABEL
    if known & _IMAGE_WORDS:
        return IMAGE
    if known & _WEAK_WORDS:
        return WEAK
    if known & _RESULT_WORDS:
        return RESULT
    if words and all(word in _SPLITS or word.isdigit() for word in words) and known & _SPLITS:
        return SPLIT
    return PLAIN


def is_item(name: str, siblings: int) -> bool:
    """Is a folder in a folder that says something named for what is in it, whatever its name says: clips/clip_03,
    masks/my_photo_of_a_dog? `siblings`: folders beside it, itself included."""
    if _SPLITS.intersection(words_of(name)):
        return False
    return name[-1:].isdecimal() or (siblings >= MOST_ROLES and len(words_of(name)) > 1)


MOST_ROLES = 12
"""Folders for roles (images, masks, depth, ...) that lie beside one another; more are named for what is in them."""


@lru_cache(1 << 14)
def core_of(name: str) -> str:
    """The words of a folder's name that tell it from its counterpart: `DUTS-TR-Mask` and `DUTS-TR-Image` leave
    duts tr."""
    kinds = _MASK_WORDS | _LABEL_WORDS | _WEAK_WORDS | _IMAGE_WORDS | _RESULT_WORDS
    if name.lower() == "leftimg8bit":
        return ""
    words = [word for word in words_of(name) or (name.lower(),) if word not in kinds]
    while words and words[-1] in ("class", "fine", "coarse", "ground", "8", "bit", "2", "3", "1", "st", "png"):
        words.pop()  # SegmentationClass and JPEGImages; gtFine and leftImg8bit; ground_truth; image_2
    return " ".join(words)


@lru_cache(1 << 14)
def split_of(name: str) -> str:
    """The split that a folder's name says, with its year, else nothing."""
    return name.lower() if says(name) == SPLIT else ""


def splits_in(*names: str) -> set[str]:
    """The splits that these names, or parts of names, speak of."""
    return {"val" if w.startswith("val") else w[:4] for n in names for w in words_of(n) if w in _SPLITS}


def says_many(names: tuple[str, ...]) -> bool:
    """Do these names say that an image has several segments?"""
    words = [word for name in names for word in words_of(name)]
    if _BINARY_WORDS.intersection(words) or (_CLASS_WORDS.intersection(words) and "panoptic" in words):
        return False
    return bool(_MANY_WORDS.intersection(words)) or ("segmentation", "object") in pairwise(words)


# the names of files

SUFFIX_WORDS = _MASK_WORDS | _LABEL_WORDS | {"gtfine", "gtcoarse", "semantic", "instance", "matte", "ground"}
_STRICT_SUFFIXES = _MASK_WORDS
PICTURED = _words("color colors colour colours vis viz overlay blend blended preview pred")
"""A family of files with one of these at its end shows masks to people."""
CALLED_IMAGE = _IMAGE_WORDS
"""Words that say image."""
_IMAGE_SUFFIXES = _IMAGE_WORDS | {"leftimg8bit"}


def split_name(stem: str, words: frozenset[str]) -> tuple[str, str]:
    """(prefix, suffix) of a stem that are words of `words` with their separators: `a_gtFine_labelIds` has the suffix
    `_gtFine_labelIds`, `mask_001` the prefix `mask_`. At least one character is left between them."""
    if stem.isdecimal():
        return "", ""
    end = len(stem)
    while True:
        cut = max(stem.rfind("_", 0, end), stem.rfind("-", 0, end), stem.rfind(".", 0, end), stem.rfind(" ", 0, end))
        if cut < 1 or stem[cut + 1 : end].lower() not in words:
            break
        end = cut
    start = 0
    if end == len(stem):
        head = _HEAD.match(stem)
        if head and head[1].lower() in words and len(head[0]) < end:
            start = len(head[0])
    return stem[:start], stem[end:]


_HEAD = re.compile(r"([A-Za-z]+)(?:[_\-. ]+|(?=[0-9]))")
OBJECT_TAIL = re.compile(
    r"(?P<stem>.+?)(?:(?<![_\-. ])|(?<=\A.))"
    r"(?P<link>[_\-. ]++(?:(?:masks?|obj|object|inst|instance|seg|segment|id)[_\-. ]?)?)"
    r"(?P<object>[0-9]{1,6})",
    re.DOTALL | re.IGNORECASE,
)
"""A stem that ends with the number of an object: `dog_3`, `dog_mask_3`. The link begins where its separators do, and
takes all of them: otherwise a name of nothing but separators is gone over once for each of them."""


def is_strict(affix: str) -> bool:
    """Does a prefix or suffix say masks, and not only labels?"""
    return any(word in _STRICT_SUFFIXES for word in re.split(r"[_\-. ]+", affix.lower()))


def is_pictured(suffix: str) -> bool:
    return any(word in PICTURED for word in re.split(r"[_\-. ]+", suffix.lower()))


def image_affix(stem: str) -> tuple[str, str]:
    """(prefix, suffix) of an image's stem that only say that it is an image: `img_001`, `aachen_0_leftImg8bit`."""
    return split_name(stem, _IMAGE_SUFFIXES)


def number_key(stem: str) -> str:
    """Equal for names that differ only in case, separators and leading zeros: img_1 and IMG-001."""
    return _SEPARATED.sub("", _BETWEEN.sub("#", _ZEROS.sub("", stem.lower())))


_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_BETWEEN = re.compile(r"(?<=[0-9])[_\-. ]+(?=[0-9])")
_SEPARATED = re.compile(r"[_\-. ]+")
