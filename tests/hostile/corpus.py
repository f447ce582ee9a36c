"""All hostile inputs by name: what a file may contain, and what must be said about it."""

from __future__ import annotations

from tests.hostile.document import Case
from tests.hostile.extremes import extremes, sizes
from tests.hostile.files import documents, encodings, gzipped, places, truncated
from tests.hostile.segmentations import segmentations
from tests.hostile.values import non_finite, shapes, syntax

CASES: dict[str, Case] = {
    name: case
    for group in (
        syntax,
        non_finite,
        shapes,
        segmentations,
        encodings,
        gzipped,
        truncated,
        documents,
        extremes,
        sizes,
        places,
    )
    for name, case in group()
}
