"""What people would use instead: pandas, run by `tracker bench` as a program of its own.

It takes a file in unchecked, and adds up a ledger without rules: the least that any program has to do. And
SQLite by itself, which stores rows that are finished: the least that a ledger of this kind costs.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Iterable

import pandas as pd

LEDGER = ("purchase", "purchase_revision", "payment", "purchase_verdict", "purchase_rollup", "imported_row")
ROWS_AT_ONCE = 2_000


def take_in(file: str, database: str) -> dict[str, float]:
    """Put the first sheet of a workbook into a table."""
    with sqlite3.connect(database) as connection:
        pd.read_excel(file, engine="calamine").to_sql("purchase", connection, index=False)
    return {}


def add_up(database: str, year: str) -> dict[str, float]:
    """Add up two years by department and type, and tell how many seconds of computing it took."""
    began = time.process_time()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        lines = pd.read_sql(
            "SELECT fiscal_year, department_id, type, amount FROM purchase"
            " JOIN purchase_verdict ON purchase_id = purchase.id AND is_eligible AND replaced_in IS NULL"
            " WHERE fiscal_year IN (?, ?) AND NOT is_reversed",
            connection,
            params=(int(year), int(year) - 1),
        )
    lines.pivot_table("amount", ["department_id", "type"], "fiscal_year", "sum", fill_value=0)
    return {"seconds": time.process_time() - began}


def store(source: str, database: str) -> dict[str, float]:
    """Copy a database row by row, and tell how many seconds of computing storing the ledger's rows took."""
    given = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    made = sqlite3.connect(database, isolation_level=None)
    settings = ("journal_mode = WAL", "synchronous = FULL", "cache_size = -32768", "foreign_keys = ON")
    for setting in settings:
        made.execute(f"PRAGMA {setting}")
    made.execute("BEGIN IMMEDIATE")
    made.execute("PRAGMA defer_foreign_keys = ON")
    for (statement,) in given.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
        " ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END"
    ):
        made.execute(statement)
    tables = [name for (name,) in given.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    _copy(given, made, [name for name in tables if name not in LEDGER])
    seconds = _copy(given, made, LEDGER)
    began = time.process_time()
    made.execute("COMMIT")
    return {"seconds": seconds + time.process_time() - began}


def _copy(given: sqlite3.Connection, made: sqlite3.Connection, tables: Iterable[str]) -> float:
    """Return how many seconds of computing the storing took, the reading left out."""
    seconds = 0.0
    for name in tables:
        found = given.execute(f"SELECT * FROM {name} ORDER BY rowid")  # noqa: S608 - our own tables
        marks = ", ".join("?" * len(found.description))
        while rows := found.fetchmany(ROWS_AT_ONCE):
            began = time.process_time()
            made.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608
            seconds += time.process_time() - began
    return seconds


if __name__ == "__main__":
    _, name, *arguments = sys.argv
    json.dump({"take_in": take_in, "store": store, "add_up": add_up}[name](*arguments), sys.stdout)
