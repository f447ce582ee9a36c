"""What the sources are expected to be: one concept for `--expect`, `[expect]` and `[sources."glob"]`.

An expectation is said in layers, weakest first: `[expect]`, then each `[sources."glob"]` that matches (in the order of
the file, so that a later glob wins), then the command line or the call. `Expectations.for_source` merges them for one
path. What is information by default becomes an error where it is expected otherwise; the rules see the `expect_*`
columns of `sources`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from datacheck.errors import UsageError

TASKS = ("instances", "keypoints", "panoptic", "captions", "image-info", "results", "masks")
BOX_FORMATS = ("xywh", "xyxy", "cxcywh", "normalised", "normalised-xyxy", "normalised-cxcywh")


@dataclass(frozen=True)
class SourceExpectation:
    """What one source is expected to be; None: nothing is expected."""

    task: str | None = None
    boxes: str | None = None
    masks: bool = False
    min_segments: int | None = None
    keypoints: int | None = None
    """Keypoints of each annotation; 0: any number."""
    coco_evaluation: bool = False
    class_count: int | None = None
    """Also set, to their number, when the classes are named."""
    classes: tuple[str, ...] | None = None
    """Names of the classes, without repeats, in the order given."""

    def columns(self) -> dict[str, object]:
        """The `expect_*` columns of `tables.SOURCES`, by name."""
        return {
            "expect_task": self.task,
            "expect_boxes": self.boxes,
            "expect_masks": self.masks,
            "expect_min_segments": self.min_segments,
            "expect_keypoints": self.keypoints,
            "expect_coco_evaluation": self.coco_evaluation,
            "expect_class_count": self.class_count,
        }


@dataclass(frozen=True)
class Expectations:
    """Everything that is expected of a scan. `Expectations()` expects nothing.

    general, command: what holds for every source, below and above the globs; keys and values as `check` gives them.
    by_glob: (glob, what holds for the sources it matches), in the order of the configuration.
    root: the configuration's folder, to which globs may be relative.
    """

    general: Mapping[str, object] = field(default_factory=dict)
    by_glob: Sequence[tuple[str, Mapping[str, object]]] = ()
    command: Mapping[str, object] = field(default_factory=dict)
    root: str | None = None

    @property
    def splits(self) -> tuple[str, ...] | None:
        """The splits that the sources together must name; None: none are expected."""
        splits = self.command.get("splits", self.general.get("splits"))
        return splits if isinstance(splits, tuple) else None

    def for_source(self, path: str) -> SourceExpectation:
        """What is expected of the source at `path` (as the user gave it)."""
        merged = dict(self.general)
        for glob, declared in self.by_glob:
            if matches(glob, path, self.root):
                merged.update(declared)
        merged.update(self.command)
        return _source_expectation(merged)


def _source_expectation(merged: Mapping[str, object]) -> SourceExpectation:
    task, boxes, classes = merged.get("task"), merged.get("boxes"), merged.get("classes")
    segments, keypoints = merged.get("min-segments"), merged.get("keypoints")
    if isinstance(keypoints, bool):
        keypoints = 0 if keypoints else None
    names = classes if isinstance(classes, tuple) else None
    return SourceExpectation(
        task=task if isinstance(task, str) else None,
        boxes=boxes if isinstance(boxes, str) else None,
        masks=merged.get("masks") is True,
        min_segments=segments if isinstance(segments, int) else None,
        keypoints=keypoints if isinstance(keypoints, int) else None,
        coco_evaluation=merged.get("coco-evaluation") is True,
        class_count=len(names) if names is not None else classes if isinstance(classes, int) else None,
        classes=names,
    )


# values of one expectation


def _one_of(choices: tuple[str, ...]) -> Callable[[str, object], object]:
    def check_choice(key: str, value: object) -> object:
        if isinstance(value, str) and value in choices:
            return value
        near = get_close_matches(str(value), choices, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise UsageError(f"{key} must be one of {', '.join(choices)}, not {_shown(value)}.{hint}")

    return check_choice


def _flag(key: str, value: object) -> object:
    if isinstance(value, bool):
        return value
    raise UsageError(f"{key} must be true or false, not {_shown(value)}")


def _number(key: str, value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62:
        return value
    raise UsageError(f"{key} must be a whole number from 0 up, not {_shown(value)}")


def _keypoints(key: str, value: object) -> object:
    return value if isinstance(value, bool) else _number(key, value)


def _names(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and value and all(isinstance(name, str) and name for name in value):
        return tuple(dict.fromkeys(value))
    raise UsageError(f"{key} must be a list of names, not {_shown(value)}")


def _classes(key: str, value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(key, value)
    if isinstance(value, (list, tuple)):
        return _names(key, value)
    raise UsageError(f"{key} must be a list of names or how many there are, not {_shown(value)}")


_CHECKS: dict[str, Callable[[str, object], object]] = {
    "task": _one_of(TASKS),
    "boxes": _one_of(BOX_FORMATS),
    "masks": _flag,
    "min-segments": _number,
    "keypoints": _keypoints,
    "coco-evaluation": _flag,
    "classes": _classes,
    "splits": _names,
}


def check(declared: Mapping[str, object], *, of_one_source: bool = False) -> dict[str, object]:
    """Check the expectations of one table of the configuration, or of one call; returns them with lists as tuples.

    Underscores in keys are taken as dashes. `of_one_source`: splits make no sense there. Raises UsageError, whose text
    names the key and what is right.
    """
    checked: dict[str, object] = {}
    for name, value in declared.items():
        key = str(name).replace("_", "-")
        if key not in _CHECKS:
            near = get_close_matches(key, _CHECKS, 1, 0.5)
            hint = f"Did you mean {near[0]}?" if near else f"It is one of: {', '.join(_CHECKS)}."
            raise UsageError(f"no such expectation: {name}. {hint}")
        if key == "splits" and of_one_source:
            raise UsageError("splits are expected of the whole dataset: say them under [expect], not for one source")
        checked[key] = _CHECKS[key](key, value)
    return checked


_ALIASES = {"segments": "min-segments", "box": "boxes", "class": "classes", "mask": "masks", "split": "splits"}
_FORM = re.compile(r"\s*([A-Za-z_-]+)\s*(?:(>=|=)\s*(.*?)\s*)?", re.DOTALL)


def parse(texts: Iterable[str]) -> dict[str, object]:
    """The expectations of `--expect`: `masks`, `task=instances`, `classes=80`, `classes=cat,dog`, `segments>=2`, ...

    Raises UsageError.
    """
    declared: dict[str, object] = {}
    for text in texts:
        form = _FORM.fullmatch(text)
        if form is None:
            raise UsageError(f"--expect {text}: write it as masks, task=instances, classes=cat,dog or segments>=2")
        name, sign, value = form.groups()
        key = _ALIASES.get(name, name.replace("_", "-"))
        if sign == ">=" and key != "min-segments":
            raise UsageError(f"--expect {text}: >= is for segments only; write {name}={value}")
        try:
            declared.update(check({key: _value(key, value)}))
        except UsageError as error:
            raise UsageError(f"--expect {text}: {error}") from None
    return declared


def _value(key: str, text: str | None) -> object:
    """The value that the text after `=` stands for; text None: there was no `=`."""
    if text is None:
        return True
    if text.lower() in ("true", "yes", "false", "no"):
        return text.lower() in ("true", "yes")
    if re.fullmatch(r"[+-]?\d{1,30}", text) and key != "splits":
        return int(text)
    if key in ("classes", "splits"):
        return [name.strip() for name in text.split(",") if name.strip()]
    return text


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


# globs


def matches(glob: str, path: str, root: str | None = None) -> bool:
    """Does `glob` name the source at `path`?

    `*` and `?` stay within one name, `**` crosses folders, `[...]` is one of some characters. The path is tried as
    given, relative to `root`, and absolute; a glob without a slash is tried against the file's name too; a glob that
    ends in a slash means everything below.
    """
    pattern = glob.replace(os.sep, "/")
    pattern = pattern.removeprefix("./")
    if pattern.endswith("/"):
        pattern += "**"
    regex = _regex(pattern)
    return any(regex.fullmatch(candidate) for candidate in _candidates(path, root, "/" in pattern))


def _candidates(path: str, root: str | None, has_slash: bool) -> Iterable[str]:
    given = path.replace(os.sep, "/")
    yield given.removeprefix("./")
    if not has_slash:
        yield given.rsplit("/", 1)[-1]
    absolute = os.path.abspath(path)  # noqa: PTH100 (resolve() would follow links)
    yield absolute.replace(os.sep, "/")
    if root is not None:
        try:
            yield os.path.relpath(absolute, root).replace(os.sep, "/")
        except ValueError:  # another drive on Windows
            return


def _regex(glob: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif glob.startswith("**", at):
            parts.append(".*")
            at += 2
        elif glob[at] == "*":
            parts.append("[^/]*")
            at += 1
        elif glob[at] == "?":
            parts.append("[^/]")
            at += 1
        elif glob[at] == "[" and (end := glob.find("]", at + 2)) > 0:
            body = glob[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            parts.append("[" + ("^" + body[1:] if body[0] in "!^" else body) + "]")
            at = end + 1
        else:
            parts.append(re.escape(glob[at]))
            at += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:  # a set such as [z-a]: then the glob means its own characters
        return re.compile(re.escape(glob))
