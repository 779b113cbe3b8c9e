"""One command, many verbs: the command line of hutong."""

from cyclopts import App

from hutong import __version__

__all__ = ["app", "main"]

app = App(name="hutong", version=__version__, help="Groups that talk, on one's own machine.")


def main() -> None:
    app()
