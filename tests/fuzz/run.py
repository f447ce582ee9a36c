"""Coverage-guided fuzzing of the RLE and the JSON readers: python -m tests.fuzz.run --seconds 600

Each target runs in a process of its own, for an equal share of the time. What it learns is kept in .fuzz/, so that the
next run goes on from there; inputs that broke something are kept there too. Exit status: 0 nothing found, 1 something.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".fuzz"
TARGETS = ("rle", "json")
LONGEST = {"rle": 512, "json": 4096}
"""Bytes of an input."""
SECONDS, MEGABYTES = 10, 2048
"""What one input may take."""
RUNS = 40_000
WORDS = (
    '{"images": [', '"annotations": [', '"categories": [', '"id": ', '"image_id": ', '"category_id": ', '"bbox": [',
    '"segmentation": ', '"segmentation": [[', '{"size": [', '"counts": "', '"counts": [', '"area": ', '"iscrowd": ',
    '"keypoints": [', '"num_keypoints": ', '"score": ', '"caption": "', '"segments_info": [', '"file_name": "',
    '"width": ', '"height": ', '"name": "', '"skeleton": [[', '"masklet": [', '"image": {', "NaN", "Infinity", "null",
    "true", "1e999", "-1", "18446744073709551616", "]}", "}, {", "\\\\u0000", "\\\\ud800", "\\xef\\xbb\\xbf",
    "\\x1f\\x8b",
)  # fmt: skip


@dataclass
class Outcome:
    target: str
    runs: int = 0
    features: int = 0
    coverage: int = 0
    found: list[Path] = field(default_factory=list)
    status: int = 0

    def __str__(self) -> str:
        said = "nothing found" if not self.found and not self.status else f"found {len(self.found)}"
        return f"{self.target}: {self.runs:,} executions, {self.coverage:,} edges, {self.features:,} features, {said}"


def seed(target: str, folder: Path) -> None:
    """What the fuzzer starts from: of the JSON reader, the hostile corpus and the clean documents."""
    folder.mkdir(parents=True, exist_ok=True)
    if target == "rle":
        for number in range(64):
            (folder / f"seed-{number}").write_bytes(bytes((number * 37 + k * k) % 256 for k in range(40 + 4 * number)))
        return
    import json

    from tests.hostile.corpus import CASES
    from tests.rules.clean import CLEAN

    for name, case in CASES.items():
        if isinstance(case.content, bytes) and len(case.content) <= LONGEST[target]:
            (folder / re.sub(r"[^\w-]", "_", name)).write_bytes(case.content)
    for name, make in CLEAN.items():
        (folder / f"clean-{name}").write_bytes(json.dumps(make()).encode()[: LONGEST[target]])


def fuzz(target: str, seconds: float) -> Outcome:
    """Fuzz one target for so long, in processes of RUNS executions each: the fuzzer itself never gives memory back."""
    corpus, seeds, broken, words = (KEPT / name for name in (target, f"{target}-seeds", f"{target}-found", "words"))
    seed(target, seeds)
    for folder in (corpus, broken):
        folder.mkdir(parents=True, exist_ok=True)
    words.write_text("".join('"' + word.replace('"', '\\"') + '"\n' for word in WORDS))
    before = set(broken.iterdir())
    outcome, end = Outcome(target), time.monotonic() + seconds
    while not outcome.status and (left := int(end - time.monotonic())) > 0:
        command = [
            sys.executable, "-m", f"tests.fuzz.{target}_target", f"-max_total_time={left}", f"-runs={RUNS}",
            f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", f"-max_len={LONGEST[target]}",
            f"-artifact_prefix={broken}/", "-print_final_stats=1", f"-dict={words}", "-use_value_profile=1",
            str(corpus), str(seeds),
        ]  # fmt: skip
        log = KEPT / f"{target}.log"
        with log.open("wb") as out:
            done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, check=False)
        outcome.status = done.returncode
        text = log.read_text(errors="replace")
        outcome.runs += _last(r"stat::number_of_executed_units:\s*(\d+)", text) or _last(r"#(\d+)\s", text)
        outcome.features = max(outcome.features, _last(r"ft: (\d+)", text))
        outcome.coverage = max(outcome.coverage, _last(r"cov: (\d+)", text))
    outcome.found = sorted(set(broken.iterdir()) - before)
    return outcome


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600, help="in all (600)")
    parser.add_argument("--target", choices=TARGETS, help="only this one")
    options = parser.parse_args()
    targets = (options.target,) if options.target else TARGETS
    outcomes = []
    for target in targets:
        outcomes.append(fuzz(target, options.seconds / len(targets)))
        print(outcomes[-1], flush=True)
        for path in outcomes[-1].found:
            print(f"  {path}")
        if outcomes[-1].status:
            print(f"  see {KEPT / target}.log")
    return int(any(outcome.found or outcome.status for outcome in outcomes))


if __name__ == "__main__":
    raise SystemExit(main())
