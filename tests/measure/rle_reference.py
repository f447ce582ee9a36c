"""Run-length encoded masks, measured slowly: one character, one run, one pixel at a time, in plain Python.

Written from the description of the format, and shares nothing with what it is compared with.
"""

from __future__ import annotations

from typing import Any

MOST_PIXELS = 2**31 - 1
MOST_RUNS = 100_000
FAR = 2**53
SMALL = 20_000
"""Frames of more pixels are not painted, so their segments are not known here."""

Answer = dict[str, Any]


def encode(runs: list[int]) -> str:
    """Compressed counts, by the description of the format."""
    characters = []
    for index, run in enumerate(runs):
        value = run - runs[index - 2] if index > 2 else run
        while True:
            code, value = value & 0x1F, value >> 5
            done = value == (-1 if code & 0x10 else 0)
            characters.append(chr(48 + code + (0 if done else 0x20)))
            if done:
                break
    return "".join(characters)


def decode(text: str) -> list[int] | None:
    """The runs of compressed counts; None if they are none."""
    runs: list[int] = []
    codes = [ord(character) - 48 for character in text]
    if any(not 0 <= code <= 63 for code in codes):
        return None
    at = 0
    while at < len(codes):
        value = 0
        for place in range(8):
            if place == 7 or at == len(codes):
                return None
            code = codes[at]
            at += 1
            value += (code % 32) * 32**place
            if code < 32:
                if code & 16:
                    value -= 32 ** (place + 1)
                break
        runs.append(value + runs[-2] if len(runs) > 2 else value)
    return runs


def _whole(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and float(number).is_integer()


def measure(size: object, counts: object) -> Answer:
    """What is to be said of an RLE object. size: what stands there; counts: a text, or a list of finite numbers."""
    answer: Answer = {}
    runs: list[int] | None
    if isinstance(counts, str):
        runs = decode(counts)
        state = "bytes-repr" if counts[:2] in ("b'", 'b"') else "malformed" if runs is None else ""
    else:
        assert isinstance(counts, list)
        runs = [int(run) for run in counts] if all(_whole(run) for run in counts) else None
        state = "malformed" if runs is None else ""
    if not counts:
        state = "empty"
    elif not state and runs is not None and min(runs) < 0:
        state = "negative"
    if not state and runs is not None:
        answer |= {"run_sum": min(sum(runs), FAR), "area": min(sum(runs[1::2]), FAR), "run_count": len(runs)}
    if not isinstance(size, list) or len(size) != 2 or not all(_whole(side) and side >= 1 for side in size):
        return answer | {"state": "bad-size"}
    height, width = int(size[0]), int(size[1])
    if height * width > MOST_PIXELS:
        return answer | {"state": "oversized"}
    if state or runs is None:
        return answer | {"state": state}
    if sum(runs) != height * width:
        return answer | {"state": "short" if sum(runs) < height * width else "long"}
    answer |= {"state": "ok", "share": answer["area"] / (height * width)}
    return answer | _box(runs, height) | _segments(runs, height, width)


def _box(runs: list[int], height: int) -> Answer:
    at, columns, rows = 0, [], []
    for index, run in enumerate(runs):
        if index % 2 and run:
            first, last = at, at + run - 1
            columns += [first // height, last // height]
            same = first // height == last // height
            rows += [first % height, last % height] if same else [0, height - 1]
        at += run
    if not columns:
        return {}
    x, y = min(columns), min(rows)
    return {"x": x, "y": y, "w": max(columns) - x + 1, "h": max(rows) - y + 1}


def _segments(runs: list[int], height: int, width: int) -> Answer:
    if height * width > SMALL or len(runs) > MOST_RUNS:
        return {}
    left: set[tuple[int, int]] = set()
    at = 0
    for index, run in enumerate(runs):
        if index % 2:
            left |= {divmod(position, height) for position in range(at, at + run)}
        at += run
    sizes = []
    while left:
        edge, size = [left.pop()], 0
        while edge:
            x, y = edge.pop()
            size += 1
            for place in [(x + a, y + b) for a in (-1, 0, 1) for b in (-1, 0, 1)]:
                if place in left:
                    left.remove(place)
                    edge.append(place)
        sizes.append(size)
    return {"component_count": len(sizes), "largest_component": max(sizes, default=0)}
