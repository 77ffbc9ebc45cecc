"""Where a command line becomes a run: arguments to stages, errors to words and exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from luvcolor import __version__
from luvcolor.cli.chain import Stage, run_chain, split_chain
from luvcolor.cli.journal import Journal
from luvcolor.commands import COMMANDS
from luvcolor.errors import CheckpointError, LuvcolorError, UsageError

DONE, SOME_FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

ALONE = ("models", "plugins", "new-plugin", "install", "uninstall", "doctor", "bench")
"""Commands that deal in no pictures, and so stand in no chain."""


class Chain(click.Group):
    """A group whose commands are imported when called, and may be joined with ``!``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the built-in commands, then those of plugins."""
        return [*COMMANDS, *self._plugged(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name in COMMANDS:
            from importlib import import_module

            name = cmd_name.replace("-", "_")
            command: click.Command = getattr(import_module(f"luvcolor.cli.{name}"), name)
            return command
        if cmd_name in self._plugged(ctx):
            from luvcolor.registry import registry

            plugged: click.Command = registry(strict=_strict(ctx)).command(cmd_name)
            return plugged
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which there are."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            known = ", ".join(self.list_commands(ctx))
            from luvcolor.registry import registry

            skipped = registry().skipped
            raise click.UsageError(
                f"no command is called {args[0]!r}; known commands: {known}{skipped}"
            )
        if args[0] in ALONE and ctx.meta["luvcolor.rest"]:
            raise click.UsageError(f"{args[0]} deals in no pictures; run it alone, without !")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        plugged = {name: spec.summary for name, spec in self._plugged(ctx).items()}
        for title, rows in (("Commands", COMMANDS), ("Commands of plugins", plugged)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(list(rows.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse up to the first ``!``; keep the stages behind it for `invoke`."""
        first, *rest = split_chain(args)
        ctx.meta["luvcolor.rest"] = rest
        return super().parse_args(ctx, first)

    def invoke(self, ctx: click.Context) -> Any:
        """Build every stage, so that mistakes show before any work, then run them."""
        try:
            self._run(ctx)
        except BrokenPipeError:
            # Whoever read our pictures has seen enough; nothing is left to say to them.
            _close_stdout()
            ctx.exit(ctx.obj.close())

    def _run(self, ctx: click.Context) -> None:
        stages = [super().invoke(ctx)]
        for args in ctx.meta["luvcolor.rest"]:
            name, command, arguments = self.resolve_command(ctx, args)
            assert command is not None
            with command.make_context(name, arguments, parent=ctx) as sub:
                stages.append(command.invoke(sub))
        if all(isinstance(stage, Stage) for stage in stages):
            run_chain(stages, ctx.obj)
        elif len(stages) > 1:
            raise click.UsageError("a command that deals in no pictures cannot be chained with !")

    def _plugged(self, ctx: click.Context) -> dict[str, Any]:
        from luvcolor.registry import registry

        return registry(strict=_strict(ctx)).commands


@click.group(
    cls=Chain,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Run 'luvcolor COMMAND --help' for a command's options and examples.",
)
@click.version_option(__version__, prog_name="luvcolor", message="%(prog)s %(version)s")
@click.option("--strict-plugins", is_flag=True, help="Refuse to run with a broken plugin.")
@click.pass_context
def cli(ctx: click.Context, strict_plugins: bool) -> None:
    """Give grayscale pictures their colour back.

    Every command reads INPUT (files, folders, globs, tar or zip archives, - for standard input)
    and writes to -o OUTPUT or standard output. Stages are joined with ! inside one process, or
    with | between several.

    \b
      luvcolor colorize old.jpg -o new.png
      luvcolor colorize scans/ -o coloured/
      luvcolor gray photos/*.jpg ! colorize ! compare -o sheet.png
      cat old.png | luvcolor colorize | luvcolor quantize -k 24 > few.png
    """
    ctx.ensure_object(Journal)
    if strict_plugins:
        from luvcolor.registry import registry

        registry(strict=True)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 all done, 1 some pictures failed, 2 wrong usage."""
    journal = Journal()
    try:
        cli.main(arguments, prog_name="luvcolor", standalone_mode=False, obj=journal)
        status = journal.close()
    except click.exceptions.Exit as exit_:
        status = exit_.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        status = WRONG_USAGE
    except click.ClickException as error:
        journal.say(_in_one_line(error))
        status = WRONG_USAGE
    except (click.Abort, KeyboardInterrupt):
        journal.say("interrupted")
        status = INTERRUPTED
    except LuvcolorError as error:
        journal.say(str(error))
        wrong = isinstance(error, UsageError | CheckpointError) and not journal.failures
        status = WRONG_USAGE if wrong else SOME_FAILED
    except OSError as error:
        # Files are for those who know them to explain; what is left are the standard streams.
        where = error.filename or "standard input or output"
        journal.say(f"{where}: expected to read and write it, found {error.strerror!r}; stopped")
        _close_stdout()
        status = SOME_FAILED
    sys.exit(status)


def _in_one_line(error: click.ClickException) -> str:
    """Return what is wrong and where to look it up."""
    words = " ".join(error.format_message().split()).rstrip(".")
    if isinstance(error, click.NoSuchOption):
        words += "; a file of that name is written ./-NAME"
    context = getattr(error, "ctx", None)
    return f"{words} (see {context.command_path} --help)" if context else words


def _close_stdout() -> None:
    """Let what is still buffered go nowhere, so that the interpreter's last flush succeeds."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _strict(ctx: click.Context) -> bool:
    return bool(ctx.find_root().params.get("strict_plugins"))
