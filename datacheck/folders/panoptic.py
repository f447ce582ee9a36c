"""Folders of panoptic PNGs: they belong to their JSON, and are no masks of their own."""

from __future__ import annotations

import os
from collections.abc import Iterable

from datacheck.files.header import open_regular
from datacheck.folders.tree import Folder, join
from datacheck.folders.words import words_of

COLOURS, EVERY = "colours", "every"
KEY = b'"segments_info"'
"""Every record of a panoptic JSON has it, and no other format has."""
ENDS = 1 << 20
"""Bytes at the start and at the end of a JSON in which it is looked for: one of them is within the records."""


def mark_panoptic(folders: Iterable[Folder]) -> None:
    """Fill `panoptic` of folders that are called so, or lie beside a JSON of their own name."""
    by_parts = {folder.parts: folder for folder in folders if not folder.named}
    jsons = {name[:-5] for folder in by_parts.values() for name in folder.files if name[-5:].lower() == ".json"}
    for parts, folder in by_parts.items():
        above = by_parts.get(parts[:-1]) if parts else None
        called = [part for part in parts if "panoptic" in words_of(part)]
        if not jsons.isdisjoint(called):
            folder.panoptic = EVERY
        elif above is not None and f"{parts[-1]}.json" in above.files:
            folder.panoptic = EVERY if speaks_of_segments(join(above.path, f"{parts[-1]}.json")) else COLOURS
        elif called:
            folder.panoptic = COLOURS


def speaks_of_segments(path: str) -> bool:
    """Is this JSON panoptic? Looks at its two ends, never raises."""
    fd, size, _ = open_regular(path)
    if fd < 0:
        return False
    try:
        return any(KEY in os.pread(fd, ENDS, at) for at in {0, max(0, size - ENDS)})
    except OSError:
        return False
    finally:
        os.close(fd)
