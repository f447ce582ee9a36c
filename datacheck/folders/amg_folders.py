"""Folders that segment-anything's amg.py wrote: `<stem>/0.png`, `<stem>/1.png`, ... beside `<stem>/metadata.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from datacheck.folders.amg import NAME, is_amg, is_damaged
from datacheck.folders.families import KINDS, PHOTO, PNG, Group, extension_of
from datacheck.folders.mask_folder import AMG, OBJECT_MASKS
from datacheck.folders.sample import IDS, OPENED, are_binary, evenly, look_at
from datacheck.folders.tree import Folder, join
from datacheck.folders.units import Unit
from datacheck.folders.words import LABEL, MASK, PLAIN, says


@dataclass
class AmgFolder:
    """All folders of one parent that amg.py wrote, one an image; the masks as a group, whose unit is these folders."""

    parent: tuple[str, ...]
    members: list[Folder]
    alone: bool
    """One folder that was named itself: nothing beside it may be read."""
    base: tuple[str, ...] = ()
    layout: str = AMG
    """OBJECT_MASKS: nothing but the names of the masks shows who wrote them."""
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
    metadata.csv of amg.py's, or what is left of one, those whose masks are numbered as amg.py does it are amg folders
    too. A single folder that has none holds masks of objects, where it is called as an image, or was named itself."""
    photos: set[str] | None = None
    parents: dict[tuple[str, ...] | None, list[Folder]] = {}
    for folder in folders:
        parents.setdefault(folder.parts[:-1] if folder.parts else None, []).append(folder)
    found: list[AmgFolder] = []
    taken: set[int] = set()
    for parent, some in parents.items():
        listed = [folder for folder in some if NAME in folder.files]
        sample = [listed[index] for index in evenly(len(listed))]
        written = any(is_amg(join(folder.path, NAME)) for folder in sample)
        written = written or any(is_damaged(join(folder.path, NAME)) and _is_counted(folder, base) for folder in sample)
        members = [folder for folder in some if _is_member(folder)]
        if not members or (listed and not written):
            continue
        if not listed:
            if not all(folder.typed == len(folder.parts) for folder in members):
                photos = _photos(folders) if photos is None else photos
                members = [folder for folder in members if folder.parts and folder.parts[-1] in photos]
            if len(members) != 1 or members[0].named or not _is_counted(members[0], base, alone=True):
                continue
        alone = parent is None
        if not alone and len(members) == 1 and members[0].typed == len(members[0].parts):
            alone = all(folder.parts != parent for folder in folders)
        amg = AmgFolder(parent or (), members, alone, base, AMG if listed else OBJECT_MASKS)
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


def _is_counted(folder: Folder, base: tuple[str, ...], *, alone: bool = False) -> bool:
    """Binary masks 0.png, 1.png ...; `alone`: in a folder whose names say nothing else."""
    numbers = [int(name[:-4]) for name in folder.files if name[-4:].lower() == ".png" and _is_number(name[:-4])]
    if not numbers or min(numbers) > 0 or max(numbers) >= 2 * len(numbers) + 8:
        return False
    if alone:
        names = (*base, *folder.parts)
        if not names or says(names[-1]) != PLAIN or any(says(name) in (MASK, LABEL) for name in names):
            return False
        if len(numbers) < 2 or any(KINDS.get(extension_of(name)) == PHOTO for name in folder.files):
            return False
    paths = [join(folder.path, f"{number}.png") for number in sorted(numbers)]
    looks = look_at([paths[index] for index in evenly(len(paths))])
    return looks.kind == IDS and looks.flat is not False and are_binary([paths[i] for i in evenly(len(paths), OPENED)])


def _photos(folders: Sequence[Folder]) -> set[str]:
    """What photographs are called."""
    names = (name for folder in folders for name in folder.files if KINDS.get(extension_of(name)) == PHOTO)
    return {name[: name.rfind(".")] for name in names}


def _some(names: Sequence[str]) -> list[str]:
    return [names[index] for index in evenly(len(names))]


def _is_number(stem: str) -> bool:
    return stem.isdecimal() and stem == str(int(stem)) if len(stem) < 10 else False
