"""What is installed is what was tested: every package pinned by hash, and the lock files agree with the project."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from .source import read

PROJECT = tomllib.loads(read("pyproject.toml").text)


def not_pinned(lock: str) -> Iterator[str]:
    """The requirements of a lock file that name no exact version or no hash."""
    for block in re.split(r"\n(?=\S)", lock):
        name = re.match(r"[A-Za-z0-9._-]+", block)
        if name and not (re.match(r"\S+==\S+", block) and "--hash=sha256:" in block):
            yield name.group()


def missing_from(lock: str, wanted: list[str]) -> list[str]:
    """The wanted requirements whose package is not in the lock file, or in another exact version than they ask for."""
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, re.MULTILINE))
    missing = []
    for requirement in wanted:
        found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?:==([^\s;]+))?", requirement)
        assert found is not None, requirement
        name, exact = re.sub(r"[._-]+", "-", found[1]).lower(), found[2]
        if name not in locked or (exact and locked[name] != exact):
            missing.append(requirement)
    return missing


def test_the_lock_files_pin_everything() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert list(not_pinned(read(name).text)) == []
        assert "://" not in read(name).text


def test_the_lock_files_agree_with_the_project() -> None:
    wanted: list[str] = PROJECT["project"]["dependencies"]
    development: list[str] = PROJECT["dependency-groups"]["dev"]
    say = "Run `make lock`."
    assert missing_from(read("requirements.lock").text, wanted) == [], say
    assert missing_from(read("requirements-dev.lock").text, [*wanted, *development]) == [], say


def test_the_two_lock_files_agree_with_each_other() -> None:
    runtime = set(re.findall(r"^\S+==\S+", read("requirements.lock").text, re.MULTILINE))
    both = set(re.findall(r"^\S+==\S+", read("requirements-dev.lock").text, re.MULTILINE))
    assert runtime - both == set()


def test_what_builds_the_package_is_pinned_by_the_lock_file() -> None:
    requires: list[str] = PROJECT["build-system"]["requires"]
    development: list[str] = PROJECT["dependency-groups"]["dev"]
    assert all("==" in requirement for requirement in requires)
    assert set(requires) <= set(development)


def test_the_hand_over_of_sockets_is_pinned_exactly() -> None:
    assert any(one.startswith("picows==") for one in PROJECT["project"]["dependencies"])


def test_dependencies_are_sorted() -> None:
    lists: list[Any] = [PROJECT["project"]["dependencies"], PROJECT["dependency-groups"]["dev"]]
    for names in lists:
        assert names == sorted(names, key=lambda name: re.split(r"[\[=><~;]", name.lower())[0])


def test_what_is_loose_is_caught() -> None:
    hashed = "attrs==26.1.0 \\\n    --hash=sha256:00\n    # via x\nidna>=3\nanyio==4.16.0\n"
    assert list(not_pinned(hashed)) == ["idna", "anyio"]
    assert missing_from(hashed, ["attrs>=20", "Attrs==26.1.0", "picows", "attrs==25"]) == ["picows", "attrs==25"]
