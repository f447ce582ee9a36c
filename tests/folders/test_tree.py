"""Walking: whatever lies in a folder, the walk ends, and names come out as they are."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacheck.folders.find import MaskOptions, find_mask_folders
from datacheck.folders.tree import read_tree, walk
from tests.masks.drawn import draw_ids, draw_photos, write_bytes
from tests.masks.layouts import LAYOUTS


def test_folders_come_before_what_is_in_them_and_sorted(tmp_path: Path) -> None:
    for name in ("b/2", "a", "b/1", ".git", "node_modules/x"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "b" / "f.txt").touch()
    base = str(tmp_path)
    assert [(os.path.relpath(folder, base), folders, files) for folder, folders, files in walk(base)] == [
        (".", ["a", "b"], []),
        ("a", [], []),
        ("b", ["1", "2"], ["f.txt"]),
        ("b/1", [], []),
        ("b/2", [], []),
    ]


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert list(walk(str(tmp_path / "nothing"))) == [(str(tmp_path / "nothing"), [], [])]


def test_a_closed_folder_is_told(tmp_path: Path) -> None:
    closed: list[str] = []
    list(walk(str(tmp_path / "nothing"), closed))
    assert closed == [str(tmp_path / "nothing")]


def test_folders_deeper_than_the_stack_are_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    depth = 1200
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    os.chdir(tmp_path)
    try:
        assert sum(1 for _ in walk(".")) == depth + 1
        assert find_mask_folders(["."], MaskOptions()) == []
    finally:
        # What clears the folders of tests away is a recursion.
        for level in range(depth, 0, -1):
            Path("/".join(["d"] * level)).rmdir()


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    draw_ids(tmp_path / "masks")
    (tmp_path / "masks" / "again").symlink_to(tmp_path)
    (tmp_path / "masks" / "self.png").symlink_to(tmp_path / "masks" / "self.png")
    (tmp_path / "masks" / "dead.png").symlink_to(tmp_path / "nothing.png")
    (mask,) = find_mask_folders([str(tmp_path)], MaskOptions())
    assert len(mask.files) == 10
    (mask,) = find_mask_folders([str(tmp_path / "masks" / "self.png")], MaskOptions())
    assert mask.names == ["self.png"]


def test_a_fifo_and_a_folder_called_like_a_mask_hold_nothing_up(tmp_path: Path) -> None:
    draw_photos(tmp_path / "images")
    (tmp_path / "masks" / "0000.png").mkdir(parents=True)
    for number in range(1, 8):
        os.mkfifo(tmp_path / "masks" / f"000{number}.png")
    start = time.perf_counter()
    (mask,) = find_mask_folders([str(tmp_path)], MaskOptions())
    assert time.perf_counter() - start < 2
    assert len(mask.files) == 7
    os.mkfifo(tmp_path / "metadata.csv")
    os.mkfifo(tmp_path / "masks" / "metadata.csv")
    assert find_mask_folders([str(tmp_path)], MaskOptions())


def test_names_that_are_no_text_come_out_as_they_are(tmp_path: Path) -> None:
    names = [os.fsdecode(name) for name in (b"a\nb", b"\xff\xfe", "é".encode(), b" ", b"%s{stem}", b"a\\b", b"*?[")]
    draw_photos(tmp_path / "images", names)
    draw_ids(tmp_path / "masks", names)
    (mask,) = find_mask_folders([str(tmp_path)], MaskOptions())
    assert sorted(mask.stems) == sorted(names) == sorted(mask.image_stems)
    assert all(map(os.path.isfile, mask.files + mask.images))


def test_the_walk_can_be_somebody_elses(tmp_path: Path) -> None:
    expected = LAYOUTS["cityscapes"](tmp_path)
    (mask,) = find_mask_folders([str(tmp_path)], MaskOptions(), lambda top: os.walk(top))
    assert mask.path == str(tmp_path / expected.path)


def test_files_that_were_named_make_a_folder_of_these_alone(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", ["1.png", "2.png", "3.png"])
    tree = read_tree([str(tmp_path / "a" / "3.png"), str(tmp_path / "a" / "1.png")])
    (folder,) = tree.folders
    assert (folder.files, folder.named) == (["1.png", "3.png"], True)


WORDS = ["masks", "images", "train", "val", "a", "b", "0001", "sam", "gt", "depth", "panoptic", "dog", "mask_1", "x y"]
ENDINGS = [".png", ".jpg", ".npy", ".npz", ".pt", ".json", ".csv", ".PNG", "", ".png.png"]
STEMS = ["1", "0001", "a", "a_mask", "a_mask_1", "mask", "image", "metadata", "_mask", "mask_", ".", "1_2", "é\udcff"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(WORDS), max_size=3),
            st.sampled_from(STEMS),
            st.sampled_from(ENDINGS),
            st.sampled_from([b"", b"id,area,bbox_x0,bbox_y0\n", b"\x89PNG\r\n\x1a\n", b"PK\3\4"]),
        ),
        max_size=14,
    ),
    st.sampled_from([None, "masks", "."]),
    st.sampled_from([None, "images", "."]),
    st.sampled_from([None, "{stem}.png", "{dir}/{stem}.png", "{stem}_{object}.png", "{stem}/{object}.png"]),
)
def test_any_tree_is_survived(
    tmp_path_factory: pytest.TempPathFactory,
    files: list[tuple[list[str], str, str, bytes]],
    masks: str | None,
    images: str | None,
    pattern: str | None,
) -> None:
    from datacheck.errors import UsageError

    top = tmp_path_factory.mktemp("t")
    for folders, stem, ending, data in files:
        path = top.joinpath(*folders)
        try:
            path.mkdir(parents=True, exist_ok=True)
            (path / f"{stem}{ending}").write_bytes(data)
        except OSError:
            continue
    given_masks = str(top / masks) if masks else None
    given_images = str(top / images) if images else None
    for options in (MaskOptions(), MaskOptions(given_masks, given_images, pattern)):
        try:
            found = find_mask_folders([str(top)], options)
        except UsageError:
            continue
        taken: list[str] = []
        for mask in found:
            assert len(mask.files) == len(mask.names) == len(mask.stems) == len(mask.objects)
            assert len(mask.images) == len(mask.image_names) == len(mask.image_stems)
            assert all(map(os.path.isfile, [*mask.files, *mask.images]))
            assert all(mask.stems)
            taken += map(os.path.realpath, mask.files)
            assert not set(mask.files) & set(mask.images)
        assert len(set(taken)) == len(taken)


def test_forty_thousand_files_take_a_second_or_two(tmp_path: Path) -> None:
    data = b"\x89PNG\r\n\x1a\n" + bytes(30)
    for folder, ending in (("images", "jpg"), ("masks", "png")):
        (tmp_path / folder).mkdir()
        (tmp_path / "one").write_bytes(data)
        for number in range(20_000):
            os.link(tmp_path / "one", tmp_path / folder / f"{number:08}.{ending}")
    start = time.perf_counter()
    (mask,) = find_mask_folders([str(tmp_path)], MaskOptions())
    assert time.perf_counter() - start < 5
    assert mask.stems == mask.image_stems
    shutil.rmtree(tmp_path / "masks")
    shutil.rmtree(tmp_path / "images")
