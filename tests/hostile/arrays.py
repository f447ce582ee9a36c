"""Arrays that are broken, or meant to break what reads them; each with the state it must be given as a mask."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.hostile.made import FileCase, Write, void

MARKER = "code-was-run"
"""A folder that appears beside a file whose reading runs the code in it."""


class Code:
    """Makes the folder where it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder / MARKER),)


def npy(values: NDArray[Any], version: tuple[int, int] | None = None) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, values, version=version)
    return out.getvalue()


def with_header(header: str | bytes, values: bytes = b"", version: int = 1, length: int | None = None) -> bytes:
    """A .npy with any text for a header."""
    text = header if isinstance(header, bytes) else header.encode("latin-1")
    length = len(text) if length is None else length
    size = struct.pack("<H" if version == 1 else "<I", length)
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + values


def described(descr: str, shape: str, order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def ids(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    return (np.arange(height * width).reshape(height, width) // 320).astype(np.uint8)


def stack(masks: int = 5) -> NDArray[np.bool_]:
    return np.stack([ids() == n for n in range(masks)])


def _pickled(extension: str) -> Write:
    return lambda path: void(path.with_suffix(extension).write_bytes(pickle.dumps(Code(path.parent))))


def _object_array(path: Path) -> None:
    values = np.empty((2, 2), object)
    values[0, 0] = Code(path.parent)
    np.save(path, values, allow_pickle=True)


def _object_member(path: Path) -> None:
    values = np.empty((2, 2), object)
    values[0, 0] = Code(path.parent)
    np.savez(path, mask=values, allow_pickle=True)


def _sparse(path: Path, header: str, size: int) -> None:
    """A header and so many bytes of zeros that take no room on disk."""
    text = with_header(header)
    with path.open("wb") as file:
        file.write(text)
        file.truncate(len(text) + size)


def _noisy(path: Path, kind: str, values: NDArray[Any], repeats: int) -> None:
    """Some 0.5 GB of noise."""
    shape = (repeats * len(values), *values.shape[1:])
    content = (values * np.float64(0.37) if kind[1] == "f" else values).astype(kind).tobytes()
    with path.open("wb") as file:
        file.write(with_header(described(f"'{np.dtype(kind).str}'", str(shape))))
        for _ in range(repeats):
            file.write(content)


def good() -> Iterator[tuple[str, FileCase]]:
    """Arrays as people write them."""
    yield "map", FileCase("a.npy", npy(ids()), content="labels")
    yield "map-of-int64", FileCase("a.npy", npy(ids().astype(np.int64)), content="labels")
    yield "map-of-big-endian", FileCase("a.npy", npy(ids().astype(">u2")), content="labels")
    yield "map-of-bools", FileCase("a.npy", npy(ids() > 3), content="binary")
    yield "map-in-fortran-order", FileCase("a.npy", npy(np.asfortranarray(ids())), content="labels")
    yield "map-of-whole-floats", FileCase("a.npy", npy(ids().astype(np.float32)), content="labels")
    yield "map-of-probabilities", FileCase("a.npy", npy((ids() / 20).astype(np.float16)), content="soft")
    scores = np.random.default_rng(0).normal(size=(48, 64))
    yield "map-of-scores", FileCase("a.npy", npy(scores), content="continuous")
    broken = ids().astype(np.float64)
    broken[3, 4:9], broken[5, 5] = np.nan, -np.inf
    yield "map-with-nan", FileCase("a.npy", npy(broken), content="continuous")
    yield "map-of-nan", FileCase("a.npy", npy(np.full((4, 4), np.nan)), content="soft")
    yield "map-below-zero", FileCase("a.npy", npy(ids().astype(np.int16) - 1), content="labels")
    huge = ids().astype(np.uint64) + np.uint64(2**63)
    yield "map-past-63-bits", FileCase("a.npy", npy(huge), "unsupported")
    yield "stack-past-63-bits", FileCase("a.npy", npy(np.stack([huge, huge + huge])), "unsupported")
    yield "map-of-large-ids", FileCase("a.npy", npy(ids().astype(np.uint64) + np.uint64(2**60)), content="labels")
    yield "map-of-extremes", FileCase("a.npy", npy(np.array([[-(2**63), 2**63 - 1]])), content="labels")
    yield "map-of-one-pixel", FileCase("a.npy", npy(np.ones((1, 1), np.uint8)), content="binary")
    yield "map-in-version-2", FileCase("a.npy", npy(ids(), (2, 0)), content="labels")
    yield "map-in-version-3", FileCase("a.npy", npy(ids(), (3, 0)), content="labels")
    loose = with_header("{'shape': (48,64),\n 'descr':\"|u1\",'fortran_order' : False}", ids().tobytes())
    yield "map-with-a-header-of-its-own", FileCase("a.npy", loose, content="labels")
    odd = with_header(described("'|b1'", "(2, 3)"), bytes([0, 1, 2, 0, 255, 0]))
    yield "map-of-odd-bools", FileCase("a.npy", odd)
    yield "map-in-one-of-three-axes", FileCase("a.npy", npy(ids()[None]), content="labels")
    yield "map-in-two-of-three-axes", FileCase("a.npy", npy(ids()[:, :, None]), content="labels")
    yield "colours", FileCase("a.npy", npy(np.stack([ids(), ids() * 2, ids() * 3], -1)), content="colours")
    yield "stack-first", FileCase("a.npy", npy(stack()), content="stack")
    yield "stack-last", FileCase("a.npy", npy(np.moveaxis(stack(), 0, -1)), content="stack")
    yield "stack-in-fortran-order", FileCase("a.npy", npy(np.asfortranarray(stack())), content="stack")
    yield "stack-of-floats", FileCase("a.npy", npy(stack() * np.float32(0.3)), content="stack")
    yield "stack-with-nan", FileCase("a.npy", npy(np.where(stack(), np.nan, 0.0)), content="stack")
    yield "stack-of-nothing", FileCase("a.npy", npy(np.zeros((0, 48, 64), bool)), content="stack")
    yield "stack-of-four-axes", FileCase("a.npy", npy(stack()[:, None]), content="stack")
    yield "npz", FileCase("a.npz", zipped({"arr_0.npy": npy(ids())}), content="labels")
    yield "npz-stored", FileCase("a.npz", zipped({"x.npy": npy(ids())}, zipfile.ZIP_STORED), content="labels")
    two = zipped({"image.npy": npy(ids() * 2), "masks.npy": npy(stack())})
    yield "npz-of-image-and-masks", FileCase("a.npz", two, content="stack")
    yield "npz-of-version-2", FileCase("a.npz", zipped({"x.npy": npy(ids(), (2, 0))}), content="labels")


def bad() -> Iterator[tuple[str, FileCase]]:
    """Broken ones."""
    whole = npy(ids())
    yield "pickle", FileCase("a.npy", _pickled(".npy"), "pickled")
    yield "pickle-of-ids", FileCase("a.npy", pickle.dumps(ids()), "pickled")
    yield "object-array", FileCase("a.npy", _object_array, "object-array")
    yield "object-array-in-npz", FileCase("a.npz", _object_member, "object-array")
    nested = with_header(described("[('a', '|u1'), ('b', [('c', '|O')])]", "(2, 2)"), bytes(72))
    yield "objects-within-records", FileCase("a.npy", nested, "object-array")
    yield "records", FileCase("a.npy", npy(np.zeros((2, 2), [("a", "u1"), ("b", "f4")])), "unsupported")
    yield "complex-numbers", FileCase("a.npy", npy(np.zeros((2, 2), complex)), "unsupported")
    yield "texts", FileCase("a.npy", npy(np.array([["a", "bc"]])), "unsupported")
    yield "times", FileCase("a.npy", npy(np.zeros((2, 2), "M8[s]")), "unsupported")
    yield "long-doubles", FileCase("a.npy", npy(np.zeros((2, 2), np.longdouble)), "unsupported")
    yield "no-item-size", FileCase("a.npy", with_header(described("'|V0'", "(1000000, 1000000)")), "bad-header")
    yield "texts-of-no-size", FileCase("a.npy", with_header(described("'<U0'", "(1000000, 1000000)")), "bad-header")
    lie = with_header(described("'<f8'", "(1000000, 1000000)"), bytes(64))
    yield "lying-header", FileCase("a.npy", lie, "bad-header")
    yield "cut", FileCase("a.npy", whole[:-100], "truncated")
    yield "cut-in-its-header", FileCase("a.npy", whole[:50], "truncated")
    yield "cut-in-its-first-bytes", FileCase("a.npy", whole[:8], "truncated")
    yield "shape-of-5000-digits", FileCase("a.npy", with_header(described("'|u1'", f"({'9' * 5000}, 4)")), "bad-header")
    yield (
        "shape-of-5000-hexadecimal-digits",
        FileCase("a.npy", with_header(described("'|u1'", f"(0x{'f' * 5000}, 4)")), "bad-header"),
    )
    yield "bytes-too-many", FileCase("a.npy", whole + bytes(7), "bad-header")
    yield "shape-below-zero", FileCase("a.npy", with_header(described("'|u1'", "(-4, -4)"), bytes(16)), "bad-header")
    yield "shape-of-floats", FileCase("a.npy", with_header(described("'|u1'", "(4.0, 4)"), bytes(16)), "bad-header")
    yield "shape-of-bools", FileCase("a.npy", with_header(described("'|u1'", "(True, True)"), bytes(1)), "bad-header")
    yield "shape-past-64-bits", FileCase("a.npy", with_header(described("'|u1'", f"({10**30}, 4)")), "bad-header")
    zero = with_header(described("'|u1'", f"(0, {10**30})"))
    yield "shape-of-zero-times-much", FileCase("a.npy", zero, "bad-header")
    yield (
        "shape-of-100-axes",
        FileCase("a.npy", with_header(described("'|u1'", "(" + "1, " * 100 + ")"), b"1"), "bad-header"),
    )
    yield "type-of-nobody", FileCase("a.npy", with_header(described("'<q9'", "(4, 4)"), bytes(16)), "bad-header")
    yield "type-that-is-no-text", FileCase("a.npy", with_header(described("17", "(4, 4)"), bytes(16)), "unsupported")
    yield "header-of-code", FileCase("a.npy", with_header("__import__('os').abort()"), "bad-header")
    yield "header-of-brackets", FileCase("a.npy", with_header("(" * 9_000), "bad-header")
    yield "header-of-minuses", FileCase("a.npy", with_header("-" * 9_000 + "1"), "bad-header")
    yield "header-of-zeros", FileCase("a.npy", with_header(bytes(118)), "bad-header")
    yield "header-of-60000-bytes", FileCase("a.npy", with_header(" " * 60_000), "bad-header")
    yield "header-of-4-gb", FileCase("a.npy", with_header("{}", version=2, length=2**32 - 1), "bad-header")
    yield "header-of-a-list", FileCase("a.npy", with_header("[1, 2]"), "bad-header")
    yield "version-9", FileCase("a.npy", b"\x93NUMPY\x09\0" + bytes(100), "bad-header")
    yield "no-axis", FileCase("a.npy", npy(np.array(3)), "unsupported")
    yield "one-axis", FileCase("a.npy", npy(np.arange(9)), "unsupported")
    yield "five-axes", FileCase("a.npy", npy(np.zeros((2, 2, 2, 2, 2))), "unsupported")
    yield "no-rows", FileCase("a.npy", npy(np.zeros((0, 9))), "unsupported")
    yield "a-million-masks", FileCase("a.npy", npy(np.zeros((1_000_000, 1, 2), bool)), "unsupported")
    yield "html-named-npy", FileCase("a.npy", b"<html>", "not-a-mask")

    def large(name: str, header: str, size: int, state: str = "ok") -> tuple[str, FileCase]:
        return name, FileCase("a.npy", lambda path: _sparse(path, header, size), state, heavy=True)

    yield large("9999-of-int64", described("'<i8'", "(9999, 9999)"), 9999 * 9999 * 8)
    yield large("9999-of-floats", described("'<f8'", "(9999, 9999)"), 9999 * 9999 * 8)
    yield large("11000-of-bytes", described("'|u1'", "(11000, 11000)"), 11_000**2, "too-large")
    yield large("4-gb-of-int64", described("'<i8'", "(20000, 30000)"), 20_000 * 30_000 * 8, "too-large")
    yield large("stack-of-1-gb", described("'|b1'", "(300, 1500, 2250)"), 300 * 1500 * 2250)
    yield large("stack-of-65000", described("'|b1'", "(65000, 100, 100)"), 65_000 * 100 * 100)
    yield large("stack-of-uint64", described("'<u8'", "(20, 2500, 2600)"), 20 * 2500 * 2600 * 8)
    yield large("stack-of-1-gb-to-be-looked-at", described("'|u1'", "(2000, 1000, 500)"), 2000 * 1000 * 500)
    chance = np.random.default_rng(0)
    many = chance.integers(0, 60_000, (13, 1600, 1300)).astype(np.uint16)
    for kind, repeats in (("u1", 20), ("<u2", 10), ("<i4", 5), ("<f4", 5), ("<f8", 2)):
        noisy = partial(_noisy, kind=kind, values=many, repeats=repeats)
        yield f"stack-of-noise-in-{kind}", FileCase("a.npy", noisy, content="stack", heavy=True)
    yield large("stack-of-one-row", described("'|b1'", "(60000, 1, 10000)"), 60_000 * 10_000)
    yield large("stack-of-floats-last", described("'<f4'", "(3000, 3000, 20)"), 3000 * 3000 * 20 * 4)
    yield large(
        "stack-of-1-gb-in-fortran-order",
        described("'|b1'", "(300, 1500, 2250)", "True"),
        300 * 1500 * 2250,
        "too-large",
    )
    yield large("250-mb-in-fortran-order", described("'|b1'", "(70, 1500, 2250)", "True"), 70 * 1500 * 2250)


def archives() -> Iterator[tuple[str, FileCase]]:
    """Broken .npz files."""
    whole = zipped({"mask.npy": npy(ids())})
    yield "npz-cut", FileCase("a.npz", whole[: len(whole) // 2], "truncated")
    middle = len(whole) // 3
    yield (
        "npz-spoilt",
        FileCase("a.npz", whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :], "corrupt"),
    )
    yield "npz-of-nothing", FileCase("a.npz", b"PK\5\6" + bytes(18), "not-a-mask")
    yield "npz-of-text", FileCase("a.npz", zipped({"x.npy": b"nothing"}), "corrupt")
    several = zipped({"a.npy": npy(ids()), "b.npy": npy(ids())})
    yield "npz-of-several", FileCase("a.npz", several, "unsupported")
    both = zipped({"mask.npy": npy(ids()), "masks.npy": npy(stack())})
    yield "npz-of-mask-and-masks", FileCase("a.npz", both, "unsupported")
    lie = npy(ids()).replace(b"(48, 64)", b"(99, 64)")
    yield "npz-with-a-lying-header", FileCase("a.npz", zipped({"mask.npy": lie}), "truncated")
    yield "npz-packed-otherwise", FileCase("a.npz", zipped({"a.npy": npy(ids())}, zipfile.ZIP_LZMA), "unsupported")
    small = bytearray(whole)
    at = small.rindex(b"PK\1\2")
    small[at + 24 : at + 28] = struct.pack("<I", 10**8)
    yield "npz-with-a-lying-size", FileCase("a.npz", bytes(small), "corrupt")
    locked = bytearray(whole)
    locked[at + 8] |= 1
    locked[6] |= 1
    yield "npz-with-a-password", FileCase("a.npz", bytes(locked), "unsupported")
    many = zipped({f"{n}.npy": b"" for n in range(5000)}, zipfile.ZIP_STORED)
    yield "npz-of-5000", FileCase("a.npz", many, "too-large")
    end = whole[:-12] + struct.pack("<HIIH", 1, 2**31, 0, 0)
    yield "npz-with-a-lying-directory", FileCase("a.npz", end, "too-large")
    yield "npz-bomb", FileCase("a.npz", _bomb, "too-large", heavy=True)
    yield "npz-of-300-mb", FileCase("a.npz", _wide, "ok", heavy=True)


def _bomb(path: Path) -> None:
    """Half a gigabyte of zeros."""
    archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("mask.npy", "w") as file:
        file.write(with_header(described("'|u1'", "(512, 1024, 1024)")))
        for _ in range(512):
            file.write(bytes(1 << 20))


def _wide(path: Path) -> None:
    np.savez_compressed(path, masks=np.zeros((90, 1500, 2250), bool))


def tensors() -> Iterator[tuple[str, FileCase]]:
    """Files of torch.save; none where torch is not installed."""
    if find_spec("torch") is None:
        return
    import torch

    def tensor(values: Any, **options: Any) -> bytes:
        out = io.BytesIO()
        torch.save(values, out, **options)
        return out.getvalue()

    labels, masks = torch.from_numpy(ids()), torch.from_numpy(stack())
    old = {"_use_new_zipfile_serialization": False}
    yield "pt", FileCase("a.pt", tensor(labels), content="labels")
    yield "pth-named-so", FileCase("a.pth", tensor(masks), content="stack")
    yield "pt-of-a-dict", FileCase("a.pt", tensor({"masks": masks, "boxes": torch.zeros(5, 4)}), content="stack")
    yield "pt-of-one-in-a-dict", FileCase("a.pt", tensor({"anything": labels}), content="labels")
    yield "pt-of-one-in-a-list", FileCase("a.pt", tensor([masks]), content="stack")
    yield "pt-of-bfloat16", FileCase("a.pt", tensor((labels / 20).bfloat16()), content="soft")
    yield "pt-with-gradient", FileCase("a.pt", tensor((labels / 20).requires_grad_()), content="soft")
    yield "pt-not-contiguous", FileCase("a.pt", tensor(labels.T), content="labels")
    yield "pt-of-before", FileCase("a.pt", tensor(labels, **old), content="labels")
    yield "pt-of-two", FileCase("a.pt", tensor({"a": labels, "b": labels}), "unsupported")
    yield "pt-of-numbers", FileCase("a.pt", tensor({"a": 1, "b": [2.0]}), "unsupported")
    yield "pt-of-a-text", FileCase("a.pt", tensor("text"), "unsupported")
    yield "pt-sparse", FileCase("a.pt", tensor(labels.to_sparse()), "unsupported")
    yield "pt-of-complex-numbers", FileCase("a.pt", tensor(labels.to(torch.complex64)), "unsupported")
    yield "pt-spread-to-a-terabyte", FileCase("a.pt", tensor(torch.zeros(1, 1).expand(10**6, 10**6)), "bad-header")
    yield (
        "pt-of-400-mb",
        FileCase(
            "a.pt", lambda path: torch.save(torch.zeros(410 << 20, dtype=torch.uint8), path), "too-large", heavy=True
        ),
    )
    yield "pt-of-code", FileCase("a.pt", lambda path: torch.save(Code(path.parent), path), "pickled")
    yield "pt-of-code-of-before", FileCase("a.pt", lambda path: torch.save(Code(path.parent), path, **old), "pickled")
    yield "pt-of-a-pickle", FileCase("a.pt", _pickled(".pt"), "pickled")
    yield "pt-of-a-model", FileCase("a.pt", tensor(torch.nn.Linear(2, 2)), "pickled")
    whole = tensor(labels)
    yield "pt-cut", FileCase("a.pt", whole[: len(whole) // 2], "truncated")
    yield "pt-spoilt", FileCase("a.pt", whole.replace(b"_rebuild_tensor_v2", b"_rebuild_tensor_v9"), "pickled")
    inside = zipfile.ZipFile(io.BytesIO(whole))
    members = {info.filename: inside.read(info) for info in inside.infolist()}
    bomb = members | {"archive/data/1": bytes(500 << 20)}
    yield "pt-bomb", FileCase("a.pt", lambda path: void(path.write_bytes(zipped(bomb))), "too-large", heavy=True)
    short = {name: content[:100] if name.endswith("data/0") else content for name, content in members.items()}
    yield "pt-with-too-few-values", FileCase("a.pt", zipped(short, zipfile.ZIP_STORED), "corrupt")


def arrays() -> dict[str, FileCase]:
    """All of them, by name."""
    return {name: case for group in (good, bad, archives, tensors) for name, case in group()}
