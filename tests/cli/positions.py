# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions drawn at random, the levels of their liquidation prices, and whether two batches agree.

positions.py draw FOLDER: positions.csv and levels.csv, of one tier, isolated, under `full`.
positions.py agree LEVELS POSITIONS: result folders in all that a scenario of levels knows."""
import json
import os
import random
import subprocess
import sys

from results import header, table


def draw(folder):
    source = random.Random(20251010)
    rows = []
    for _ in range(150):
        rows.append((source.choice(("long", "short")), 100 * source.uniform(0.975, 1.025),
                     10 ** source.uniform(1.5, 4.2), source.choice((8, 10, 15, 20))))
    with open(folder + "/positions.csv", "w", encoding="utf-8") as file:
        file.write("side,entry_usd,quantity,leverage,margin_mode,margin_usd\n")
        for side, entry, quantity, leverage in rows:
            file.write(f"{side},{entry!r},{quantity!r},{leverage},isolated,\n")
    command = [os.environ["SQUEEZE"], "margin", folder + "/positions.csv", "--venue", "full",
               "--json", "-q"]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    with open(folder + "/levels.csv", "w", encoding="utf-8") as file:
        file.write("side,price_usd,notional_usd,leverage\n")
        for (side, _, quantity, leverage), is_ in zip(rows, answer["positions"], strict=True):
            price = is_["liquidation_usd"]
            file.write(f"{side},{price!r},{quantity * price!r},{leverage}\n")


def summary(folder):
    """As text: every number as it was written."""
    with open(folder + "/summary.json", encoding="utf-8") as file:
        return json.load(file, parse_float=str, parse_int=str)


def agree(levels, positions):
    expected, is_ = summary(levels), summary(positions)
    venue = is_["drivers"].pop("venue")
    assert float(venue["accounts_liquidated"]["value"]) > 1, venue
    assert float(venue["adl"]["value"]) == 0, venue
    if not is_["drivers"]:
        del is_["drivers"]
    del expected["scenario"], is_["scenario"]
    assert list(is_) == list(expected), (list(is_), list(expected))
    for key, value in expected.items():
        assert is_[key] == value, (key, value, is_[key])
    shared = header(levels + "/outcomes.csv")
    mine, theirs = table(positions + "/outcomes.csv"), table(levels + "/outcomes.csv")
    assert len(mine) == len(theirs) > 0
    for a, b in zip(mine, theirs):
        for name in shared:
            assert a[name] == b[name], (name, a, b)
    for name in ("paths.csv", "fan.csv", "histograms.csv", "map.csv"):
        with open(f"{levels}/{name}", "rb") as a, open(f"{positions}/{name}", "rb") as b:
            assert a.read() == b.read(), name


if __name__ == "__main__":
    {"draw": draw, "agree": agree}[sys.argv[1]](*sys.argv[2:])
