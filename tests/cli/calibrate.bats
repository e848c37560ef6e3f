# SPDX-License-Identifier: GPL-3.0-or-later
# From recordings of a market to rows of a scenario; what they cannot tell is said and left out.

load helpers

setup_file() {
    python3 - "$BATS_FILE_TMPDIR" <<'END'
import math, random, sys

chance = random.Random(3)
folder = sys.argv[1] + "/"
with open(folder + "bars.csv", "w") as bars:
    print("time,open_usd,high_usd,low_usd,close_usd", file=bars)
    at = math.log(100)
    for i in range(1500):
        before, at = at, at + chance.gauss(0, 0.004) + (chance.gauss(0, 0.03) if chance.random() < 0.02 else 0)
        low, high = sorted((before, at))
        print(1700000000 + 1800 * i, *("%.6f" % math.exp(x) for x in (before, high, low, at)), sep=",", file=bars)
with open(folder + "depth.csv", "w") as depth, open(folder + "trades.csv", "w") as trades:
    print("time_ms,bid,ask,bid_10bp_usd,ask_10bp_usd,bid_50bp_usd,ask_50bp_usd,bid_100bp_usd,ask_100bp_usd", file=depth)
    print("time_ms,taker_side,last_px,qty", file=trades)
    mid = 100
    for i in range(200):
        cells = [2e8 * (b / 100) ** 1.3 * math.exp(chance.gauss(0, 0.1)) for b in (10, 10, 50, 50, 100, 100)]
        print(1700000000000 + 1000 * i, "%.6f" % (mid * 0.99995), "%.6f" % (mid * 1.00005),
              *("%.0f" % c for c in cells), sep=",", file=depth)
        flow = chance.gauss(0, 3e5)
        print(1700000000400 + 1000 * i, "buy" if flow > 0 else "sell", "%.6f" % mid, "%.6f" % (abs(flow) / mid), sep=",", file=trades)
        mid *= math.exp(0.8e-4 * flow / 1e6 + chance.gauss(0, 1e-6))
with open(folder + "funding.csv", "w") as funding:
    print("time_utc,funding_rate,mark_price", file=funding)
    for i in range(30):
        print("2025-01-%02dT08:00Z,0.0002," % (i + 1), file=funding)
END
}

setup() {
    dir=$BATS_TEST_TMPDIR
    cd "$BATS_FILE_TMPDIR"
}

@test "rows with errors and sources, which a scenario includes" {
    squeeze calibrate bars.csv --depth depth.csv --trades trades.csv --funding funding.csv -q -o "$dir/market.csv" >"$dir/said"
    squeeze calibrate bars.csv --depth depth.csv --trades trades.csv --funding funding.csv -q --json >"$dir/answer.json"
    python3 - "$dir" <<'END'
import csv, json, sys

rows = {row["key"]: row for row in csv.DictReader(open(sys.argv[1] + "/market.csv"))}
answer = json.load(open(sys.argv[1] + "/answer.json"))
assert answer["schema"] == "squeeze/calibrate-1"
said = {row["key"]: row for row in answer["rows"]}
for key, row in rows.items():
    assert abs(float(row["value"]) - said[key]["value"]) <= 1e-5 * abs(said[key]["value"]), key
    assert row["note"] and row["unit"] == said[key]["unit"], key
near = lambda key, value, times: abs(said[key]["value"] - value) <= times * said[key]["se"] or sys.exit(f"{key}: {said[key]}")
near("book.depth", 2e8, 4)
near("book.shape", 1.3, 4)
near("impact 1 s", 0.8, 4)
near("jumps.sd", 0.03, 4)
near("jumps.rate", 0.02 * 48, 4)
assert abs(float(rows["funding.rate"]["value"]) - 2e-4) < 1e-12 and rows["funding.interval"]["value"] == "24"
assert "impact 1 s" not in rows
for key in ("book.halflife", "book.permanent", "withdrawal.gamma", "drift"):
    assert not said[key]["identified"] and said[key]["value"] is None and key not in rows
END
    printf '%s\n' side,price_usd,notional_usd short,1000,1M long,1,1M >"$dir/levels.csv"
    squeeze init --levels "$dir/levels.csv" --include "$dir/market.csv" --target +10% --horizon 1d -q -o "$dir/my.csv"
    squeeze batch "$dir/my.csv" -n 20 -s 1 -q >"$dir/said"
}

@test "the table fits 80 columns and ends with what cannot be told" {
    squeeze calibrate bars.csv --depth depth.csv >"$dir/said"
    [[ -z $(grep -E '.{81}' "$dir/said") ]] || complain "too wide: $(grep -E '.{81}' "$dir/said")"
    grep -q 'Not told by these files' "$dir/said" || complain "nothing is left out"
    squeeze calibrate bars.csv >"$dir/said"
    grep -q 'book.depth: bars do not tell the depth; give --depth' "$dir/said" || complain "depth"
    no_complaints
}

@test "a snapshot of the book is a depth too" {
    printf '%s\n' side,distance_bp,cumulative_usd ask,10,1e6 ask,50,9e6 ask,100,2e7 bid,10,1e6 bid,50,9e6 bid,100,2e7 >"$dir/book.csv"
    squeeze calibrate bars.csv --depth "$dir/book.csv" --json | python3 -c '
import json, sys
row = {r["key"]: r for r in json.load(sys.stdin)["rows"]}["book.depth"]
assert abs(row["value"] / 2e7 - 1) < 0.1 and row["se"] is None, row'
}

@test "files that cannot be used are refused by name and place" {
    local header=time,side,price_usd,notional_usd
    printf '%s\n' $header 2025-01-01T00:00Z,buy,100,5 2025-01-01T00:00Z,up,100,5 >"$dir/bad.csv"
    fails 3 "bad.csv:3: side: 'up'" calibrate bars.csv --trades "$dir/bad.csv"
    printf '%s\n' $header 2025-01-01T00:00Z,buy,100,5 2024-01-01T00:00Z,buy,100,5 >"$dir/bad.csv"
    fails 3 "bad.csv:3: time: is before the row above" calibrate bars.csv --trades "$dir/bad.csv"
    printf '%s\n' time,price_usd 2025-01-01T00:00Z,100 >"$dir/bad.csv"
    fails 3 "bad.csv:1: side: is missing" calibrate bars.csv --trades "$dir/bad.csv"
    printf '%s\n' time,side,price_usd noon,buy,100 >"$dir/bad.csv"
    fails 3 "bad.csv:2: time: 'noon' is not a time" calibrate bars.csv --trades "$dir/bad.csv"
    printf '%s\n' a,b 1,2 >"$dir/bad.csv"
    fails 3 "bad.csv:1" calibrate bars.csv --depth "$dir/bad.csv"
    printf '%s\n' time,bid_x,ask 1,2,3 >"$dir/bad.csv"
    fails 3 "has no columns of depth" calibrate bars.csv --depth "$dir/bad.csv"
    fails 3 "bad.csv:1: rate: is missing" calibrate bars.csv --funding "$dir/bad.csv"
    : >"$dir/bad.csv"
    fails 3 "bad.csv" calibrate bars.csv --events "$dir/bad.csv"
    fails 3 "nowhere.csv: cannot be opened" calibrate nowhere.csv
    fails 2 "--horizon: 'soon' is not a time" calibrate bars.csv --horizon soon
    printf 'x\n' >"$dir/there.csv"
    fails 1 "there.csv: exists; --force overwrites it" calibrate bars.csv -o "$dir/there.csv"
    head -n 40 bars.csv >"$dir/few.csv"
    squeeze calibrate "$dir/few.csv" -q >"$dir/said" || true
    grep -q 'jumps.rate: 38 returns; expected 200 or more' "$dir/said" || complain "few: $(<"$dir/said")"
    sed -E 's/^([0-9]+),.*/\1,100,100,100,100/' bars.csv >"$dir/still.csv"
    squeeze calibrate "$dir/still.csv" -q >"$dir/said"
    grep -q 'volatility: the price did not move' "$dir/said" || complain "still: $(<"$dir/said")"
    no_complaints
}
