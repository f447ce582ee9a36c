"""The head of a report: which inputs were found, and what they hold."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

from datacheck.screen import count, plain

if TYPE_CHECKING:
    from datacheck.api import Report
    from datacheck.screen import Screen

MAX_LISTED = 30
"""Inputs listed one by one; more are counted by folder and format."""
MAX_ALIKE = 3
"""Files of one image each (SA-1B) in one folder that are listed one by one."""
MAX_SKIPPED = 5
MAX_PATH = 80
"""Columns that paths are aligned to."""

_ONE_IMAGE = ("sa-1b", "amg-rle")
_COUNTS = (("image_count", "image"), ("annotation_count", "annotation"), ("category_count", "category"))


def write(report: Report, screen: Screen) -> None:
    """A line for each input, then those that were not recognised."""
    masks = ("mask_pattern", "images_pattern", "mask_set_count", "mask_file_count")
    names = [*masks, "path", "format", "task", "recognised", "readable", "found_keys", *(name for name, _ in _COUNTS)]
    sources = report.sources.select(names).to_pylist()
    known = [source for source in sources if source["recognised"]]
    rows = _listed(known) if len(known) <= MAX_LISTED else _by_folder(known)
    _table(rows, screen)
    skipped = [source for source in sources if not source["recognised"]]
    shown = skipped if len(skipped) <= MAX_SKIPPED else skipped[: MAX_SKIPPED - 1]
    for source in shown:
        state = "not recognised, skipped" if source["readable"] else "cannot be read as JSON, skipped"
        keys = f"  (it holds: {plain(source['found_keys'])})" if source["found_keys"] else ""
        screen.line(f"{plain(source['path'])}   {screen.style(state, 'dim')}{screen.style(keys, 'dim')}")
    if len(skipped) > len(shown):
        screen.line(screen.style(f"… {len(skipped) - len(shown):,} more files not recognised, skipped", "dim"))
    if sources:
        screen.line()


def _listed(known: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """A line for each input, but one line for the files of one folder that hold an image each."""
    alike = Counter(_folder(source) for source in known)
    many = [s for s in known if s["format"] in _ONE_IMAGE and alike[_folder(s)] > MAX_ALIKE]
    rows: list[tuple[str, str, list[str]]] = []
    done = set()
    for source in known:
        if source not in many:
            rows.append(_row(source))
        elif (group := _folder(source)) not in done:
            done.add(group)
            rows += _by_folder([one for one in many if _folder(one) == group])
    return rows


def _folder(source: dict[str, Any]) -> tuple[str, str]:
    """Folder and format."""
    return source["path"].replace("\\", "/").rpartition("/")[0] + "/", source["format"]


def _row(source: dict[str, Any]) -> tuple[str, str, list[str]]:
    """(path, format in words, counts)."""
    if source["mask_pattern"] is not None:
        words = f"{source['format'].replace('-', ' ')} {plain(source['mask_pattern'])}"
        if not (source["images_pattern"] or "{stem}.").startswith("{stem}."):
            words += f" of {plain(source['images_pattern'])}"
        return plain(source["path"]), words, _mask_counts(source)
    return plain(source["path"]), _words(source["format"]), _counts(source, source["task"])


def _mask_counts(numbers: dict[str, Any]) -> list[str]:
    return [count(numbers["mask_set_count"], "image"), count(numbers["mask_file_count"], "mask file"), ""]


def _words(source_format: str) -> str:
    return source_format.replace("-", " ") if source_format.startswith("coco-") else source_format


def _counts(numbers: dict[str, Any], task: str | None) -> list[str]:
    annotation = {"captions": "caption", "results": "result", "masks": "mask"}.get(task or "", "annotation")
    nouns = {"annotation": (annotation,), "category": ("category", "categories")}
    return [count(numbers[name], *nouns.get(noun, (noun,))) if numbers[name] else "" for name, noun in _COUNTS]


def _by_folder(known: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    """Inputs counted by folder and format, for a folder of many files (SA-1B has one for each image)."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for source in known:
        groups.setdefault((*_folder(source), source["task"]), []).append(source)
    if len(groups) > MAX_LISTED:  # as many folders as files: count by format alone
        formats = Counter((source["format"], source["task"]) for source in known)
        groups = {}
        for name, task in formats:
            members = [source for source in known if source["format"] == name and source["task"] == task]
            groups[_common([source["path"] for source in members]), name, task] = members
    rows = []
    for (folder, name, task), members in groups.items():
        totals = {column: sum(one[column] or 0 for one in members) for column, _ in _COUNTS}
        rows.append((plain(folder), f"{len(members):,} × {_words(name)}", _counts(totals, task)))
    return rows


def _common(paths: list[str]) -> str:
    """The folder that all of these are in."""
    try:
        folder = os.path.commonpath(paths)
    except ValueError:  # some absolute, some not
        return ""
    return folder + "/" if folder else ""


def _table(rows: list[tuple[str, str, list[str]]], screen: Screen) -> None:
    if not rows:
        return
    path_width = min(MAX_PATH, max(len(path) for path, _, _ in rows))
    format_width = max(len(name) for _, name, _ in rows)
    number_widths = [max(len(counts[i].split(" ")[0]) for _, _, counts in rows) for i in range(len(_COUNTS))]
    widths = [0 for _ in _COUNTS]
    cells = []
    for _, _, counts in rows:
        words = [text.partition(" ") for text in counts]
        aligned = [f"{word[0]:>{width}} {word[2]}" for word, width in zip(words, number_widths, strict=True)]
        widths = [max(width, len(text.rstrip())) for width, text in zip(widths, aligned, strict=True)]
        cells.append(aligned)
    for (path, name, counts), aligned in zip(rows, cells, strict=True):
        line = f"{screen.padded(screen.style(path, 'path'), path_width)}   {name:<{format_width}}"
        # An empty cell between two filled ones keeps its width; separators stand only between filled ones.
        tail, filled = "", False
        for text, cell, width in zip(counts, aligned, widths, strict=True):
            if not width:
                continue
            tail += (" · " if filled and text else "   ") + (f"{cell:<{width}}" if text else " " * width)
            filled = filled or bool(text)
        screen.line((line + tail).rstrip())
