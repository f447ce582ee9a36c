"""Heavily overlapping instances of one class: pairs that their boxes make likely, and the masks of these compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datacheck.measure import overlaps
from datacheck.measure.drawn import costs, drawn, of_pairs
from datacheck.measure.outlines import FARTHEST
from datacheck.read.again import texts_of
from datacheck.read.detect import TASKS
from datacheck.read.records import ABSENT, Annotation, decode_one
from datacheck.read.segmentations import segmentation_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msgspec import Raw
    from numpy.typing import NDArray

    from datacheck.read.places import Places
    from datacheck.run.assemble import Parts

    Ints = NDArray[np.int64]

MOST_PAIRS = 20_000
"""Pairs whose masks are compared; images share them fairly, and each takes those that come first."""
MOST_TEXT, MOST_TEXT_OF_IMAGE = 64 << 20, 4 << 20
"""Bytes of their records."""
MOST_COST = 1 << 24
"""Columns that the outlines of these masks may pass, and runs that they may have, summed over the pairs: 3 seconds.
Images share them fairly."""
MOST_COST_OF_ONE, DRAWN_TOGETHER = 1 << 20, 1 << 20
"""The same of one mask, and of the pairs that are in memory as pixels at the same time."""
LEAST_AREA_RATIO = 0.6
"""Masks whose areas, as far as they were measured, differ by more cannot have a higher IoU."""
_KINDS = ("polygons", "rle", "rle-list")


SIDES = ("box_x", "box_y", "box_w", "box_h")
PART = 250_000
"""Boxes that are sorted at once."""


def measure_overlaps(annotations: Parts, images: Parts, formats: Sequence[str | None], places: Places) -> None:
    """Fill `overlap_iou`, `overlap_ordinal` and `overlap_complete`.

    Only annotations of sources for instances or keypoints are looked at, and no crowds. Where a mask of a likely pair
    cannot be drawn, the second one gets an ordinal without an IoU. Where pairs are too many, those that were left out
    leave `overlap_complete` NULL: on both boxes of a pair that was not looked at, on the second one of a likely pair.
    """
    n = len(annotations)
    if not n:
        return
    whole = np.ones(n, bool)
    if {"box_x", "segmentation_kind"} <= annotations.columns.keys():
        pairs = _likely(annotations, formats)
        first, second = pairs.first, pairs.second
        iou, left_out = _compare(annotations, images, first, second, places)
        whole &= ~pairs.left_out
        whole[second[left_out]] = False
        best = np.lexsort((np.where(np.isnan(iou), -1.0, iou), second))
        best = best[np.append(second[best][1:] != second[best][:-1], True)] if len(best) else best
        values, ordinals, known, seen = np.zeros(n), np.zeros(n, np.int64), np.zeros(n, bool), np.zeros(n, bool)
        values[second[best]], known[second[best]] = iou[best], ~np.isnan(iou[best])
        ordinals[second[best]] = np.asarray(annotations.numpy("ordinal"), np.int64)[first[best]]
        seen[second[best]] = True
        annotations.put("overlap_iou", values, ~known)
        annotations.put("overlap_ordinal", ordinals, ~seen)
    annotations.put("overlap_complete", whole, ~whole)


def _likely(annotations: Parts, formats: Sequence[str | None]) -> overlaps.Pairs:
    """Pairs that boxes, kinds and areas let through."""
    wanted = np.array([f is not None and TASKS[f] in ("instances", "keypoints") for f in formats] or [False])
    box = np.empty((len(SIDES), len(annotations)), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for number, name in enumerate(SIDES):
            box[number] = _numbers(annotations, name)
        usable = wanted[annotations.source] & np.isfinite(box.sum(axis=0)) & (box[2] > 0) & (box[3] > 0)
    if "iscrowd" in annotations.columns:
        usable &= np.asarray(annotations.numpy("iscrowd", 0)) != 1
    image, category = (np.asarray(annotations.numpy(f"{name}_row", -1), np.int64) for name in ("image", "category"))
    usable &= (image >= 0) & (category >= 0)
    if usable.any():
        kind = annotations.columns["segmentation_kind"].cast(pa.string())
        usable &= pc.is_in(kind, value_set=pa.array(_KINDS)).to_numpy()
    group = image * (int(category.max(initial=0)) + 1) + category
    pairs = _in_parts(np.flatnonzero(usable), image, group, box)
    first, second = pairs.first, pairs.second
    if len(first):
        rows = np.unique(np.concatenate([first, second]))
        area = _areas(annotations, rows)
        one, two = np.searchsorted(rows, first), np.searchsorted(rows, second)
        with np.errstate(invalid="ignore"):
            alike = ~(np.minimum(area[one], area[two]) < LEAST_AREA_RATIO * np.maximum(area[one], area[two]))
        # Of two with exactly the same box a rule of its own speaks.
        differs = [(own := _some(annotations, name, rows))[one] != own[two] for name in SIDES]
        keep = alike & np.logical_or.reduce(differs)
        pairs.first, pairs.second = first[keep], second[keep]
    return pairs


def _in_parts(usable: Ints, image: Ints, group: Ints, box: NDArray[np.float32]) -> overlaps.Pairs:
    """The pairs of some images after the other, so that memory does not follow the number of annotations."""
    count = -(-len(usable) // PART) or 1
    found, left_out = [], np.zeros(len(group), bool)
    for number in range(count):
        rows = usable[image[usable] % count == number] if count > 1 else usable
        pairs = overlaps.likely_pairs(group[rows], box[:, rows], overlaps.MOST_COMPARED // count)
        found.append((rows[pairs.first], rows[pairs.second]))
        left_out[rows] = pairs.left_out
    first, second = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((second, first))
    return overlaps.Pairs(first[order], second[order], left_out)


def _numbers(parts: Parts, name: str) -> NDArray[np.float64]:
    """NaN where NULL."""
    return np.asarray(parts.numpy(name, np.nan), np.float64)


def _areas(annotations: Parts, rows: Ints) -> NDArray[np.float64]:
    """[R] measured px² of the masks of some rows; NaN where not known. What is recorded may be wrong."""
    found = np.full(len(rows), np.nan)
    for name in ("polygon_area", "rle_area"):
        own = _some(annotations, name, rows)
        found = np.where(np.isnan(found) & (own > 0), own, found)
    return found


def _compare(
    annotations: Parts, images: Parts, first: Ints, second: Ints, places: Places
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """([P] IoU of the masks of pairs, NaN where one cannot be drawn, [P] those that were left out as too many)."""
    iou = np.full(len(first), np.nan)
    image = _some(annotations, "image_row", second).astype(np.int64)
    left_out = ~overlaps.within_share(np.ones(len(first), np.int64), image, MOST_PAIRS)
    chosen = np.flatnonzero(~left_out)
    if not len(chosen):
        return iou, left_out
    rows = np.unique(np.concatenate([first[chosen], second[chosen]]))
    one, two = np.searchsorted(rows, first[chosen]), np.searchsorted(rows, second[chosen])
    texts, beyond = _segmentations(annotations, rows, places)
    left_out[chosen[beyond[one] | beyond[two]]] = True
    rings, masks = segmentation_columns(texts, {}, lambda _: None)
    width, height = _frames(annotations, images, rows)
    cost = costs(rings, masks, width, height)
    cost[cost > MOST_COST_OF_ONE] = -1
    keep = np.flatnonzero((cost[one] >= 0) & (cost[two] >= 0))
    total = cost[one[keep]] + cost[two[keep]]
    within = overlaps.within_share(total, image[chosen[keep]], MOST_COST)
    left_out[chosen[keep[~within]]] = True
    keep, total = keep[within], np.cumsum(total[within])
    for part in np.split(keep, np.flatnonzero(np.diff(total // DRAWN_TOGETHER)) + 1) if len(keep) else []:
        wanted = np.zeros(len(rows), bool)
        wanted[one[part]] = wanted[two[part]] = True
        spans = drawn(rings, masks, wanted, width, height)
        shared, either = overlaps.mask_iou(of_pairs(spans, one[part]), of_pairs(spans, two[part]), len(part))
        iou[chosen[part]] = np.where(either > 0, shared / np.maximum(either, 1), np.nan)
    return iou, left_out


def _segmentations(annotations: Parts, rows: Ints, places: Places) -> tuple[list[Raw], NDArray[np.bool_]]:
    """(the segmentations of some rows, in ascending order, as they stand in the file; absent where they cannot be read
    again, which were left out as too long)."""
    found, beyond = [ABSENT] * len(rows), np.zeros(len(rows), bool)
    ordinals, ids = _some(annotations, "ordinal", rows), _some(annotations, "id", rows)
    alone = _some(annotations, "id_count", rows) == 1
    known = np.flatnonzero(alone & ~np.isnan(ids))
    ids_of = dict(zip(known.tolist(), ids[known].astype(np.int64).tolist(), strict=True))
    images = _some(annotations, "image_row", rows).tolist()
    room, of_image = MOST_TEXT, dict.fromkeys(images, MOST_TEXT_OF_IMAGE)
    sources = annotations.source[rows]
    for source in np.unique(sources).tolist():
        own = np.flatnonzero(sources == source).tolist()
        wanted = ordinals[own].astype(np.int64).tolist()
        for number, text in texts_of(places, source, wanted, [ids_of.get(i) for i in own]):
            if text:
                row = own[number]
                if len(text) > min(room, of_image[images[row]]):
                    beyond[row] = True
                    continue
                room -= len(text)
                of_image[images[row]] -= len(text)
                found[row] = _segmentation(text)
    return found, beyond


def _segmentation(text: bytes) -> Raw:
    try:
        record, problem = decode_one("annotations", text)
    except (ValueError, RecursionError):
        return ABSENT
    return record.segmentation if problem is None and isinstance(record, Annotation) else ABSENT


def _frames(annotations: Parts, images: Parts, rows: Ints) -> tuple[Ints, Ints]:
    """([R] width, [R] height) of the image of each row; 0 where it is not known, or is no size."""
    image = _some(annotations, "image_row", rows).astype(np.int64)
    width, height = (np.nan_to_num(_some(images, name, image)) for name in ("width", "height"))
    sane = np.ones(len(rows), bool)
    for side in (width, height):
        sane &= (side >= 1) & (side <= FARTHEST) & (side == np.floor(side))
    return np.where(sane, width, 0).astype(np.int64), np.where(sane, height, 0).astype(np.int64)


def _some(parts: Parts, name: str, rows: Ints) -> NDArray[np.float64]:
    """A column at some rows, NaN where NULL."""
    if name not in parts.columns:
        return np.full(len(rows), np.nan)
    own = parts.columns[name].take(pa.array(rows)).combine_chunks()
    return np.asarray(own.to_numpy(zero_copy_only=False), np.float64)
