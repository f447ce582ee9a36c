"""The process that `tensors.py` starts: reads files of torch.save and leaves their masks as .npy files.

For each line it is given, a JSON object with the path (in hex) and a folder, it answers with one line: the state, what
is wrong, and where the array lies. It imports nothing of datacheck, and ends when its input does.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from typing import Any

NAMES = ("mask", "masks", "label", "labels", "seg", "segmentation", "arr_0")
MEMORY = 900 << 20
"""What a file may cost on top of torch itself."""


def main() -> None:
    most = int(sys.argv[1])
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # Whatever a library prints must not be taken for an answer.
    import torch

    torch.set_num_threads(1)
    _limit_memory()
    answers.write(b"ready\n")
    for line in sys.stdin.buffer:
        question = json.loads(line)
        answers.write(json.dumps(_answer(torch, question, most)).encode() + b"\n")


def _limit_memory() -> None:
    """Let no file take more than MEMORY; where the system does not say what is taken, this is left out."""
    import resource

    with contextlib.suppress(OSError, ValueError, StopIteration):
        with open("/proc/self/status") as status:
            own = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmData:"))
        resource.setrlimit(resource.RLIMIT_DATA, (own + MEMORY, resource.RLIM_INFINITY))


def _answer(torch: Any, question: dict[str, str], most: int) -> dict[str, Any]:
    import pickle

    path = os.fsdecode(bytes.fromhex(question["path"]))
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
        return _found(torch, loaded, question["folder"], most)
    except pickle.UnpicklingError as error:
        named = re.search(r"GLOBAL ([\w.]+)", str(error))
        what = f", {named[1]} among it" if named else ""
        return _refused("pickled", f"it holds more than tensors{what}: reading it would run what it names")
    except MemoryError:
        return _refused("too-large", "reading it takes more memory than one file may")
    except Exception as error:  # noqa: BLE001 (torch raises anything)
        text = " ".join(str(error).split())[:200] or type(error).__name__
        large = "allocate" in text or "memory" in text
        return _refused("too-large" if large else "corrupt", f"torch cannot read it: {text}")


def _refused(state: str, detail: str) -> dict[str, Any]:
    return {"state": state, "detail": detail}


def _found(torch: Any, loaded: Any, folder: str, most: int) -> dict[str, Any]:
    """Write the one tensor of masks in what was loaded."""
    if isinstance(loaded, dict):
        tensors = {str(name): value for name, value in loaded.items() if isinstance(value, torch.Tensor)}
        named = {name: value for name, value in tensors.items() if name in NAMES}
        chosen = tensors if len(tensors) == 1 else named
        if len(chosen) != 1:
            names = ", ".join(name[:40] for name in list(tensors)[:8])
            what = f"{len(tensors):,} tensors, and it is not clear which holds the masks: {names}"
            return _refused("unsupported", what if tensors else "it holds no tensor")
        loaded = next(iter(chosen.values()))
    elif isinstance(loaded, (list, tuple)) and len(loaded) == 1:
        loaded = loaded[0]
    if not isinstance(loaded, torch.Tensor):
        return _refused("unsupported", f"it holds a {type(loaded).__name__}, not a tensor")
    return _written(torch, loaded, folder, most)


def _written(torch: Any, tensor: Any, folder: str, most: int) -> dict[str, Any]:
    import numpy as np

    answer: dict[str, Any] = {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape)}
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_complex() or tensor.device.type != "cpu":
        return answer | _refused("unsupported", "it is no plain tensor of numbers")
    asked, stored = tensor.numel() * tensor.element_size(), tensor.untyped_storage().nbytes()
    if asked > stored:
        return answer | _refused("bad-header", f"its shape asks for {asked:,} bytes; {stored:,} are stored")
    if asked > most:
        return answer | _refused("too-large", f"{asked:,} bytes of values; no more than {most:,} are read")
    tensor = tensor.detach()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    target = os.path.join(folder, "tensor.npy")
    np.save(target, np.ascontiguousarray(tensor.resolve_conj().resolve_neg().numpy()))
    return answer | {"state": "ok", "detail": None, "file": target}


if __name__ == "__main__":
    main()
