"""A dot means mine, ``hutong.`` means a neighbour. The import contracts check the rest."""

from collections.abc import Iterator

import pytest

from .source import Source, broken, catches, imports, sources


def names_its_own_domain(source: Source) -> Iterator[tuple[int, str]]:
    """Inside a domain imports are relative, with one dot for each folder that the file is deep in its domain."""
    own = f"hutong.domains.{source.domain}"
    deep = source.path.count("/") - 3
    for line, dots, module in imports(source.tree):
        if dots == 0 and (module == own or module.startswith(f"{own}.")):
            yield line, f"says {module} of its own domain; say .{module.removeprefix(own).lstrip('.')}"
        elif dots > deep:
            yield line, "leaves its domain by dots; a neighbour is named hutong.domains.…"


DOMAINS = "src/hutong/domains/"


def test_inside_a_domain_a_dot_means_mine() -> None:
    assert broken(names_its_own_domain, [one for one in sources(DOMAINS) if one.domain]) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("chat/actions.py", "from hutong.domains.chat.models import Chat"),
        ("chat/actions.py", "import hutong.domains.chat"),
        ("chat/actions.py", "def late():\n    from hutong.domains.chat import models"),
        ("chat/actions.py", "from ..identity import Account"),
        ("chat/actions/mute.py", "from ...identity import Account"),
    ],
)
def test_a_domain_that_names_itself_is_caught(path: str, text: str) -> None:
    assert catches(names_its_own_domain, text, DOMAINS + path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("chat/actions.py", "from .models import Chat"),
        ("chat/actions/mute.py", "from ..models import Chat"),
        ("chat/actions.py", "from hutong.domains.identity import Account"),
    ],
)
def test_a_dot_for_mine_and_a_name_for_a_neighbour_pass(path: str, text: str) -> None:
    assert not catches(names_its_own_domain, text, DOMAINS + path)
