"""What kind of file a few first bytes are of, whatever its name says."""

from __future__ import annotations

import re
from typing import NamedTuple


class Kind(NamedTuple):
    """`name` as in `tables.FILE_KINDS`; `words`: what it is, for "it is ..."; `picture`: a picture that is not read."""

    name: str
    words: str
    picture: bool = False


PNG, JPEG, GIF = Kind("png", "a PNG picture"), Kind("jpeg", "a JPEG picture"), Kind("gif", "a GIF picture")
WEBP, BMP, TIFF = Kind("webp", "a WebP picture"), Kind("bmp", "a BMP picture"), Kind("tiff", "a TIFF picture")
NPY, NPZ = Kind("npy", "a numpy array"), Kind("npz", "an archive of numpy arrays")
PT = Kind("pt", "a file of torch.save")
PICKLE = Kind("other", "a Python pickle")
ZEROS = Kind("other", "nothing but zeros at its start")
LFS = Kind("lfs-pointer", "a Git LFS pointer: the file itself was not fetched (`git lfs pull`)")
ANNEX = Kind("lfs-pointer", "a git-annex pointer: the file itself was not fetched (`git annex get`)")
UNKNOWN = Kind("other", "of no known kind")
HTML, TEXT = Kind("html", "a web page (HTML), as a failed download leaves it"), Kind("text", "text")

_OTHERS = (
    (0, b"%PDF", Kind("other", "a PDF document")),
    (0, b"\x1f\x8b", Kind("other", "a gzip file")),
    (0, b"BZh", Kind("other", "a bzip2 file")),
    (0, b"\xfd7zXZ\0", Kind("other", "an xz file")),
    (0, b"\x28\xb5\x2f\xfd", Kind("other", "a zstd file")),
    (0, b"7z\xbc\xaf\x27\x1c", Kind("other", "a 7-Zip archive")),
    (0, b"Rar!\x1a\x07", Kind("other", "a RAR archive")),
    (257, b"ustar", Kind("other", "a tar archive")),
    (0, b"\x7fELF", Kind("other", "a program")),
    (0, b"\x89HDF\r\n\x1a\n", Kind("other", "an HDF5 file")),
    (0, b"PAR1", Kind("other", "a Parquet file")),
    (0, b"MATLAB 5.0 MAT", Kind("other", "a MATLAB file")),
    (0, b"SQLite format 3\0", Kind("other", "an SQLite database")),
    (128, b"DICM", Kind("other", "a DICOM picture", picture=True)),
    (344, b"n+1\0", Kind("other", "a NIfTI volume", picture=True)),
    (0, b"\0\0\0\x0cjP  ", Kind("other", "a JPEG 2000 picture", picture=True)),
    (0, b"\xff\x4f\xff\x51", Kind("other", "a JPEG 2000 picture", picture=True)),
    (0, b"\xff\x0a", Kind("other", "a JPEG XL picture", picture=True)),
    (0, b"\0\0\0\x0cJXL ", Kind("other", "a JPEG XL picture", picture=True)),
    (0, b"8BPS", Kind("other", "a Photoshop document", picture=True)),
    (0, b"\x76\x2f\x31\x01", Kind("other", "an OpenEXR picture", picture=True)),
    (0, b"#?RADIANCE", Kind("other", "a Radiance HDR picture", picture=True)),
    (0, b"\0\0\1\0", Kind("other", "an icon (ICO)", picture=True)),
    (0, b"DDS ", Kind("other", "a DDS texture", picture=True)),
    (4, b"ftypavi", Kind("other", "an AVIF picture", picture=True)),
    (4, b"ftyphe", Kind("other", "a HEIC picture", picture=True)),
    (4, b"ftypmif1", Kind("other", "a HEIC or AVIF picture", picture=True)),
    (4, b"ftypmsf1", Kind("other", "a HEIC or AVIF picture", picture=True)),
    (4, b"ftyp", Kind("other", "a video")),
)
_RIFF = {b"WEBP": WEBP, b"AVI ": Kind("other", "a video"), b"WAVE": Kind("other", "a sound")}
_PNM = re.compile(rb"P[1-7]\s|P[Ff]\s")
_HTML = re.compile(rb"<(?:!doctype\s{1,99}html|html|head|body|title|h1)\b", re.IGNORECASE)
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\f\r\x1b") + b"\x7f"
_TORCH_MAGIC = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
"""What a file of torch.save before 1.6 begins with, behind the two bytes that say that it is a pickle."""


def kind_of(head: bytes) -> Kind:
    """The kind of a file that begins with `head`: a few hundred bytes of it, or all there are."""
    match head[:2]:
        case b"\x89P" if head[:8] == b"\x89PNG\r\n\x1a\n":
            return PNG
        case b"\xff\xd8" if head[2:3] == b"\xff":
            return JPEG
        case b"GI" if head[:6] in (b"GIF87a", b"GIF89a"):
            return GIF
        case b"RI" if head[:4] == b"RIFF":
            return _RIFF.get(head[8:12], UNKNOWN)
        case b"BM" if head[6:10] == b"\0\0\0\0" or head[14:18] in (b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):
            return BMP
        case b"II" | b"MM" if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            return TIFF
        case b"\x93N" if head[:6] == b"\x93NUMPY":
            return NPY
        case b"PK" if head[2:4] in (b"\3\4", b"\5\6"):
            return _zip(head)
        case b"\x80\2" | b"\x80\3" | b"\x80\4" | b"\x80\5":
            return PT if head[2:14] == _TORCH_MAGIC else PICKLE
    for offset, magic, kind in _OTHERS:
        if head.startswith(magic, offset):
            return kind
    return _textual(head)


def _zip(head: bytes) -> Kind:
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    if name.endswith(b".npy"):
        return NPZ
    if name.rpartition(b"/")[2] in (b"data.pkl", b".format_version", b".data", b"byteorder", b"version"):
        return PT
    if name == b"[Content_Types].xml":
        return Kind("other", "an Office document")
    return Kind("other", "a zip archive" if name else "an empty zip archive")


def _textual(head: bytes) -> Kind:
    if not head.strip(b"\0"):
        return ZEROS
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        return LFS
    if b"/annex/objects/" in head[:300]:
        return ANNEX
    if _PNM.match(head):
        return Kind("other", "a PNM picture", picture=True)
    if _is_html(head[:2048]):
        return HTML
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return TEXT
    if len(head.translate(None, _CONTROLS)) < len(head):
        return UNKNOWN
    if b"<svg" in head[:1024]:
        return Kind("text", "an SVG drawing")
    if head[:1] in b"{[":
        return Kind("text", "JSON")
    if head[:5] == b"<?xml":
        return Kind("text", "XML")
    return TEXT if _utf8(head) else UNKNOWN


def _is_html(head: bytes) -> bool:
    """Does it begin as a web page, behind any number of comments? They are passed one by one: an expression for all of
    them goes back over them in every way there is."""
    head = head.lstrip()
    while head.startswith(b"<!--"):
        end = head.find(b"-->", 4)
        if end < 0:
            return False
        head = head[end + 3 :].lstrip()
    return _HTML.match(head) is not None


def _utf8(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # A character may be cut where the head ends.
    return True
