"""What masks of the kinds that people make are taken for."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from datacheck.measure.labels import measure_mask_files

Pixels = NDArray[Any]


def shapes(count: int, height: int = 240, width: int = 320, seed: int = 0) -> Pixels:
    """A label map of ellipses; 0 lies between them."""
    chance, labels = np.random.default_rng(seed), np.zeros((height, width), np.uint8)
    for number in range(1, count + 1):
        centre = (int(chance.integers(width)), int(chance.integers(height)))
        axes = (int(chance.integers(10, 70)), int(chance.integers(10, 50)))
        cv2.ellipse(labels, centre, axes, float(chance.integers(180)), 0, 360, number, -1)
    return labels


def mask(seed: int = 0) -> Pixels:
    values: Pixels = (shapes(2, seed=seed) > 0).astype(np.uint8) * 255
    return values


def as_jpeg(pixels: Pixels, quality: int = 90) -> Pixels:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    decoded: Pixels = np.asarray(Image.open(out))
    return decoded


def picture() -> Pixels:
    """Grey as in a photograph: smooth areas, texture and noise."""
    y, x = np.mgrid[:240, :320]
    chance = np.random.default_rng(0)
    values: Pixels = (
        120 + 60 * np.sin(x / 40) + 40 * np.cos(y / 30) + chance.normal(0, 4, (240, 320)) + 30 * (shapes(5) > 2)
    )
    clipped: Pixels = np.clip(values, 0, 255).astype(np.uint8)
    return clipped


def bordered() -> Pixels:
    """As Pascal VOC has them: classes up to 20 and a border of 255."""
    labels = shapes(4) * 5
    edges = cv2.morphologyEx(labels, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)) > 0
    labels[edges] = 255
    return labels


def stuff() -> Pixels:
    """As COCO stuff has them: classes up to 181, most of it 255, which nobody labelled."""
    labels = shapes(6) * 30
    labels[labels == 0] = 255
    return labels


def many() -> Pixels:
    """3,000 cells, each an id."""
    y, x = np.mgrid[:480, :600]
    cells: Pixels = y // 8 * 75 + x // 8
    return cells.astype(np.uint16)


CASES: dict[str, tuple[Pixels, str]] = {
    "zeros": (np.zeros((40, 50), np.uint8), "empty"),
    "one-value": (np.full((40, 50), 7, np.uint8), "binary"),
    "mask": (mask(), "binary"),
    "mask-of-ones": (mask() // 255, "binary"),
    "mask-resized-without-interpolation": (cv2.resize(mask(), (500, 333), interpolation=cv2.INTER_NEAREST), "binary"),
    "mask-enlarged": (cv2.resize(mask(), (640, 480), interpolation=cv2.INTER_LINEAR), "soft"),
    "mask-reduced": (cv2.resize(mask(), (200, 150), interpolation=cv2.INTER_AREA), "soft"),
    "mask-enlarged-bicubic": (cv2.resize(mask(), (500, 400), interpolation=cv2.INTER_CUBIC), "soft"),
    "box-enlarged": (cv2.resize(np.pad(np.full((60, 80), 255, np.uint8), 40), (600, 500)), "soft"),
    "mask-blurred": (cv2.GaussianBlur(mask(), (5, 5), 0), "soft"),
    "mask-as-jpeg": (as_jpeg(mask()), "soft"),
    "mask-as-bad-jpeg": (as_jpeg(mask(), 30), "soft"),
    "mask-as-colour-jpeg": (as_jpeg(np.repeat(mask()[:, :, None], 3, axis=2)), "soft"),
    "trimap": (np.where(cv2.erode(mask(), np.ones((9, 9))) > 0, 255, np.minimum(mask(), 128)), "labels"),
    "classes": (shapes(20), "labels"),
    "classes-and-border": (bordered(), "labels"),
    "stuff": (stuff(), "labels"),
    "instances": (shapes(120), "labels"),
    "3000-cells": (many(), "labels"),
    "classes-as-fractions-of-255": (shapes(5) * 51, "labels"),
    "cityscapes-instances": (shapes(9).astype(np.uint16) * 1000 + 3, "labels"),
    "colours": (np.stack([shapes(9) * 20, shapes(9) * 3, shapes(9)], axis=-1), "colours"),
    "colours-of-one-class": (np.stack([shapes(1) * 128, shapes(1) * 0, shapes(1) * 0], axis=-1), "colours"),
    "white-on-black": (np.repeat(mask()[:, :, None], 3, axis=2), "binary"),
    "picture": (picture(), "continuous"),
    "picture-in-colour": (np.stack([picture(), np.roll(picture(), 9, 1), picture() // 2], axis=-1), "continuous"),
    "picture-as-jpeg": (as_jpeg(picture()), "continuous"),
    "noise": (np.random.default_rng(0).integers(0, 256, (99, 99)).astype(np.uint8), "continuous"),
}
ARRAYS: dict[str, tuple[Pixels, str]] = {
    "probabilities": (cv2.GaussianBlur(mask() / np.float32(255), (31, 31), 0), "soft"),
    "probabilities-of-noise": (np.random.default_rng(0).random((90, 90)), "soft"),
    "scores": (np.random.default_rng(0).normal(size=(90, 90)), "continuous"),
    "mask-of-floats-enlarged": (cv2.resize(mask().astype(np.float32), (500, 400)), "soft"),
    "whole-floats": (shapes(9).astype(np.float32), "labels"),
    "ids-past-16-bits": (shapes(9).astype(np.int64) * 10**9, "labels"),
    "minus-one-for-nothing": (shapes(9).astype(np.int8) - 1, "labels"),
    "nan-for-nothing": (np.where(shapes(1) > 0, 1, np.nan), "soft"),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_picture_of_a_mask_is_taken_for_what_it_is(name: str, tmp_path: Path) -> None:
    pixels, content = CASES[name]
    Image.fromarray(pixels).save(tmp_path / "a.png")
    row = measure_mask_files([str(tmp_path / "a.png")], ())[0].to_pylist()[0]
    assert row["content"] == content, row


@pytest.mark.parametrize("name", list(ARRAYS))
def test_an_array_is_taken_for_what_it_is(name: str, tmp_path: Path) -> None:
    pixels, content = ARRAYS[name]
    np.save(tmp_path / "a.npy", pixels)
    row = measure_mask_files([str(tmp_path / "a.npy")], ())[0].to_pylist()[0]
    assert row["content"] == content, row


def test_values_are_shown_in_order_and_shortened() -> None:
    from datacheck.measure.contents import shown

    assert shown(np.array([-1.0, 0.0, 0.125, 1e9, np.inf, np.nan])) == "-1, 0, 0.125, 1000000000, inf, nan"
