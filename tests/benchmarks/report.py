"""The table on the screen and build/bench.json."""

import json
import statistics
from collections.abc import Sequence
from typing import Any

from .paths import ROOT
from .results import Result

FILE = ROOT / "build" / "bench.json"
HEADS = ("path", "ratio", "reach", "on the clock", "ms", "yardstick ms", "queries", "reach", "")


def as_row(result: Result, database: str) -> dict[str, Any]:
    """A result as it stands in the file."""
    comparison = result.comparison
    row: dict[str, Any] = {
        "path": result.path,
        "database": database,
        "ratio": round(comparison.ratio, 3),
        "reach": result.reach,
        "queries": result.queries,
        "reach_queries": result.reach_queries,
        "yardstick_queries": result.plain_queries,
        "wall_ratio": round(comparison.wall_ratio, 3),
        "cpu_ms": round(statistics.median(comparison.path.cpu) * 1000, 3),
        "yardstick_cpu_ms": round(statistics.median(comparison.yardstick.cpu) * 1000, 3),
        "rounds": len(comparison.path.cpu),
    }
    if result.memory_mb is not None:
        row["memory_mb"] = round(result.memory_mb, 1)
        row["reach_memory_mb"] = result.reach_memory_mb
    return row


def short_of(row: dict[str, Any]) -> list[str]:
    """Which figures are not reached."""
    pairs = (("ratio", "reach"), ("queries", "reach_queries"), ("memory_mb", "reach_memory_mb"))
    return [name for name, reach in pairs if row.get(reach) and row[name] > row[reach]]


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """A line for each path."""
    lines = [HEADS, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    for line in lines:
        first, *rest = zip(line, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest[:-1])]
        print("  ".join([*cells, line[-1]]).rstrip())


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    notes = [f"SHORT: {', '.join(short)}"] if (short := short_of(row)) else []
    if "memory_mb" in row:
        notes.append(f"{row['memory_mb']:.0f} MB more memory (≤ {row['reach_memory_mb']})")
    return (
        row["path"],
        f"{row['ratio']:.2f}",
        f"≤ {row['reach']:g}" if row["reach"] else "",
        f"{row['wall_ratio']:.2f}",
        f"{row['cpu_ms']:.2f}",
        f"{row['yardstick_cpu_ms']:.2f}",
        _queries(row),
        f"≤ {row['reach_queries']}" if row["reach_queries"] else "",
        "; ".join(notes),
    )


def _queries(row: dict[str, Any]) -> str:
    """Of the path, and of a yardstick that is another page."""
    counted = (row["queries"], row["yardstick_queries"])
    return "{} ({})".format(*counted) if None not in counted else str(counted[0] or "")


def write(rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows; what was measured before of another path or database stays."""
    new = {(row["path"], row["database"]): row for row in rows}
    old = json.loads(FILE.read_text()) if FILE.exists() else []
    kept = [row for row in old if (row["path"], row["database"]) not in new]
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps([*kept, *rows], indent=2) + "\n")
