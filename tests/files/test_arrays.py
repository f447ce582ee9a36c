"""Headers of arrays, against numpy's reader; which axes are what."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import datacheck.files.arrays as arrays
from datacheck.files.mask_files import MaskFile, open_mask
from datacheck.files.shapes import counts_last
from tests.hostile.arrays import ids, npy, stack, with_header, zipped

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def opened(folder: Path, content: bytes, name: str = "a.npy") -> MaskFile:
    (folder / name).write_bytes(content)
    return open_mask(str(folder / name))


@RELAXED
@given(
    descr=st.sampled_from(["|b1", "|u1", "|i1", "<u2", ">u2", "<i4", ">i8", "<u8", "<f2", "<f4", ">f8"]),
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    fortran=st.booleans(),
    version=st.sampled_from([(1, 0), (2, 0), (3, 0)]),
    spaced=st.booleans(),
)
def test_an_array_is_read_as_numpy_reads_it(
    descr: str, shape: tuple[int, int], fortran: bool, version: tuple[int, int], spaced: bool, tmp_path: Path
) -> None:
    values = np.random.default_rng(0).integers(0, 2, shape).astype(descr)
    content = npy(np.asfortranarray(values) if fortran else values, version)
    if spaced:
        text = f"{{ 'shape':{shape} , 'fortran_order':{fortran},'descr': \"{descr}\"}}  \n"
        content = with_header(text, values.tobytes("F" if fortran else "C"), version[0])
    mask = opened(tmp_path, content)
    assert mask.state == "ok", mask.detail
    assert mask.pixels is not None
    assert np.array_equal(mask.pixels, np.load(io.BytesIO(content)))
    assert np.array_equal(mask.pixels, values)
    assert (mask.shape, mask.dtype) == (f"{shape[0]}x{shape[1]}", np.dtype(descr).name)
    assert mask.bit_depth == (1 if descr == "|b1" else 8 * np.dtype(descr).itemsize)


SHAPES: list[tuple[tuple[int, ...], str]] = [
    ((5, 7), "map"), ((1, 5, 7), "map"), ((5, 7, 1), "map"), ((1, 1, 5, 7), "map"), ((1, 5, 7, 1), "map"),
    ((3, 5, 7), "first"), ((50, 70, 3), "last"), ((50, 70, 2), "last"), ((40, 30, 20), "first"),
    ((20, 30, 40), "first"), ((30, 20, 40), "first"), ((9, 9, 3), "last"), ((9, 9, 30), "last"), ((3, 9, 9), "first"),
    ((30, 9, 9), "first"), ((9, 9, 9), "first"), ((9, 3, 9), "first"), ((6, 1, 5, 7), "first"),
    ((1, 6, 5, 7), "first"), ((1, 50, 70, 4), "last"),
    ((66, 100, 50), "first"), ((100, 66, 50), "first"), ((66, 50, 100), "first"), ((100, 50, 20), "first"),
    ((480, 640, 66), "last"), ((480, 640, 3), "last"), ((100, 64, 48), "first"), ((48, 64, 12), "last"),
    ((48, 64, 13), "first"), ((224, 224, 66), "last"), ((12, 64, 48), "first"), ((12, 48, 64), "first"),
    ((200, 240, 40), "first"), ((260, 300, 40), "last"), ((10, 40, 2), "first"), ((300, 400, 100), "first"),
    ((0, 5, 7), "first"), ((5,), "unsupported"), ((), "unsupported"), ((2, 3, 4, 5), "unsupported"),
    ((1, 1, 1, 5, 7), "unsupported"), ((0, 5), "unsupported"), ((5, 0, 7), "unsupported"),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "float32"])
@pytest.mark.parametrize(("shape", "kind"), SHAPES)
def test_axes_of_masks_are_told_by_their_lengths(shape: tuple[int, ...], kind: str, dtype: str, tmp_path: Path) -> None:
    values = (np.arange(int(np.prod(shape))).reshape(shape) % 2).astype(dtype)
    mask = opened(tmp_path, npy(values))
    if kind == "unsupported":
        assert (mask.state, mask.pixels, mask.stack) == ("unsupported", None, None)
        return
    assert (mask.state, mask.shape) == ("ok", "x".join(map(str, shape))), mask.detail
    plain = values.reshape([n for n in shape if n != 1] if len(shape) == 4 else shape)
    if kind == "map":
        assert np.array_equal(np.asarray(mask.pixels), values.reshape(5, 7))
        return
    expected = plain if kind == "first" else np.moveaxis(plain, -1, 0)
    assert np.array_equal(np.asarray(mask.stack), expected)
    assert (mask.height, mask.width) == expected.shape[1:]


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float64"])
def test_of_other_values_the_shortest_axis_counts(dtype: str, tmp_path: Path) -> None:
    for shape, last in (((66, 100, 50), True), ((100, 66, 70), False), ((9, 8, 7), True), ((50, 60, 70), False)):
        values = (np.arange(int(np.prod(shape))).reshape(shape) % 7).astype(dtype)
        mask = opened(tmp_path, npy(values))
        assert np.array_equal(np.asarray(mask.stack), np.moveaxis(values, -1, 0) if last else values)
        mask = opened(tmp_path, npy(np.asfortranarray((values != 0) * 9).astype(dtype)))
        assert mask.stack is not None
        assert mask.stack.shape == shape, "of zero and one other value the first"


@given(st.tuples(*[st.integers(1, 500)] * 3), st.booleans())
def test_axes_that_count_masks(shape: tuple[int, int, int], binary: bool) -> None:
    first, middle, last = shape
    found = counts_last(shape, lambda: binary)
    if first == middle and middle != last:
        assert found
    elif (middle == last and first != middle) or last >= min(first, middle):
        assert not found
    elif not binary:
        assert found
    elif found:
        assert 4 * last <= min(first, middle), "their frames would be narrow"


def test_an_array_of_three_bytes_a_pixel_is_a_stack_only_if_it_is_binary(tmp_path: Path) -> None:
    binary = np.stack([ids() > n for n in (1, 4, 7)], axis=-1).astype(np.uint8)
    for high in (1, 255):
        mask = opened(tmp_path, npy(binary * np.uint8(high)))
        assert mask.pixels is None
        assert mask.stack is not None
    coloured = np.stack([ids(), ids() * 2, ids() * 3], axis=-1)
    for values in (coloured, np.concatenate([coloured, coloured[:, :, :1]], axis=-1)):
        mask = opened(tmp_path, npy(values))
        assert (mask.stack, mask.colours) == (None, True)
        assert np.array_equal(np.asarray(mask.pixels), coloured.astype(int) @ [1, 256, 65536])


@pytest.mark.parametrize("layout", ["first", "last", "fortran", "map"])
def test_large_arrays_are_mapped_and_give_the_same(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values: NDArray[Any] = {
        "first": stack(), "last": np.moveaxis(stack(), 0, -1), "fortran": np.asfortranarray(stack()), "map": ids(),
    }[layout]  # fmt: skip
    whole = opened(tmp_path, npy(values))
    monkeypatch.setattr(arrays, "_MAPPED_FROM", 1)
    mapped = open_mask(str(tmp_path / "a.npy"))
    assert (mapped.mapped is None) == (layout == "fortran")
    for one, other in ((whole.pixels, mapped.pixels), (whole.stack, mapped.stack)):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert np.array_equal(one, other)
            mapped.release()
            assert np.array_equal(one, other), "what was given back is read again"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_one_array_of_an_archive_is_read_whatever_its_name(method: int, tmp_path: Path) -> None:
    for name in ("arr_0.npy", "anything.npy", "folder/x.npy"):
        mask = opened(tmp_path, zipped({name: npy(ids())}, method), "a.npz")
        assert np.array_equal(np.asarray(mask.pixels), ids())


@pytest.mark.parametrize("name", arrays.NAMES)
def test_of_several_arrays_the_one_with_a_name_for_masks_is_read(name: str, tmp_path: Path) -> None:
    members = {"image.npy": npy(np.zeros((9, 9, 3))), f"{name}.npy": npy(ids()), "boxes.npy": npy(np.zeros((4, 4)))}
    assert np.array_equal(np.asarray(opened(tmp_path, zipped(members), "a.npz").pixels), ids())


def test_it_is_said_which_arrays_an_archive_holds(tmp_path: Path) -> None:
    members = {f"{name}.npy": npy(ids()) for name in ("left", "right")}
    mask = opened(tmp_path, zipped(members), "a.npz")
    assert (mask.state, mask.detail) == (
        "unsupported",
        "2 arrays, and it is not clear which holds the masks: left, right",
    )


def test_what_an_array_is_is_known_even_where_it_is_refused(tmp_path: Path) -> None:
    mask = opened(tmp_path, npy(np.zeros((4, 5, 6, 7), np.int16)))
    assert (mask.state, mask.dtype, mask.shape) == ("unsupported", "int16", "4x5x6x7")
