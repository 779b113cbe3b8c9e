"""Everything that the house declares: its tables and its errors, known once all of it is imported."""

import importlib
import pkgutil

import hutong
from hutong.kit import errors
from hutong.kit.errors import HutongError

FAMILIES = (errors.NotFound, errors.Denied, errors.Conflict, errors.Invalid, errors.TooMany, errors.Unavailable)
CONSOLE = ("hutong.cli", "hutong.archives", "hutong.infra.engines", "hutong.infra.migrations")


def load_everything() -> None:
    """Imports every module of the house, less those that do something when they are imported."""
    for module in pkgutil.walk_packages(hutong.__path__, "hutong."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)


def all_errors() -> list[type[HutongError]]:
    """Every error of the house, the six families and what is above them included, by code."""
    load_everything()
    known: set[type[HutongError]] = {HutongError, *_descendants(HutongError)}
    ours = (error for error in known if error.__module__.startswith("hutong."))
    return sorted(ours, key=lambda error: (error.code, error.__module__))


def is_for_the_console(error: type[HutongError]) -> bool:
    """Whether only the person who runs hutong meets it, in the terminal."""
    return error.__module__.startswith(CONSOLE)


def owner_of(module: str) -> str:
    """The name that the tables and errors of a module begin with: its domain, else its floor."""
    path = module.split(".")
    return path[2] if path[1] == "domains" else path[1]


def _descendants(error: type[HutongError]) -> set[type[HutongError]]:
    children = set(error.__subclasses__())
    return children.union(*(_descendants(child) for child in children))
