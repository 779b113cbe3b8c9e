"""Medians, verdicts, and the files in ``results/``."""

import json
import statistics
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .machine import HERE, described

Row = dict[str, Any]
RESULTS = HERE / "results"


def median(rounds: list[dict[str, Any]], name: str) -> float:
    return float(statistics.median(float(one[name]) for one in rounds))


def at_least(got: float, wanted: float) -> str:
    return "met" if got >= wanted else "missed"


def at_most(got: float, allowed: float) -> str:
    return "met" if got <= allowed else "missed"


def save(name: str, rows: list[Row]) -> Path:
    """Writes ``results/<name>.json``: when, on what machine, and each row with its rounds."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    body = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}", "machine": described(), "rows": rows}
    path.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n")
    return path


def table(rows: list[Row]) -> str:
    """The rows for people: what was measured, what was wanted, what came."""
    lines = ["| measure | at least | here | |", "| --- | --- | --- | --- |"]
    lines += [f"| {row['measure']} | {row['wanted']} | {row['here']} | {row['verdict']} |" for row in rows]
    return "\n".join(lines)


def write_table(rows: list[Row], at: str) -> None:
    """Puts the table of all results between its two marks in README.md."""
    path = HERE / "README.md"
    before, _, rest = path.read_text().partition("<!-- table -->\n")
    _, _, after = rest.partition("<!-- end of table -->\n")
    machine = described()
    kind = "virtual machine" if machine["virtual"] else "machine"
    words = (
        f"Measured {at} on a {kind} with {machine['cores']} cores ({machine['cpu']}), {machine['memory_gb']} GB, "
        f"Linux {machine['kernel']}, Python {machine['python']}."
    )
    body = f"{words}\n\n{table(rows)}\n"
    path.write_text(f"{before}<!-- table -->\n{body}<!-- end of table -->\n{after}")
