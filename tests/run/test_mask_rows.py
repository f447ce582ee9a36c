"""The table `masks`: each mask is a row, wherever it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.masks import small
from tests.masks.odd import grey_photo, soft
from tests.masks.small import Files, npy, photo, png
from tests.masks.test_planted_masks import write
from tests.scanning import quick_scan

QUERY = """
    SELECT image_name AS image, kind, count(*)::INT AS n, max(id) IS NULL AS no_id, min(area) > 0 AS there
    FROM masks GROUP BY ALL ORDER BY image, kind
"""


def test_a_map_without_segments_of_its_own_is_one_row(tmp_path: Path) -> None:
    many = np.arange(1, 5001, dtype=np.int32).reshape(50, 100).repeat(6, 0).repeat(6, 1)
    noise = np.random.default_rng(3).normal(0, 9, (400, 400)).astype(np.float32)
    files: Files = {f"images/{n}.jpg": photo_of(n) for n in range(6)}
    files |= {
        "masks/0.npy": npy(small.cells(1, 7).astype(np.int32)),
        "masks/1.npy": npy(np.linspace(0, 1, 48 * 64, dtype=np.float32).reshape(48, 64)),
        "masks/2.npy": npy(noise),
        "masks/3.npy": npy(many),
        "masks/4.npy": npy(np.zeros((48, 64), np.int32)),
        "masks/5.npy": npy(np.stack(small.objects(1)) > 0),
    }
    with quick_scan(write(tmp_path, files)) as report:
        rows = report.query(QUERY).to_pylist()
    assert [(row["image"], row["kind"], row["n"], row["no_id"]) for row in rows] == [
        ("0", "label", 7, False),
        ("1", "soft", 1, True),
        ("2", "continuous", 1, True),
        ("3", "labels", 1, True),
        ("5", "channel", 5, False),
    ]
    assert all(row["there"] for row in rows)


def photo_of(number: int) -> bytes:
    return png(photo(number))


def test_every_file_with_pixels_is_in_the_table(tmp_path: Path) -> None:
    files = small.salient() | {"masks/0003.png": soft(3), "masks/0004.png": grey_photo(4), "masks/0005.png": b""}
    with quick_scan(write(tmp_path, files)) as report:
        missing = report.query(
            "SELECT name FROM mask_files WHERE row NOT IN (SELECT file_row FROM masks) AND area > 0"
        ).to_pylist()
        rows = report.query("SELECT DISTINCT file_row FROM masks").to_pylist()
    assert missing == []
    assert len(rows) == 11
