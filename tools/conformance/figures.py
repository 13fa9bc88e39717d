"""Formatting the numbers of a row for the terminal and the page."""

from __future__ import annotations

from tools.conformance import compare

COLUMNS = ("row", "float32", "float64", "u, ULP", "q, ULP", "fast, eps", "invariances", "groups", "seconds")
NONE = "-"


def cells(record: dict) -> list[str]:
    """Format a row as one text per column."""
    parts = record["dtypes"]
    return [
        record["row"],
        *(compare.overall_digest(record, dtype)[:8] if dtype in parts else NONE for dtype in ("float32", "float64")),
        f"{largest_ulp(record, 'u'):.3f}",
        f"{largest_ulp(record, 'q'):.3f}",
        f"{max(error for part in parts.values() for error in part['fast'].values()):.2f}",
        invariances(record),
        f"{sum(part['groups'] for part in parts.values()):,}",
        f"{record['seconds']:.0f}",
    ]


def largest_ulp(record: dict, quantity: str) -> float:
    """The largest error of a quantity over all dtypes and temperatures, in units in the last place."""
    return max(worst["ulp"] for worst in worst_cases(record) if worst["quantity"].startswith(quantity))


def worst_cases(record: dict) -> list[dict]:
    """The worst group of every dtype and quantity."""
    parts = record["dtypes"].values()
    return [worst | {"quantity": quantity} for part in parts for quantity, worst in part["worst"].items()]


def invariances(record: dict) -> str:
    """Format how many of the checked invariances hold."""
    counts = [count for part in record["dtypes"].values() for count in part["changed"].values()]
    return f"{counts.count(0)} of {len(counts)}" if counts else NONE


def verdict(records: list[dict], failures: list[str]) -> str:
    """Whether the matrix passed, in one line."""
    if failures:
        return f"FAILED: {len(failures)} of the checks on {len(records)} rows"
    return f"passed: {len(records)} rows agree in every bit"
