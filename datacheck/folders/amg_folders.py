"""Folders that segment-anything's amg.py wrote: `<stem>/0.png`, `<stem>/1.png`, ... beside `<stem>/metadata.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from datacheck.folders.amg import NAME, is_amg
from datacheck.folders.families import PNG, Group
from datacheck.folders.sample import evenly
from datacheck.folders.tree import Folder, join
from datacheck.folders.units import Unit


@dataclass
class AmgFolder:
    """All folders of one parent that amg.py wrote, one an image; the masks as a group, whose unit is these folders."""

    parent: tuple[str, ...]
    members: list[Folder]
    alone: bool
    """One folder that was named itself: nothing beside it may be read."""
    base: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)

    def stem(self, folder: Folder) -> str:
        return folder.parts[-1] if folder.parts else self.base[-1] if self.base else folder.path

    def group(self) -> Group:
        signature = (*self.parent, None) if not self.alone else ()
        unit = Unit(signature, self.members, self.base)
        found = Group(unit, PNG, "", "")
        for at, folder in enumerate(self.members):
            for name in folder.files:
                if name[-4:].lower() == ".png":
                    found.where.append(at)
                    found.names.append(name)
                    found.stems.append(name[:-4])
        found.cores = found.stems
        unit.groups = [found]
        return found


def take_amg(folders: list[Folder], base: tuple[str, ...]) -> tuple[list[AmgFolder], list[Folder]]:
    """amg folders by their parent, and all folders that are none. Where one of several folders of a parent has a
    metadata.csv of amg.py's, those whose masks are numbered as amg.py does it are amg folders too."""
    parents: dict[tuple[str, ...] | None, list[Folder]] = {}
    for folder in folders:
        parents.setdefault(folder.parts[:-1] if folder.parts else None, []).append(folder)
    found: list[AmgFolder] = []
    taken: set[int] = set()
    for parent, some in parents.items():
        listed = [folder for folder in some if NAME in folder.files]
        if not any(is_amg(join(listed[index].path, NAME)) for index in evenly(len(listed))):
            continue
        members = [folder for folder in some if _is_member(folder)]
        if not members:
            continue
        alone = parent is None
        if not alone and len(members) == 1 and members[0].typed == len(members[0].parts):
            alone = all(folder.parts != parent for folder in folders)
        amg = AmgFolder(parent or (), members, alone, base)
        amg.metadata = {amg.stem(folder): join(folder.path, NAME) for folder in members if NAME in folder.files}
        found.append(amg)
        taken.update(map(id, members))
    return found, [folder for folder in folders if id(folder) not in taken]


def _is_member(folder: Folder) -> bool:
    """Masks numbered from 0, or nothing but a metadata.csv: amg.py found no mask."""
    pngs = [name[:-4] for name in folder.files if name[-4:].lower() == ".png"]
    if not pngs:
        return NAME in folder.files
    return 2 * sum(map(_is_number, _some(pngs))) > len(_some(pngs))


def _some(names: Sequence[str]) -> list[str]:
    return [names[index] for index in evenly(len(names))]


def _is_number(stem: str) -> bool:
    return stem.isdecimal() and stem == str(int(stem)) if len(stem) < 10 else False
