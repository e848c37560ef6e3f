# SPDX-License-Identifier: GPL-3.0-or-later
"""Every published price of a venue that squeeze knows, through `squeeze margin`.

Usage: margin_vectors.py VECTORS FOLDER. Writes a positions file per row, compares within the row's
tolerance, and says how many rows it compared.
"""
import csv
import math
import os
import subprocess
import sys

from results import table

VENUES = {"binance": "binance", "bybit": "bybit", "okx": "okx", "hyperliquid": "hyperliquid",
          "dydx_v4": "dydx"}
COLUMNS = ("side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,contract,mmr,"
           "maintenance_deduction_usd,fee,extra_margin_usd,other_upnl_usd,other_maintenance_usd")


def position(row, cross):
    """A row of a positions file. Amounts of coin are told in USD at the entry price."""
    usd = float(row["entry_price"]) if row["contract"] == "inverse" else 1.0
    amounts = {column: repr(float(row[name]) * usd) for column, name in (
        ("margin_usd", "wallet_balance"), ("maintenance_deduction_usd", "maint_amount"),
        ("extra_margin_usd", "extra_margin"), ("other_upnl_usd", "other_upnl"),
        ("other_maintenance_usd", "other_mm"))}
    # Bybit reckons with the initial margin at the leverage, which is what an empty margin means.
    if row["formula"].startswith(("linear_bybit", "bust_")):
        amounts["margin_usd"] = ""
    return {"side": row["side"], "entry_usd": row["entry_price"], "quantity": row["amount"],
            "leverage": row["leverage"] or "", "margin_mode": "cross" if cross else "isolated",
            "account": "holder" if cross else "", "contract": row["contract"],
            "mmr": row["mm_ratio"], "fee": row["taker_fee"], **amounts}


def reckon(row, folder, cross):
    path = os.path.join(folder, "positions.csv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS.split(","))
        writer.writeheader()
        writer.writerow(position(row, cross))
    command = [os.environ["SQUEEZE"], "margin", path, "-q", "--csv", "--venue", VENUES[row["exchange"]]]
    # What Bybit published before 2 September 2025 has maintenance at the entry price.
    if "bybit" in row["formula"] and not row["formula"].endswith("_mark"):
        command += ["--set", "venue.maintenance_price=entry"]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    answer, = csv.DictReader(printed.splitlines())
    return answer["bankruptcy_usd" if row["kind"] == "bankruptcy" else "liquidation_usd"]


def agrees(row, text):
    expected, buffer = float(row["expected"]), float(row["buffer"])
    tolerance = float(row["tol_abs"]) + float(row["tol_rel"]) * abs(expected)
    if buffer > 0:  # what a bot adds to the venue's price, a share of the way to the entry
        entry = float(row["entry_price"])
        if text == "":  # no such price: the bot went on from a negative one
            return (expected - buffer * entry) / (1 - buffer) <= 0
        return math.isclose(float(text) + buffer * (entry - float(text)), expected, rel_tol=0,
                            abs_tol=tolerance)
    if text == "":
        return False
    if float(row["tick"]) > 0:  # OKX prints the price of a long one tick higher
        assert row["formula"] == "inverse_fee"
        text = float(text) + (float(row["tick"]) if row["side"] == "long" else 0.0)
    return math.isclose(float(text), expected, rel_tol=0, abs_tol=tolerance)


def main():
    vectors, folder = sys.argv[1:]
    compared, wrong, seen = 0, 0, set()
    for row in table(vectors):
        if row["exchange"] not in VENUES:
            continue
        seen.add(row["exchange"])
        for cross in (False, True):  # an account of one position is as good as an isolated one
            text = reckon(row, folder, cross)
            compared += 1
            if not agrees(row, text):
                wrong += 1
                print(f"{row['id']} ({row['exchange']}, {'cross' if cross else 'isolated'}): "
                      f"'{text}', expected {row['expected']}")
    print(f"{compared} compared, {wrong} wrong")
    return wrong > 0 or seen != set(VENUES)


sys.exit(main())
