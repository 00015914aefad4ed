"""Help pages and usage errors of click in the language of the moment. Commands are made when first asked for: all take a second."""

import difflib
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from federation.cli.texts import text

_KINDS: Sequence[tuple[type[click.ParamType[Any]], str]] = (
    (click.types.FloatParamType, "usage.number"), (click.types.IntParamType, "usage.number"), (click.Path, "usage.path"),
)  # fmt: skip


class Command(click.Command):
    """A command whose help page has no English words of click's own in it."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`Aufruf: federation sync [OPTIONEN] [QUELLE]...`"""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=f"{text('usage')}: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options under their heading."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
        with formatter.section(text("usage.options")):
            formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """-h and --help."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = text("opt.help")
        return option


class Group(Command, click.Group):
    """The group: knows which module makes which command, in the order in which people need them."""

    def __init__(self, *args: Any, modules: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.options_metavar, self.subcommand_metavar = text("usage.some_options"), text("usage.some_command")
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in our order."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the module that makes the command."""
        if cmd_name in self.modules and cmd_name not in self.commands:
            import_module(f"federation.cli.{self.modules[cmd_name]}")
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """A command that there is not ends with the nearest ones."""
        name = args[0]
        if name not in self.modules and not name.startswith("-"):
            near = difflib.get_close_matches(name, self.modules)
            hint = text("usage.mean", near=", ".join(near)) if near else ""
            raise click.UsageError(f"{text('usage.no_command', name=name)} {hint}".strip(), ctx)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the commands with one line each."""
        super().format_options(ctx, formatter)
        with formatter.section(text("usage.commands")):
            formatter.write_dl([(name, text(f"cmd.{name}")) for name in self.modules])


def told(error: click.ClickException) -> str:
    """What is wrong with a command line, in one sentence."""
    if isinstance(error, click.MissingParameter):
        return text("usage.missing", name=_name(error))
    if isinstance(error, click.BadParameter):
        return text("usage.bad", name=_name(error), expected=_expected(error))
    if isinstance(error, click.NoSuchOption):
        near = text("usage.mean", near=", ".join(sorted(error.possibilities))) if error.possibilities else ""
        return f"{text('usage.no_option', name=error.option_name)} {near}".strip()
    if isinstance(error, click.BadOptionUsage):
        return text("usage.needs_value", name=error.option_name)
    message = error.format_message()
    if message.startswith("Got unexpected extra argument"):
        return text("usage.extra", words=message[message.find("(") + 1 : message.rfind(")")])
    return message


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    return text(f"arg.{error.param.name}").strip("[].") if isinstance(error.param, click.Argument) else max(error.param.opts, key=len)


def _expected(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return text("usage.one_of", choices=", ".join(map(str, kind.choices)))
    found = next((key for each, key in _KINDS if isinstance(kind, each)), "")
    return text(found) if found else error.message
