"""One command, many verbs: the command line of hutong.

Every verb is a module of its own, imported only when it is called, or when all of them are asked what they are for.
"""

import sys

from cyclopts import App

from hutong import __version__
from hutong.kit.errors import HutongError

from .console import complain

__all__ = ["app", "main"]

app = App(name="hutong", version=__version__, help="Groups that talk, on one's own machine.")
app.command("hutong.cli.serve:serve")
app.command("hutong.cli.doctor:doctor")
app.command("hutong.cli.demo:demo")
app.command("hutong.cli.imports:import_archive", name="import")
app.command("hutong.cli.migrate:migrate")
app.command("hutong.cli.backup:backup")
app.command("hutong.cli.backup:restore")
app.command("hutong.cli.admin:admin", name="admin")
app.command("hutong.cli.bridge:bridge", name="bridge")


def main() -> None:
    """Runs the verb that was asked for. What goes wrong is told in a sentence; the exit code is 1 then."""
    words = sys.argv[1:]
    try:
        if not words or words[0] in app.help_flags:
            # A verb says in its own module what it is for.
            app.resolved_commands()
        app(words)
    except HutongError as error:
        complain(error.detail)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
