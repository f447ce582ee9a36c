"""Files for folders whose names, not whose contents, are under test: photographs, label maps, colours, arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.masks.layouts import label_map, photo, save, voc_colour

NAMES = [f"{number:04}" for number in range(8)]


def draw_photos(folder: Path, names: Sequence[str] = NAMES, ending: str = ".jpg") -> None:
    for number, name in enumerate(names):
        save(photo(number), folder / f"{name}{ending}")


def draw_ids(folder: Path, names: Sequence[str] = NAMES, ending: str = ".png") -> None:
    for number, name in enumerate(names):
        save(label_map(number), folder / f"{name}{ending}")


def draw_grey_photos(folder: Path, names: Sequence[str] = NAMES) -> None:
    for number, name in enumerate(names):
        save(photo(number).convert("L"), folder / f"{name}.png")


def draw_depth(folder: Path, names: Sequence[str] = NAMES) -> None:
    """16-bit PNGs with a value of its own for each pixel."""
    for number, name in enumerate(names):
        save(np.random.default_rng(number).integers(0, 60_000, (48, 64)).astype(np.uint16), folder / f"{name}.png")


def draw_colours(folder: Path, names: Sequence[str] = NAMES) -> None:
    colours = np.array([voc_colour(value) for value in range(256)], np.uint8)
    for number, name in enumerate(names):
        save(colours[label_map(number)], folder / f"{name}.png")


def scores(number: int) -> NDArray[np.float32]:
    return np.random.default_rng(number).random((48, 64), np.float32)


def write_arrays(
    folder: Path, names: Sequence[str] = NAMES, make: Callable[[int], NDArray[np.generic]] = scores
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        np.save(folder / f"{name}.npy", make(number))


def write_bytes(folder: Path, names: Sequence[str], data: bytes = b"") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(data)
