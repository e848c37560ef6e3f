# SPDX-License-Identifier: GPL-3.0-or-later
# What squeeze import must make of the files in tests/import, worked out here from their text alone.
# Usage: import_totals.py FOLDER: where the imported files go.
import csv
import json
import math
import os
import subprocess
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "import")
FOLDER = sys.argv[1]
PRICE = 62480.5


def text(name):
    return open(os.path.join(HERE, name)).read()


def parsed(name):
    return json.loads(text(name))


def table(name):
    return list(csv.DictReader(open(os.path.join(HERE, name))))


def squeeze(name, output, *more):
    out = os.path.join(FOLDER, output)
    command = [os.environ["SQUEEZE"], "import", "auto", os.path.join(HERE, name), "-q", "--force",
               "--json", "-o", out, *more]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer, list(csv.DictReader(open(out)))


def near(what, value, expected, relative=1e-12):
    assert math.isclose(value, expected, rel_tol=relative, abs_tol=1e-9), (what, value, expected)


def sides(pairs, price=PRICE):
    """Notional below and above the price, of pairs (price, usd)."""
    return (sum(u for p, u in pairs if p < price), sum(u for p, u in pairs if p > price))


def levels(name, longs, shorts, coverage="modelled", dropped=0, price=PRICE, own=True):
    answer, rows = squeeze(name, "levels.csv", *([] if own else ["--price", str(price)]),
                           *(["--raw-usd"] if coverage == "modelled" else []))
    assert set("schema format kind reference_price_usd short_usd long_usd levels coverage "
               "standstill_scale dropped remarks".split()) <= set(answer), answer
    assert answer["schema"] == "squeeze/import-1" and answer["kind"] == "levels"
    assert answer["coverage"] == coverage, (name, answer["coverage"])
    near(name + " price", answer["reference_price_usd"], price)
    got = {s: sum(float(r["notional_usd"]) for r in rows if r["side"] == s) for s in ("long", "short")}
    near(name + " longs", got["long"], longs)
    near(name + " shorts", got["short"], shorts)
    near(name + " long_usd", answer["long_usd"], longs)
    near(name + " short_usd", answer["short_usd"], shorts)
    assert answer["levels"] == len(rows), (name, answer["levels"], len(rows))
    assert answer["dropped"] == dropped, (name, answer["dropped"])
    for row in rows:
        above = float(row["price_usd"]) > price
        assert above == (row["side"] == "short") and float(row["price_usd"]) != price, (name, row)
    return rows


# ---- maps ------------------------------------------------------------------------------------

pair = parsed("coinglass_pair.json")["data"]["data"]
rows = levels("coinglass_pair.json", own=False, longs=0 + sum(
    float(e[1]) for l in pair.values() for e in l if e[0] < PRICE), shorts=3100450.5)
assert len(rows) == 4  # two of one place are one, one holds nothing
assert [float(r["notional_usd"]) for r in rows if r["leverage"] == "100"] == [88000.25 + 11999.75]

agg = parsed("coinglass_aggregated.json")["data"]["data"]
entries = [e for i in agg for l in i["liqMapV2"].values() for e in l if e[1] is not None]
levels("coinglass_aggregated.json", *sides([(e[0], float(e[1])) for e in entries]), dropped=1)

for name, y, cells in (("coinglass_heatmap_v4.json", "y_axis", "liquidation_leverage_data"),
                       ("coinglass_heatmap_v3.json", "y", "liq")):
    heat = parsed(name)["data"]
    last = [(heat[y][c[1]], float(c[2])) for c in heat[cells] if c[0] == 1]
    levels(name, *sides(last))

for name in ("coinank_map.json", "coinank_aggregated.json"):
    ank = parsed(name)["data"]
    arrays = [v for k, v in ank.items() if isinstance(v, list) and k != "prices"]
    levels(name, *sides([(p, float(u)) for a in arrays for p, u in zip(ank["prices"], a)]))

heat = parsed("coinank_heatmap.json")["data"]["liqHeatMap"]
levels("coinank_heatmap.json", own=False, *sides(
    [(heat["priceArray"][int(y)], float(u)) for x, y, u in heat["data"] if x == "1"]))
levels("coinank_heatmap_long.csv", own=False, *sides(
    [(float(r["price"]), float(r["value"])) for r in table("coinank_heatmap_long.csv")]))

full = parsed("hyperliquid_map.json")
longs = sum(e["volume"] for e in full["long_liquidations"] if 0 < e["price"] < 2186)
shorts = sum(e["volume"] for e in full["short_liquidations"] if (e["price"] or 0) > 2186)
rows = levels("hyperliquid_map.json", longs, shorts, "measured", dropped=4, price=2186, own=False)
# A bin of 0.45 is 2.8 % of 16.2: its notional lies all over it, at most 5 bp apart.
low = sorted(float(r["price_usd"]) for r in rows if float(r["price_usd"]) < 20)
assert len(low) == math.ceil(0.45 / (16.2 * 5e-4)) and 15.975 < low[0] and low[-1] < 16.425

coin = parsed("hyperliquid_buckets.json")["data"]["BTC"]
rows = levels("hyperliquid_buckets.json", sum(b["value"] for b in coin["longLiquidations"]),
              sum(b["value"] for b in coin["shortLiquidations"]), "measured")
assert sorted(r["leverage"] for r in rows) == ["10", "25", "50"]

spread = parsed("distribution.json")
levels("distribution.json", sum(map(float, spread["long_distribution"].values())),
       sum(map(float, spread["short_distribution"].values())))

rows = levels("py_25x_sell.csv", 0, sum(float(r["amount"]) for r in table("py_25x_sell.csv")),
              own=False)
assert all(r["side"] == "short" and r["leverage"] == "25" for r in rows)

levels("levels.csv", 1.25e6 + 77000, 3e6, own=False)
wide = table("wide.csv")
levels("wide.csv", own=False, longs=sum(float(r[c] or 0) for r in wide for c in r if "long" in c),
       shorts=sum(float(r[c] or 0) for r in wide for c in r if "short" in c))

# ---- a history -------------------------------------------------------------------------------

record = os.path.join(HERE, "price_bars.csv")
folder = os.path.join(FOLDER, "history")
command = [os.environ["SQUEEZE"], "import", "auto", os.path.join(HERE, "history.csv"), "-q",
           "--raw-usd", "--record", record, "-o", folder]
subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
index = list(csv.DictReader(open(folder + "/index.csv")))
assert [r["time"] for r in index] == ["2025-12-01T00:00:00Z", "2025-12-01T02:00:00Z"]
assert [float(r["price_usd"]) for r in index] == [62400.0, 62480.5]
for row in index:
    price = float(row["price_usd"])
    bins = [r for r in table("history.csv") if r["hour_utc"][:13] == row["time"][:13]]
    half = 100 if len(bins) >= 8 else 0  # eight prices are a grid of 200 usd, three are none
    got = list(csv.DictReader(open(folder + "/" + row["levels"])))
    for side, key in (("long", "long_usd"), ("short", "short_usd")):
        inside = [float(b[key]) for b in bins
                  if (float(b["price_usd"]) - half < price if side == "long"
                      else float(b["price_usd"]) + half > price)]
        near(row["time"] + side, sum(float(r["notional_usd"]) for r in got if r["side"] == side),
             sum(inside))

# ---- positions -------------------------------------------------------------------------------


def check_rows(rows, expected):
    assert len(rows) == len(expected), rows
    for row, wanted in zip(rows, expected):
        for key, value in wanted.items():
            if isinstance(value, str):
                assert row[key] == value, (key, row)
            else:
                near(key, float(row[key]), value)


answer, rows = squeeze("hyperliquid_state.jsonl", "positions.csv")
isolated = -18900 + 10 * 2186.0  # what the isolated position is worth at its mark
check_rows(rows, [
    dict(side="short", symbol="BTC", account="0xaa", margin_mode="cross", quantity=1.25,
         mark_usd=62480.0, equity_usd=23109.5 - isolated, leverage="20"),
    dict(side="long", symbol="ETH", account="0xaa", margin_mode="isolated", quantity=10,
         mark_usd=2186.0, margin_usd=-18900 + 10 * 2100.0, equity_usd=""),
    dict(side="long", symbol="BTC", account="0xbb", quantity=0.01, equity_usd=5000.0)])
assert answer["without_liquidation_price"] == 1 and answer["dropped"] == 1
near("shorts", answer["short_usd"], 78100)

# The same accounts as a list, and by address.
states = [json.loads(line) for line in text("hyperliquid_state.jsonl").splitlines()]
for form in (states, {s["user"]: s["clearinghouseState"] for s in states}):
    name = os.path.join(FOLDER, "states.json")
    json.dump(form, open(name, "w"))
    assert squeeze(name, "positions.csv")[1] == rows, form

answer, rows = squeeze("binance_positions.json", "positions.csv")
check_rows(rows, [
    dict(side="short", symbol="BTCUSDT", margin_mode="cross", quantity=0.5, mark_usd=62480.5,
         equity_usd=4000.5 - 0.5 * (62480.5 - 62000)),
    dict(side="long", symbol="ETHUSDT", margin_mode="isolated", quantity=8, margin_usd=1200.0,
         leverage="20", mark_usd=2186.0)])
assert answer["dropped"] == 1

answer, rows = squeeze("positions.csv", "positions.csv")
check_rows(rows, [dict(side="short", symbol="BTC", account="1", quantity=10, mark_usd=62480.5,
                       equity_usd=90250.5, margin_mode="cross"),
                  dict(side="long", symbol="ETH", account="2", mark_usd=2186.0)])
assert answer["without_liquidation_price"] == 1
_, rows = squeeze("positions.csv", "positions.csv", "--symbol", "ETH")
assert [r["symbol"] for r in rows] == ["ETH"]

# ---- tiers, bars, depth ----------------------------------------------------------------------

_, rows = squeeze("ccxt_tiers.json", "tiers.csv")
tiers = [(s, t) for s, l in parsed("ccxt_tiers.json").items() for t in l]
check_rows(rows, [dict(symbol=s, notional_floor=float(t["minNotional"]),
                       notional_cap="" if t["maxNotional"] is None else float(t["maxNotional"]),
                       mmr=t["maintenanceMarginRate"], max_leverage=float(t["maxLeverage"]),
                       maint_amount=float(t["info"]["cum"]) if "cum" in t["info"] else "")
                  for s, t in tiers])
_, rows = squeeze("bybit_tiers.json", "tiers.csv")
check_rows(rows, [dict(notional_floor=0.0, notional_cap=2e6, mmr=0.005, maint_amount=""),
                  dict(notional_floor=2e6, notional_cap=2.6e6, mmr=0.0056, maint_amount=1200.0)])

_, rows = squeeze("hyperliquid_meta.json", "tiers.csv")
check_rows(rows, [dict(symbol="BTC", notional_floor=0.0, notional_cap=150e6, mmr=0.5 / 40),
                  dict(symbol="BTC", notional_floor=150e6, notional_cap="", mmr=0.5 / 20),
                  dict(symbol="ABC", notional_floor=0.0, notional_cap="", mmr=0.5 / 3)])

for name in ("klines_ms.csv", "klines_us.csv", "bybit_klines.json"):
    answer, rows = squeeze(name, "bars.csv")
    check_rows(rows[:1], [dict(time="2025-11-30T23:59:00Z", open_usd=62400, high_usd=62490,
                               low_usd=62390, close_usd=62480.5, volume_usd=296700.75)])
    codes = [r["code"] for r in answer["remarks"]]
    assert codes == (["duplicate-bars", "gaps"] if name == "klines_ms.csv" else []), codes
    assert [r["time"] for r in rows] == sorted({r["time"] for r in rows})
    if name != "bybit_klines.json":
        near("taker", float(rows[0]["taker_buy_usd"]), 125000.5)
_, rows = squeeze("price_bars.csv", "bars.csv")
check_rows(rows, [dict(time=r["datetime_utc"][:-1] + ":00Z", open_usd=float(r["price_open"]),
                       close_usd=float(r["price_close"]), open_interest_usd=float(r["oi_close"]),
                       funding=3.5e-05, liquidated_long_usd=float(r["liquidation_long_usd"]))
                  for r in table("price_bars.csv")])

_, rows = squeeze("book_depth.csv", "depth.csv")
check_rows(rows, [dict(side="ask", distance_bp=1e4 * math.log(1.01), cumulative_usd=176e6),
                  dict(side="ask", distance_bp=1e4 * math.log(1.05), cumulative_usd=560e6),
                  dict(side="bid", distance_bp=-1e4 * math.log(0.99), cumulative_usd=185e6),
                  dict(side="bid", distance_bp=-1e4 * math.log(0.95), cumulative_usd=540e6)])
for name in ("book_snapshot.json", "hyperliquid_book.json"):
    _, rows = squeeze(name, "depth.csv")
    asks = [r for r in rows if r["side"] == "ask"]
    near("first", float(asks[0]["cumulative_usd"]), 0.75 * 62481)
    near("second", float(asks[1]["cumulative_usd"]), 0.75 * 62481 + 8 * 62520)
    near("away", float(asks[1]["distance_bp"]), 1e4 * math.log(62520 / 62480.5), 1e-9)
