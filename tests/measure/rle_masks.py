"""RLE objects as the kernels take them, without a file around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from datacheck.measure.rle import Masks
from datacheck.read.numbers import Ragged


def masks_of(segmentations: Sequence[tuple[Any, Any]]) -> Masks:
    """Masks of (size, counts); counts a text or a list of finite numbers."""
    m = len(segmentations)
    sized = np.array([len(size) == 2 for size, _ in segmentations], bool)
    sizes = np.array([size if len(size) == 2 else (0, 0) for size, _ in segmentations], np.float64).reshape(m, 2)
    listed = np.array([isinstance(counts, list) for _, counts in segmentations], bool)
    lists = [counts for _, counts in segmentations if isinstance(counts, list)]
    values = np.array([float(run) for counts in lists for run in counts], np.float64)
    runs = Ragged(values, np.array([len(counts) for counts in lists], np.int64), [])
    texts = [counts if isinstance(counts, str) else "" for _, counts in segmentations]
    return Masks(np.arange(m), sizes, sized, texts, listed, np.ones(m, bool), runs)
