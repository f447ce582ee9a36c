"""Every table and column that datacheck knows: name, Arrow type, unit, meaning.

Rules, messages and queries may use exactly these names. A column that a kernel measures says which one; all others come
from reading or from merging what was read. `joins` lists the records that a row can reach by name: in a rule over
`annotations`, `image.width` is the width of the joined image, and `image IS NULL` says that no such image exists.
"""

from __future__ import annotations

from datacheck.tables.masks import FILE_TABLES, IMAGE_FILES, MASK_FILES, MASK_SETS, MASKS
from datacheck.tables.model import BOOL, F64, I32, I64, KIND_NAMES, LABEL, TEXT, TEXTS, Column, Join, Table
from datacheck.tables.records import ANNOTATIONS, CATEGORIES, IMAGES, SEGMENTS
from datacheck.tables.sources import DATASETS, FAULTS, FOLDER_COLUMNS, SOURCES

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        DATASETS, SOURCES, FAULTS, IMAGES, CATEGORIES, ANNOTATIONS, SEGMENTS, MASK_SETS, MASK_FILES, IMAGE_FILES, MASKS
    )
}  # fmt: skip

__all__ = [
    "ANNOTATIONS", "BOOL", "CATEGORIES", "DATASETS", "F64", "FAULTS", "FILE_TABLES", "FOLDER_COLUMNS", "I32", "I64", "IMAGES", "IMAGE_FILES", "KIND_NAMES",
    "LABEL", "MASKS", "MASK_FILES", "MASK_SETS", "SEGMENTS", "SOURCES", "TABLES", "TEXT", "TEXTS", "Column", "Join", "Table",
]  # fmt: skip
