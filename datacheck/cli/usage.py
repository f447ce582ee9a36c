"""What is wrong with a command line, in one line with a remedy."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperGroup

from datacheck.errors import UsageError


class Commands(TyperGroup):
    """A group of commands: its help where none is named, and a remedy for a name that it does not know."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help())
            raise typer.Exit(2)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            near = get_close_matches(name, self.commands, 1)
            if near:
                remedy = f"Did you mean {ctx.command_path} {near[0]}?"
            elif ctx.parent is None and os.path.lexists(name):
                remedy = f"To scan it: {ctx.command_path} scan {name}"
            else:
                remedy = f"It is one of: {', '.join(self.commands)}."
            raise UsageError(f"no such command: {name}. {remedy}")
        return super().resolve_command(ctx, args)


def in_words(error: typer.TyperException, arguments: Sequence[str]) -> str:
    """What typer complains about, in our words.

    typer exports only the base of these exceptions, so that they are told apart by what they carry.
    """
    context, option = getattr(error, "ctx", None), getattr(error, "option_name", None)
    first = " ".join(word for word in arguments[:1] if not word.startswith("-"))
    command = context.command_path if context else f"datacheck {first}".rstrip()
    see = f"See {command} --help"
    message = " ".join(error.format_message().split())
    if hasattr(error, "possibilities"):
        if error.possibilities:
            see = f"Did you mean {error.possibilities[0]}?"
        elif command == "datacheck":
            see = "Options come after the command: datacheck scan --help"
        return f"no such option: {option}. {see}"
    if option is not None:
        return f"{option} needs a value. {see}" if "requires" in message else f"{option} takes no value. {see}"
    if isinstance(error, typer.BadParameter) and error.param is not None:
        return _about_value(error, error.param, see)
    extra = re.fullmatch(r"Got unexpected extra argument\(?s?\)? \((.*)\)", message)
    if extra:
        return f"one argument too many: {extra[1]}. {see}"
    return f"{message.rstrip('.')}. {see}"


def _about_value(error: typer.BadParameter, param: Any, see: str) -> str:
    """A value that is missing or that its parameter does not take."""
    name = max(param.opts, key=len) if param.param_type_name == "option" else param.display_name_raw
    if error.__cause__ is None:
        return f"the {name.lower()} is missing. {see}"
    given = error.__cause__.errors()[0]["input"]  # type: ignore[attr-defined]  # pydantic's
    choices = param.type_descriptor.choices
    if choices:
        near = get_close_matches(given, choices, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"{name} must be one of {', '.join(choices)}, not {given}.{hint}"
    if param.min is not None:
        return f"{name}: it must be a whole number from {param.min} up, not {given}"
    return f"{name}: {error.message}"
