"""Which split (train, val, test) a path names, in whole words of its end: `evaluation` and `latest` name none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_SPLITS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip


def _parts(path: str) -> list[str]:
    return [part for part in re.split(r"[/\\]", path) if part not in ("", ".")]


def _words(text: str) -> list[str]:
    """Runs of letters and runs of digits: `instances_train2017` is instances, train, 2017."""
    return re.findall(r"[^\W\d_]+|\d+", text.lower())


def role_of(path: str) -> str:
    """The split (train, val or test) that the file's name says, else that its folder says; else the file's name.

    Folders further up say nothing, so that a file keeps its role when its dataset is moved; names are taken without
    endings. COCO's test-dev is a test.
    """
    parts = _parts(path)
    for part in reversed(parts[-2:]):
        words = _words(part)
        for number, word in reversed(list(enumerate(words))):
            if word in _SPLITS and not (word == "dev" and words[number - 1 : number] == ["test"]):
                return _SPLITS[word]
    name = parts[-1] if parts else path
    return name.lstrip(".").split(".")[0] or name


def missing_splits(splits: Iterable[str], paths: Iterable[str], given: Collection[str]) -> list[str]:
    """Which of `splits` no path names, neither in its part below the path that was given nor in its folder and name.

    A split is named by its words, one after the other, or by another word for it (`valid` is val).
    """
    roots = {tuple(_parts(path)) for path in given}
    named = {tuple(_named(part)) for path in paths for part in _tail(_parts(_stem(path)), roots)}
    return [split for split in splits if not any(_within(_named(split), words) for words in named)]


def _stem(path: str) -> str:
    return path.removesuffix(".gz").removesuffix(".json")


def _tail(parts: list[str], roots: Collection[tuple[str, ...]]) -> list[str]:
    """The parts of a path below the deepest folder that was given, at least the last two."""
    deepest = next((n for n in range(len(parts) - 1, -1, -1) if tuple(parts[:n]) in roots), len(parts))
    return parts[min(deepest, max(0, len(parts) - 2)) :]


def _named(text: str) -> list[str]:
    return [_SPLITS.get(word, word) for word in _words(text)]


def _within(wanted: list[str], words: tuple[str, ...]) -> bool:
    return bool(wanted) and any(
        list(words[at : at + len(wanted)]) == wanted for at in range(len(words) - len(wanted) + 1)
    )
