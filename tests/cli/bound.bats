# SPDX-License-Identifier: GPL-3.0-or-later
# squeeze bound: the largest scale of a map that recorded prices allow.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
    scenario ./map.csv
}

# hours FILE HALF: a day of 24 bars about 100 whose range is log((100 + HALF) / (100 - HALF)), and whose
# closes are 100 and 100.4 in turn.
hours() {
    python3 - "$2" >"$1" <<'END'
import sys

half = float(sys.argv[1])
print("time,open_usd,high_usd,low_usd,close_usd")
for hour in range(24):
    high, low = (100 + half if hour == 7 else 100.5), (100 - half if hour == 13 else 99.8)
    close, before = (100.4 if hour % 2 == 0 else 100), (100 if hour % 2 == 0 else 100.4)
    print(f"2026-03-01T{hour:02}:00Z,{before},{high},{low},{close}")
END
}

@test "bound: the curve begins at the law of the range, falls, and crosses 5 % at the bound" {
    hours calm.csv 2.5
    squeeze bound map.csv --record calm.csv -n 1500 -s 3 -q --json >answer.json
    python3 - <<'END'
from results import *

answer = load("answer.json")
assert answer["schema"] == "squeeze/bound-1" and answer["paths"] == 1500
curve = answer["curve"]
scales = [point["scale"] for point in curve]
assert scales == sorted(scales) and scales[0] == 0
# Feller (1951): the range of a Brownian motion
r, sd = math.log(102.5 / 97.5), 0.03
law = 1 - 8 * sum((-1) ** (k - 1) * k * 0.5 * math.erfc(k * r / sd / math.sqrt(2)) for k in range(1, 400))
first = curve[0]["probability"]
assert abs(first["value"] - law) < 4 * math.sqrt(law * (1 - law) / 1500), (first, law)
bound = answer["scale_upper_95"]
assert 0 < bound < 10 and not answer["beyond_curve"]
for point in curve:
    assert (point["probability"]["hi"] < 0.05) == (point["scale"] > bound), (point, bound)
assert math.isclose(answer["range_percent"], 100 * (102.5 / 97.5 - 1), rel_tol=1e-12)
assert answer["record_s"] == 86400 and answer["record_begin"].startswith("2026-03-01T00:00")
move = math.log(100.4 / 100)
assert math.isclose(answer["record_volatility_per_sqrt_day"], math.sqrt(24) * move, rel_tol=1e-9)
END
}

@test "bound: a result directory with the same answer, at any number of threads; its figure names the bound" {
    hours calm.csv 2.5
    local jobs
    for jobs in 1 2; do
        squeeze bound map.csv --record calm.csv -n 300 -s 3 -q -j $jobs -o out$jobs --no-plot >text$jobs
    done
    cmp text1 text2
    cmp out1/bound.json out2/bound.json
    cmp out1/bound.csv out2/bound.csv
    [[ $(ls out1 | tr '\n' ' ') == "bound.csv bound.gp bound.json manifest.json " ]]
    python3 - <<'END'
from results import *

answer, rows = load("out1/bound.json"), table("out1/bound.csv")
assert [float(row["scale"]) for row in rows] == [point["scale"] for point in answer["curve"]]
for row, point in zip(rows, answer["curve"]):
    for cell, key in (("probability", "value"), ("lo", "lo"), ("hi", "hi")):
        assert float(row[cell]) == point["probability"][key]
manifest = load("out1/manifest.json")
assert manifest["seed"] == "3" and manifest["paths"] == 300
assert f"{answer['scale_upper_95']:.2g} times its notional" in " ".join(open("text1").read().split())
END
    [[ -z ${SQZ_NO_PICTURES-} ]] && command -v gnuplot >/dev/null || return 0
    squeeze plot out1 -q
    grep -q "The record refutes this map above" out1/bound.svg
    squeeze bound map.csv --record calm.csv -n 300 -s 3 -q -o out1 --force --set volatility=0.3 >text
    grep -q "Even without liquidations" out1/bound.svg
}

@test "bound: where the volatility does not suit the record, the record's own is named and works" {
    hours calm.csv 1.2
    squeeze bound map.csv --record calm.csv -n 300 -s 3 -q >text
    flowing text >line
    grep -q "Even without liquidations" line
    grep -q "the record's own is 1.96 %: try --set volatility=0.0196" line
    squeeze bound map.csv --record calm.csv -n 300 -s 3 -q --json --set volatility=0.0196 |
        python3 -c 'import json, sys; assert json.load(sys.stdin)["scale_upper_95"] > 0'
}

@test "bound: a record that is wide refutes nothing" {
    hours wide.csv 30
    squeeze bound map.csv --record wide.csv -n 300 -s 3 -q --json |
        python3 -c 'import json, sys; assert json.load(sys.stdin)["beyond_curve"]'
    squeeze bound map.csv --record wide.csv -n 300 -s 3 -q | flowing |
        grep -q "refutes no scale up to 10: it does not bound the map, and is no evidence for it"
}

@test "bound: what cannot be answered is refused, and another price is a remark" {
    hours calm.csv 2.5
    head -n 2 calm.csv >one.csv
    sed '4s/100,100.5/100.7,100.5/' calm.csv >high.csv
    fails 2 "needs --record" bound map.csv -s 1
    fails 3 "none.csv: cannot be opened" bound map.csv --record none.csv -s 1
    fails 3 "one bar; expected two or more" bound map.csv --record one.csv -s 1
    fails 3 "high.csv:4: high_usd" bound map.csv --record high.csv -s 1 -o out
    leaves_nothing out
    no_complaints
    sed -i '/^short,101,/d' levels.csv
    squeeze bound map.csv --record calm.csv -n 256 -s 1 --set price=101.5 >text 2>said
    flowing said | grep -q "remark: map.csv: price: is 101.5 usd, but the record begins at 100"
}
