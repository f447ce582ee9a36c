"""An argparse parser whose complaints are one line with a remedy, and whose help fits a screen."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from datacheck.errors import UsageError

_INVALID_CHOICE = re.compile(r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)")
_UNKNOWN = re.compile(r"unrecognized arguments: (\S+).*", re.DOTALL)
_ARGUMENT = re.compile(r"argument (.+?): (.+)", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """`command` is the words after `datacheck`; `examples`: lines that end the help."""

    def __init__(self, command: str, usage: str, description: str, examples: Sequence[str]) -> None:
        super().__init__(
            prog=f"datacheck {command}",
            usage=f"datacheck {command} {usage}",
            description=description,
            epilog="examples:\n" + "\n".join(f"  {example}" for example in examples),
            formatter_class=_Format,
            allow_abbrev=False,
            add_help=False,
        )
        self._positionals.title = "arguments"
        self.add_argument("-h", "--help", action="help", help="print this")

    def error(self, message: str) -> NoReturn:
        raise UsageError(self._in_words(message))

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse; options and positional arguments may come in any order. Raises UsageError."""
        return self.parse_intermixed_args(list(arguments))

    def _in_words(self, message: str) -> str:
        unknown = _UNKNOWN.fullmatch(message)
        if unknown:
            option = unknown[1].partition("=")[0]
            if not option.startswith("-"):
                return f"one argument too many: {option}. See {self.prog} --help"
            near = get_close_matches(option, self._option_string_actions, 1, 0.6)
            return f"no such option: {option}. " + (f"Did you mean {near[0]}?" if near else f"See {self.prog} --help")
        choice = _INVALID_CHOICE.fullmatch(message)
        if choice:
            choices = [one.strip().strip("'\"") for one in choice[3].split(",")]
            given = choice[2].strip("'\"")
            near = get_close_matches(given, choices, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            return f"{choice[1].split('/')[-1]} must be one of {', '.join(choices)}, not {given}.{hint}"
        argument = _ARGUMENT.fullmatch(message)
        if argument:
            name, problem = argument[1].split("/")[-1], argument[2]
            if problem.startswith("expected"):
                return f"{name} needs a value. See {self.prog} --help"
            return f"{name}: {problem}"
        return f"{message}. See {self.prog} --help"


class _Format(argparse.RawDescriptionHelpFormatter):
    """Options on one line each where they fit; long names alone are shown with their value once."""

    def __init__(self, prog: str, **keywords: Any) -> None:
        super().__init__(prog, **{**keywords, "max_help_position": 30, "width": 100})

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = action.metavar or "|".join(map(str, action.choices or ())) or action.dest.upper()
        return f"{', '.join(action.option_strings)} {value}"


def comma_list(text: str) -> list[str]:
    """`A,B` as a list; for `action="extend"`."""
    return [item.strip() for item in text.split(",") if item.strip()]


def whole_number(least: int) -> Callable[[str], int]:
    """A type for whole numbers from `least` up."""

    def convert(text: str) -> int:
        if not re.fullmatch(r"\d{1,18}", text.strip()) or int(text) < least:
            raise argparse.ArgumentTypeError(f"it must be a whole number from {least} up, not {text}")
        return int(text)

    return convert
