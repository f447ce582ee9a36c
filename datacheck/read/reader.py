"""Reading one source: its top level is walked, its sections are read in blocks, and its format is told from what was
seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from datacheck.read.batch import FRAMES, Piece
from datacheck.read.blocks import MAX_RECORD, SMALL, any_cut, cut_pattern, start_pattern
from datacheck.read.detect import SECTIONS, Seen
from datacheck.read.faults import Fault, shorten
from datacheck.read.job import SINGLE, TABLE_OF, BlockDone, BlockJob
from datacheck.read.records import SECTION_TYPES
from datacheck.read.source import Source, Text
from datacheck.read.toplevel import CutOffError, EnoughError, find_all, value_end, walk_object

BLOCK = 8 << 20
MAX_FAULTS = 1000
MAX_SHOWN_KEYS = 8
_INTERESTING = re.compile(rb'"(?:images?|annotations|categories|bboxes|boxes|masks|masklet|segmentations)"\s*:')
_RECORDS = (b"{", b"n", b"]", b"[", b",", b"")
_LIST_OF_RECORDS = re.compile(rb'\[(?:[\s\[,]|null|"")*(?:\{|\]|\Z)')
"""Lists, nulls and empty texts may stand before the first object; numbers and texts may not."""
_KEY = re.compile(rb',\s*"([^"\\]*)"\s*:')


ReadBlocks = Callable[[Sequence[BlockJob]], "list[BlockDone]"]
"""Reads the first job, and as many of those after it as it likes; later ones may turn out to be cut wrongly."""


@dataclass
class Reader:
    """Reads one source. `read` is asked for blocks; `lookahead` is how many are cut in advance."""

    source: Source
    read: ReadBlocks
    lookahead: int = 1
    seen: Seen = field(default_factory=Seen)
    pieces: list[Piece] = field(default_factory=list)
    cut_off: bool = False
    is_known: bool = True
    """Some key of the file is one that a known format has."""
    _cuts: dict[tuple[int, int], tuple[int, bool, bool]] = field(default_factory=dict)

    def run(self) -> Seen:
        source, seen = self.source, self.seen
        text = self.text = Text(source)
        try:
            start = text.skip_space(source.start)
            if start >= text.size:
                if source.faults:  # Such as gzip that expands to nothing but blanks: the cause is known.
                    return seen
                self._fault(
                    Fault("empty-file", "there is nothing in it but white space" if text.size else "it has no bytes")
                )
                seen.found = "an empty file"
                return seen
            first = text.window(start, 1)
            if first == b"{":
                self.is_known = next(find_all(text, _INTERESTING, start), None) is not None
                end = walk_object(text, start, self._section, self._fault)
            elif first == b"[":
                seen.is_list = True
                seen.elements[""] = self._element(start)
                end = self._list("annotations", start) if self._may_be_records(start) else value_end(text, start)[0]
            else:
                seen.found = f"text that starts with {_printable(text.window(start, 12))}"
                return seen
            self._masks_of_sam2()
            self._rest(text.skip_space(end))
            seen.cut_off = self.cut_off or any(fault.kind == "truncated" for fault in source.faults)
            seen.damaged = any(fault.kind in ("syntax", "truncated") for fault in source.faults)
        except EnoughError:
            pass
        except CutOffError:
            self._fault(Fault("truncated", "the file ends inside a value", byte_offset=text.size))
        finally:
            text.close()
        return seen

    def _fault(self, fault: Fault) -> None:
        # A file can be wrong at every byte: after this many, one more says nothing new.
        if len(self.source.faults) < MAX_FAULTS and not (fault.kind == "truncated" and self.cut_off):
            self.source.faults.append(fault)

    def _rest(self, position: int) -> None:
        if position >= self.text.size:
            return
        left = self.text.size - position
        if self.text.window(position, 1) in (b"{", b"["):
            self._fault(
                Fault(
                    "extra-document",
                    f"a second JSON document of {left:,} bytes follows; it is not read",
                    byte_offset=position,
                )
            )
        else:
            self._fault(
                Fault(
                    "syntax",
                    f"{left:,} bytes follow the end of the document",
                    byte_offset=position,
                    found=_printable(self.text.window(position, 20)),
                )
            )

    def _section(self, key: str, start: int) -> int | None:
        seen = self.seen
        seen.keys.append(key)
        if not self.is_known and len(seen.keys) > MAX_SHOWN_KEYS:
            raise EnoughError
        first = self.text.window(start, 1)
        seen.lists[key] = first == b"["
        seen.elements[key] = self._element(start) if first == b"[" else first
        if key in ("masks", "masklet"):
            seen.sam2 = (key, start)
        if key == "image" and first == b"{":
            return self._single_image(start)
        if key not in SECTIONS:
            return None
        if first == b"[" and seen.elements[key] in _RECORDS:
            return self._list(key, start)
        self._generation(key)
        seen.counts[key] = 0
        seen.cut_sections.add(key)
        if first == b"[":
            found = self.text.window(start, 30).decode("utf-8", "replace")
            self._fault(
                Fault("not-a-record", f"{key} is a list of values that are no objects", key, field=key, found=found)
            )
        else:
            shown = "an object" if first == b"{" else "a string" if first == b'"' else self._word(start)
            detail = f"{key} is {shown}, not a list"
            self._fault(Fault("wrong-section", detail, key, field=key, found=shown, byte_offset=start))
        return None

    def _element(self, start: int) -> bytes:
        """The first character of a list's first element; that of the element's own first, where it is a list itself."""
        inner = self.text.skip_space(start + 1)
        return self.text.window(inner, 1)

    def _may_be_records(self, start: int) -> bool:
        """May the value at `start` be a list of records, or of frames of masks (SAM 2)?"""
        return _LIST_OF_RECORDS.match(self.text.window(start, 1 << 16)) is not None

    def _word(self, start: int) -> str:
        found = re.match(rb"[-+.\w]*", self.text.window(start, 24))
        return found.group().decode() if found else ""

    def _single_image(self, start: int) -> int:
        """SA-1B: the one image of the file."""
        end, _ = value_end(self.text, start)
        if end - start > MAX_RECORD:
            return end
        job = BlockJob(self.source, SINGLE, self._generation("images"), start, end, cut_pattern(b""), False)
        self._accept(SINGLE, self.read([job])[0])
        return end

    def _generation(self, section: str) -> int:
        self.seen.generations[section] = self.seen.generations.get(section, -1) + 1
        return self.seen.generations[section]

    def _accept(self, section: str, done: BlockDone) -> None:
        table = TABLE_OF.get(section, section)
        done.piece.first = self.seen.counts[table]
        self.seen.counts[table] += done.count
        self.seen.features |= done.features
        if done.cut_off:
            self.cut_off = True
            self.seen.cut_sections.add(table)
        self.pieces.append(done.piece)

    def _masks_of_sam2(self) -> None:
        seen = self.seen
        if seen.sam2 and seen.is_sam2() and self._may_be_records(seen.sam2[1]):
            self._list("annotations", seen.sam2[1])

    def _list(self, section: str, start: int) -> int:
        """Read the list that opens at `start`; returns the position behind it."""
        text, seen = self.text, self.seen
        position = text.skip_space(start + 1)
        generation = self._generation(section)
        seen.counts[section] = 0
        if text.window(position, 1) == b"]":
            return position + 1
        head = text.window(position, 1 << 12)
        if section == "annotations" and (head[:1] == b"[" or (head[:4] == b"null" and seen.is_list)):
            section = FRAMES
        cut = cut_pattern(head)
        block, trusted = BLOCK, True
        while position < text.size:
            position = text.skip_space(position)
            jobs = self._cut(section, generation, position, block, cut, self.lookahead if trusted else 1)
            for job, done in zip(jobs, self.read(jobs), strict=False):
                if done.next == job.begin and not done.closed:
                    break
                self._accept(section, done)
                position, block = done.next, BLOCK
                if done.closed:
                    again = self._reopened(section, position, cut)
                    if again is None:
                        return position
                    position, trusted = again, False
                    break
                if done.next != job.end:
                    trusted = False
                    break
            else:
                trusted = True
            if position == jobs[0].begin:
                # Not one whole record in this block: look at more text at once, up to what a record may take.
                if block >= MAX_RECORD:
                    position, block = self._give_up_record(section, position, cut), BLOCK
                else:
                    block = min(4 * block, MAX_RECORD)
        self.seen.cut_sections.add(TABLE_OF.get(section, section))
        raise CutOffError

    def _reopened(self, section: str, end: int, cut: re.Pattern[bytes]) -> int | None:
        """Where the list that closed at `end` goes on all the same: a stray bracket closed it within a record."""
        after = self.text.skip_space(end)
        found = self.text.window(after, 1)
        if found == b",":
            key = _KEY.match(self.text.window(after, 256))
            within = (
                key is not None
                and key[1].decode("latin-1") in SECTION_TYPES[TABLE_OF.get(section, section)].__struct_fields__
            )
        else:
            within = found not in (b"}", b"", b'"')
        if self.seen.is_list or not within:
            return None
        following = next((stop for _, stop in find_all(self.text, start_pattern(cut), after)), None)
        if following is not None:
            table = TABLE_OF.get(section, section)
            detail = "a bracket closes the list within a record"
            shown = _printable(self.text.window(after, 20))
            self._fault(Fault("syntax", detail, table, self.seen.counts[table], found=shown, byte_offset=after))
        return following

    def _give_up_record(self, section: str, position: int, cut: re.Pattern[bytes]) -> int:
        self._fault(
            Fault(
                "record-too-large",
                "this record is over 32 MiB: it is not read",
                TABLE_OF.get(section, section),
                self.seen.counts[TABLE_OF.get(section, section)],
                byte_offset=position,
            )
        )
        self.seen.counts[TABLE_OF.get(section, section)] += 1
        return next((end for _, end in find_all(self.text, cut, position + 1)), self.text.size)

    def _cut(
        self, section: str, generation: int, start: int, size: int, cut: re.Pattern[bytes], many: int
    ) -> list[BlockJob]:
        """Up to `many` blocks of about `size` bytes from `start` on, each cut where a record seems to start."""
        jobs: list[BlockJob] = []
        cuts: dict[tuple[int, int], tuple[int, bool, bool]] = {}
        while len(jobs) < many and start < self.text.size:
            end, at_cut, is_sure = self._cuts.get((start, size)) or self._cut_at(section, start, size, cut)
            cuts[start, size] = end, at_cut, is_sure
            jobs.append(
                BlockJob(
                    self.source, section, generation, start, end, cut,
                    final=end >= self.text.size, at_cut=at_cut, nullable=self.seen.is_list,
                )
            )  # fmt: skip
            start = end
            if not is_sure:
                break  # The list may have ended: nothing is read ahead on a guess.
        self._cuts = cuts
        return jobs

    def _cut_at(self, section: str, start: int, size: int, cut: re.Pattern[bytes]) -> tuple[int, bool, bool]:
        """(where to end a block of about `size` bytes, whether a record seems to start there, one like the first)."""
        aim = start + size
        if aim >= self.text.size:
            return self.text.size, True, True
        # The next record is near, as a rule. Where none is found the list has ended, or a record is huge, or its keys
        # come in another order: reading will tell.
        for pattern, far in ((cut, SMALL), (any_cut(section), SMALL), (cut, size)):
            if found := pattern.search(self.text.read(aim, aim + far)):
                return aim + found.end(), True, pattern is cut and far == SMALL
        return min(aim + size, self.text.size), aim + size >= self.text.size, False


def _printable(piece: bytes) -> str:
    return shorten(piece.decode("utf-8", "replace"))
