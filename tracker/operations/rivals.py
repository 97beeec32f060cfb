"""What people would use instead: pandas, run by `tracker bench` as a program of its own.

It takes a file in unchecked, and adds up a ledger without rules: the least that any program has to do.
"""

import json
import sqlite3
import sys
import time

import pandas as pd


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


if __name__ == "__main__":
    _, name, *arguments = sys.argv
    json.dump({"take_in": take_in, "add_up": add_up}[name](*arguments), sys.stdout)
