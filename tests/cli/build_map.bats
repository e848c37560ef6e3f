# SPDX-License-Identifier: GPL-3.0-or-later
# Levels from recorded bars and open interest, by hand and refused.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    cd "$dir"
    printf '%s\n' time,open_usd,high_usd,low_usd,close_usd,open_interest_usd \
        2026-01-01T00:00Z,100,100,100,100,1000 2026-01-01T01:00Z,101,101,101,101,1000 2026-01-01T02:00Z,101,101,101,101,1500 >bars.csv
}

@test "a map of bars is levels that a scenario takes" {
    squeeze build-map bars.csv --mix '20:1' --maintenance 0.5% --buffer none -q -o levels.csv >said
    python3 - <<'END'
import csv

rows = [(r["side"], float(r["price_usd"]), float(r["notional_usd"]), float(r["leverage"])) for r in csv.DictReader(open("levels.csv"))]
expected = [("long", 100 * 0.95 / 0.995, 1000), ("long", 101 * 0.95 / 0.995, 500), ("short", 100 * 1.05 / 1.005, 1000), ("short", 101 * 1.05 / 1.005, 500)]
assert len(rows) == 4, rows
for row, (side, price, usd) in zip(rows, expected):
    assert row[0] == side and abs(row[1] / price - 1) < 1e-9 and abs(row[2] / usd - 1) < 1e-9 and row[3] == 20, (row, price)
END
    printf '%s\n' key,value,unit price,101,usd horizon,1,d levels,levels.csv, volatility,0.03, book.depth,1M, >my.csv
    squeeze check my.csv -q >said
}

@test "the map of a time, and the sums, in text and JSON" {
    squeeze build-map bars.csv --at 2026-01-01T01:30Z --json -q >answer.json
    python3 - <<'END'
import json

answer = json.load(open("answer.json"))
assert answer["schema"] == "squeeze/build-map-1" and answer["bars"] == 2 and answer["from"] == "open interest"
assert abs(answer["long"]["standing_usd"] - 1000) < 1e-9 and "fared" not in answer
END
    squeeze build-map bars.csv --buffer none 2>words >said
    grep -q 'lognormal(16; 1.4)' words || complain "no remark on leverage as distance"
    [[ -z $(grep -E '.{81}' said words) ]] || grep -qE '.{81}' words || complain "too wide"
    cut -d, -f1-5 bars.csv | sed 's/close_usd/close_usd,volume_usd/; s/\(Z.*\)/\1,5000/' >volume.csv
    squeeze build-map volume.csv --json -q | grep -q '"from": "volume"' || complain "volume"
    no_complaints
}

@test "what cannot be used is refused by name" {
    fails 2 "--mix: '10' is no mix" build-map bars.csv --mix 10
    fails 2 "--mix: '' is no mix" build-map bars.csv --mix ''
    fails 2 "--mix: '10:-1' is no mix" build-map bars.csv --mix 10:-1
    fails 2 "--buffer: 'wide' is no buffer" build-map bars.csv --buffer wide
    fails 2 "--buffer: 'lognormal(0; 1)' is no buffer" build-map bars.csv --buffer 'lognormal(0; 1)'
    fails 2 "--maintenance: '2' cannot be used" build-map bars.csv --maintenance 2
    fails 2 "--exit-hazard: 'x' cannot be used" build-map bars.csv --exit-hazard x
    fails 2 "--bin: '0' cannot be used" build-map bars.csv --bin 0
    fails 2 "--at: 'noon' is not a time" build-map bars.csv --at noon
    fails 2 "--at: is before the first bar" build-map bars.csv --at 2020-01-01T00:00Z
    fails 3 "nowhere.csv: cannot be opened" build-map nowhere.csv
    printf 'x' >there.csv
    fails 1 "there.csv: exists" build-map bars.csv -o there.csv
    no_complaints
}
