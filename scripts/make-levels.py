#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make-levels.py: write the ladders of scenarios/leverage/ from the totals that were published.

    make-levels.py            rewrite scenarios/leverage/*.csv
    make-levels.py --check    write nothing; exit 1 if a file differs from what would be written

The published readings give a total and a range of prices, not a ladder. This script spreads each total over
its range by an explicit shape. scenarios/README.md explains the choices; the formulas are:

    weight of a price      body(p) * danger(p) * clusters(p)
    body(p)                0.3 + 2.8 u (1 - u),  u = position of p in the range, 0 to 1: low at the price, highest midway
    danger(p)              boost inside the danger zone, 1 outside, linear in between over RAMP_USD
    clusters(p)            1 + sum of height * (1 - (d / width)^2)^2 over the round-number grids for which d < width;
                           d = distance from p to the nearest multiple of the grid; 1 where a ladder has no clusters
    weight of (p, L)       survival = 1 / (1 + (distance / reach)^2), distance = |entry / price - 1|, reach = REACH / L
                           0 if the position could not have been opened there, or not have lived (entries, low)
    entry(p, L)            the entry price whose isolated liquidation price is p: p (1 + m) / (1 + 1/L) for a short,
                           p (1 - m) / (1 - 1/L) for a long, m = MAINTENANCE

The table of (price, leverage) is then scaled in turn by rows and columns (iterative proportional fitting) until
its prices follow the weights above and its leverages the mix, and rounded to UNIT_USD by largest remainders, so
that every side sums to its claim exactly. Empty cells are left out.

Only + - * / and math.fsum are used, never exp or log: they give the same bits, and so the same bytes, everywhere.
Python 3 standard library only.
"""
import argparse
import math
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parent.parent / "scenarios" / "leverage"

UNIT_USD = 1000                 # notionals are multiples of this
RAMP_USD = 1000                 # width of the edges of a danger zone
MAINTENANCE = 0.004             # first tier of Binance BTCUSDT
REACH = 4.0                     # survival halves at a distance of REACH / L from the price: 4 % at 100x, 40 % at 10x
GRIDS = ((10000, 1.5, 400), (5000, 1.2, 300), (1000, 0.8, 150))  # multiple of (USD), height, width (USD)
SHORT_DATED = {10: 0.04, 25: 0.23, 50: 0.32, 100: 0.41}          # one-day provider map
ONE_YEAR = {10: 0.30, 25: 0.30, 50: 0.20, 100: 0.20}             # assumed

# danger    (from, to, boost)
# clusters  whether round numbers attract positions
# entries   lowest and highest price at which the positions can have been opened
# low       (price, highest entry): the market has been down to this price, so a long level above it belongs to a
#           position opened since, at no more than the second price
LADDERS = {
    "btc-wall-14to1.csv": {
        "price": 84178.9,
        "sides": [
            {"side": "long", "total": 980_000_000, "lo": 78000, "hi": 84100, "step": 100, "clusters": True,
             "danger": None, "entries": (81000, 90000), "low": (81000, 85000), "mix": SHORT_DATED},
            {"side": "short", "total": 14_000_000_000, "lo": 84200, "hi": 100000, "step": 50, "clusters": True,
             "danger": (90000, 100000, 1.6), "entries": (81000, 100000), "low": None, "mix": SHORT_DATED},
        ]},
    "btc-one-year-25to1.csv": {
        "price": 71000.0,
        "sides": [
            {"side": "long", "total": 1_000_000_000, "lo": 60000, "hi": 70800, "step": 200, "clusters": True,
             "danger": None, "entries": (60000, 72000), "low": (60000, 72000), "mix": ONE_YEAR},
            {"side": "short", "total": 25_000_000_000, "lo": 71100, "hi": 104000, "step": 100, "clusters": True,
             "danger": None, "entries": (60000, 104000), "low": None, "mix": ONE_YEAR},
        ]},
    "btc-deleveraging.csv": {
        "price": 90000.0,
        "sides": [
            {"side": "long", "total": 9_000_000_000, "lo": 60000, "hi": 89900, "step": 100, "clusters": True,
             "danger": None, "entries": (60000, 100000), "low": None, "mix": SHORT_DATED},
            {"side": "short", "total": 2_000_000_000, "lo": 90200, "hi": 105000, "step": 200, "clusters": True,
             "danger": None, "entries": (80000, 105000), "low": None, "mix": SHORT_DATED},
        ]},
    # What a map drawn at the low would have to show: shorts opened on the way from 70,000 down to 60,000. The nearest
    # level belongs to a 100x short opened at the low.
    "btc-relief-trap.csv": {
        "price": 60000.0,
        "sides": [
            {"side": "short", "total": 2_000_000_000, "lo": 60400, "hi": 70000, "step": 100, "clusters": True,
             "danger": None, "entries": (60000, 70000), "low": None, "mix": SHORT_DATED},
        ]},
    # The longs are the mirror image of the shorts in log price: only the size differs.
    "btc-asymmetry.csv": {
        "price": 100000.0,
        "sides": [
            {"side": "short", "total": 10_000_000_000, "lo": 100100, "hi": 112000, "step": 100, "clusters": False,
             "danger": None, "entries": (95000, 112000), "low": None, "mix": SHORT_DATED},
            {"mirror": "short", "side": "long", "total": 1_000_000_000},
        ]},
}


def entry_price(side, p, leverage):
    if side == "short":
        return p * (1 + MAINTENANCE) / (1 + 1 / leverage)
    return p * (1 - MAINTENANCE) / (1 - 1 / leverage)


def price_weight(p, s):
    u = (p - s["lo"]) / (s["hi"] - s["lo"])
    w = 0.3 + 2.8 * u * (1 - u)
    if s["danger"]:
        lo, hi, boost = s["danger"]
        outside = max(lo - p, p - hi, 0)
        w *= 1 + (boost - 1) * max(0.0, 1 - outside / RAMP_USD)
    clusters = 1.0
    for multiple, height, width in GRIDS:
        below = p % multiple
        d = min(below, multiple - below) / width
        if s["clusters"] and d < 1:
            clusters += height * (1 - d * d) * (1 - d * d)
    return w * clusters


def survival(price, p, leverage, s):
    entry = entry_price(s["side"], p, leverage)
    if not s["entries"][0] <= entry <= s["entries"][1]:
        return 0.0
    if s["low"] and p > s["low"][0] and entry > s["low"][1]:
        return 0.0
    x = (entry / price - 1) * leverage / REACH
    return 1 / (1 + x * x)


def round_to_total(values, total):
    """Integers that sum to total, nearest below the values, the largest remainders rounded up."""
    scale = total / math.fsum(values)
    floors = [int(v * scale) for v in values]
    order = sorted(range(len(values)), key=lambda i: (floors[i] - values[i] * scale, i))
    missing = total - sum(floors)
    assert 0 <= missing <= len(values)
    for i in order[:missing]:
        floors[i] += 1
    return floors


def side_cells(price, s):
    """[(price, leverage, notional in USD)] of one side, by price then leverage."""
    prices = list(range(s["lo"], s["hi"] + 1, s["step"]))
    leverages = sorted(s["mix"])
    row_goal = [price_weight(p, s) for p in prices]
    norm = math.fsum(row_goal)
    row_goal = [w / norm for w in row_goal]
    cell = [[survival(price, p, lev, s) for lev in leverages] for p in prices]
    for _ in range(1000):
        for j, lev in enumerate(leverages):
            f = s["mix"][lev] / math.fsum(row[j] for row in cell)
            for row in cell:
                row[j] *= f
        for row, goal in zip(cell, row_goal):
            f = goal / math.fsum(row)
            row[:] = [c * f for c in row]
    for j, lev in enumerate(leverages):
        assert abs(math.fsum(row[j] for row in cell) - s["mix"][lev]) < 1e-6, "the mix cannot be met"
    usd = round_to_total([c for row in cell for c in row], s["total"] // UNIT_USD)
    keys = [(p, lev) for p in prices for lev in leverages]
    return [(p, lev, n * UNIT_USD) for (p, lev), n in zip(keys, usd) if n > 0]


def mirror_cells(price, cells, total):
    """The same ladder on the other side of the price, at equal log distance, scaled to total."""
    usd = round_to_total([float(n) for _, _, n in cells], total // UNIT_USD)
    out = [(round(price * price / p, 2), lev, n * UNIT_USD) for (p, lev, _), n in zip(cells, usd) if n > 0]
    return sorted(out)


def ladder_text(ladder):
    price, done = ladder["price"], {}
    for s in ladder["sides"]:
        if "mirror" in s:
            done[s["side"]] = mirror_cells(price, done[s["mirror"]], s["total"])
        else:
            done[s["side"]] = side_cells(price, s)
        assert sum(n for _, _, n in done[s["side"]]) == s["total"]
    lines = ["side,price_usd,notional_usd,leverage"]
    for side in ("long", "short"):
        lines += [f"{side},{p},{n},{lev}" for p, lev, n in done.get(side, [])]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description="Write the ladders of scenarios/leverage/.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    args = parser.parse_args()
    bad = 0
    for name, ladder in LADDERS.items():
        path, data = OUT / name, ladder_text(ladder).encode("ascii")
        if not args.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        elif not path.is_file() or path.read_bytes() != data:
            print(f"scenarios/leverage/{name}: differs from what make-levels.py writes", file=sys.stderr)
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
