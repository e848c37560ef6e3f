# SPDX-License-Identifier: GPL-3.0-or-later
# squeeze sweep: one scenario along one key or two, or condition by condition.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    scenario ./base.csv name,Base, target,104,usd floor,97.5,usd slice.rate,2000,usd/s slice.interval,12,s
    squeeze sweep base.csv --vary book.depth=300k:1.2M:4:log -n 300 -s 5 -j 1 -q -o line --no-plot --json >line.json
    squeeze sweep base.csv --vary 'horizon=6:18 h:3' --vary levels.scale=0.5:2:2 -n 60 -s 5 -q -o plane --no-plot --json >plane.json
    squeeze sweep base.csv --tornado -n 80 -s 5 -q -o tornado --no-plot --json >tornado.json
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    dir=$BATS_TEST_TMPDIR
    line=(sweep base.csv --vary book.depth=300k:1.2M:4:log -n 300 -s 5 -q --no-plot)
}

# halted DIR ARGUMENT...: start a sweep of some 30 points into DIR and halt it after a few; `pid` is
# its process. `resumed` lets it go on to its end; returns its status.
halted() {
    local tries=0
    "$SQUEEZE" sweep "${@:2}" --set slice.rate=inf -n 1000 -s 6 --no-plot -o "$1" --json >"$1.json" 2>"$1.words" &
    pid=$!
    until [[ -e $1/points.csv && $(wc -l <"$1/points.csv") -ge 4 ]] || ((++tries > 400)); do sleep 0.02; done
    kill -STOP $pid
    [[ ! -e $1/summary.json ]] || complain "the sweep was over before it was halted"
}
resumed() {
    kill -CONT $pid
    wait $pid
}

# same_results A B: the same files with the same bytes, except the record of how it was run.
same_results() {
    diff -rq --exclude manifest.json "$1" "$2"
}

# unfinish DIR ROWS [TEXT]: what is there after ROWS points, and TEXT of the next row.
unfinish() {
    rm -rf "$1"
    mkdir "$1"
    cp line/manifest.json "$1"
    head -n $((1 + $2)) line/points.csv >"$1/points.csv"
    printf '%s' "${3-}" >>"$1/points.csv"
}

# ---- the answer ------------------------------------------------------------------------------

@test "values run from end to end, evenly or in equal ratios, in the unit they were given" {
    python3 - <<'END'
import math
from results import load, table
answer, rows = load("line.json"), table("line/points.csv")
assert answer["schema"] == "squeeze/sweep-1" and answer["seed"] == "5" and answer["paths"] == 300
assert answer["vary"] == [{"key": "book.depth", "unit": "usd", "lo": 3e5, "hi": 1.2e6, "points": 4, "spacing": "log"}]
depths = [p["values"]["book.depth"] for p in answer["points"]]
assert depths[0] == 300000 and depths[3] == 1200000
assert all(abs(b / a / 4 ** (1 / 3) - 1) < 1e-14 for a, b in zip(depths, depths[1:]))
assert [float(r["book.depth"]) for r in rows] == [1e6] + depths
assert [r["point"] for r in rows] == list("01234")
assert answer["base"]["values"] == {"book.depth": 1000000} and answer["base"]["settings"] == []
assert [p["settings"] for p in answer["points"]] == [["book.depth=" + r["book.depth"] + " usd"] for r in rows[1:]]

answer, rows = load("plane.json"), table("plane/points.csv")
assert [(v["key"], v["unit"], v["spacing"]) for v in answer["vary"]] == \
    [("horizon", "h", "linear"), ("levels.scale", "1", "linear")]
grid = [(h, s) for h in (6, 12, 18) for s in (0.5, 2)]
assert [(p["values"]["horizon"], p["values"]["levels.scale"]) for p in answer["points"]] == grid
assert [(float(r["horizon"]), float(r["levels.scale"])) for r in rows] == [(24, 1)] + grid
END
    cmp line.json line/summary.json
    cmp plane.json plane/summary.json
}

@test "the rows of points.csv are the points of the JSON" {
    python3 - <<'END'
from results import header, load, table
answer, rows = load("line.json"), table("line/points.csv")
assert header("line/points.csv")[:3] == ["point", "book.depth", "target_probability"]
keys = ("target_probability", "floor_probability", "forced_usd", "final_log")
for row, point in zip(rows, [answer["base"]] + answer["points"]):
    assert row["paths"] == "300" and row["cut_off_paths"] == "0" and point["paths"] == 300
    own = point["own_paths"]
    assert row["seed"] == point["seed"] and row["seed"].isdigit()
    assert [float(row["branching_" + side]) for side in ("short", "long")] == list(point["branching"].values())
    def same(name, found):
        assert [float(row[name + part]) for part in ("", "_se", "_lo", "_hi")] == list(found.values())
    for key in keys[:3]:
        same(key, point[key])
        same(key + "_own", own[key])
        same(key + "_own_base", own["base"][key])
        if point is not answer["base"]:
            same(key + "_own_difference", own["difference"][key])
    for key in keys:
        name = key + "_difference"
        if point is answer["base"]:
            assert row[name] == "" == row[key + "_variance_reduction"] and "difference" not in point
            continue
        found = point["difference"]
        assert [float(row[name + part]) for part in ("", "_se", "_lo", "_hi")] == list(found[key].values())
        reduction, told = float(row[key + "_variance_reduction"]), found["variance_reduction"][key]
        assert told == (None if reduction == float("inf") else reduction)     # no pair differs
END
}

@test "every point is a comparison of the scenario with itself as --set would make it" {
    squeeze batch base.csv -n 300 -s 5 -q --no-attribution --json >"$dir/base.json"
    local k=0 depth seed
    while read -r depth seed; do
        scenario ./point.csv name,Base, target,104,usd floor,97.5,usd slice.rate,2000,usd/s slice.interval,12,s \
            book.depth,$depth,usd
        squeeze compare base.csv point.csv -n 300 -s $seed -q --no-attribution --json >"$dir/$k.json"
        k=$((k + 1))
    done < <(python3 -c 'from results import table
for row in table("line/points.csv")[1:]: print(row["book.depth"], row["seed"])')
    ((k == 4))
    python3 - "$dir" <<'END'
import sys
from results import load
answer, base = load("line.json"), load(sys.argv[1] + "/base.json")
def told(summary):
    return {"target_probability": summary["target"]["probability"], "floor_probability": summary["floor"]["probability"],
            "forced_usd": summary["forced_usd"]["mean"]}
assert told(base) == {key: answer["base"]["own_paths"][key] for key in told(base)}
assert answer["base"]["seed"] == "5" and len({point["seed"] for point in answer["points"]} | {"5"}) == 5
for k, point in enumerate(answer["points"]):
    compared = load(f"{sys.argv[1]}/{k}.json")
    own, difference = point["own_paths"], compared["differences"][0]
    for told_by, found in ((compared["scenarios"][1], own), (compared["scenarios"][0], own["base"])):
        summary = told(told_by["summary"])
        assert summary == {key: found[key] for key in summary}
    assert own["difference"] == {key: difference[key] for key in own["difference"]}
    assert point["difference"]["final_log"] == difference["final_log"]
    assert point["difference"]["variance_reduction"] == difference["variance_reduction"]
END
}

@test "the base is that of all points' paths, and every row is the base plus its difference" {
    python3 - <<'END'
from results import load, wilson
for name, paths in (("line", 300), ("plane", 60), ("tornado", 80)):
    answer = load(name + ".json")
    # What is the base has the base's seed, and no paths of its own.
    everything = [answer["base"]] + [p for p in answer["points"] if p["seed"] != answer["base"]["seed"]]
    assert len(everything) == 1 + len(answer["points"]) - (name == "tornado")
    for key in ("target_probability", "floor_probability", "forced_usd"):
        bases = [p["own_paths"]["base"][key]["value"] for p in everything]
        base = answer["base"][key]
        assert abs(base["value"] / (sum(bases) / len(bases)) - 1) < 1e-14, (name, key)
        if key != "forced_usd":
            lo, hi = wilson(round(sum(bases) * paths), paths * len(bases))
            assert abs(base["lo"] - lo) < 1e-14 and abs(base["hi"] - hi) < 1e-14
        for p in answer["points"]:
            assert abs(base["value"] + p["difference"][key]["value"] - p[key]["value"]) < 1e-12 * max(1, base["value"])
            assert p[key]["lo"] <= p[key]["value"] <= p[key]["hi"]
    # Regression on the base leaves less error than a point's own paths, or their difference.
    for p in everything[1:]:
        assert p["forced_usd"]["se"] <= 1.02 * p["own_paths"]["forced_usd"]["se"]
        assert p["difference"]["forced_usd"]["se"] <= 1.02 * p["own_paths"]["difference"]["forced_usd"]["se"] + 1e-9
END
}

@test "the columns of the table can be added up" {
    squeeze sweep base.csv --vary levels.scale=0.25:4:5 -n 130 -s 7 -q >"$dir/table"
    python3 - "$dir/table" <<'END'
import re
import sys
rows = [re.findall(r"(-?[\d.]+) (?:%|pp) \+-", line) for line in open(sys.argv[1]) if " +- " in line]
rows = [row for row in rows if row]                   # not those of the notional
assert len(rows) in (6, 12) and len(rows[0]) in (1, 2)
if len(rows) == 12:                                   # two tables
    rows = [a + b for a, b in zip(rows[:6], rows[6:])]
for target, target_change, floor, floor_change in rows[1:]:
    for value, change, base in ((target, target_change, rows[0][0]), (floor, floor_change, rows[0][1])):
        assert abs(float(base) + float(change) - float(value)) < 0.151, rows       # two roundings
END
    flowing "$dir/table" | grep -q 'is the base plus its "minus base"'
    squeeze help sweep | grep -q 'rows are the base'
}

@test "the branching ratio of a point is the largest that squeeze map finds, on each side" {
    local scenario=$BATS_TEST_DIRNAME/../../scenarios/a-wall-14to1-discounted.csv depth
    squeeze sweep "$scenario" --vary book.depth=100M:700M:2 --set levels.scale=0.05 --set book.shape=1 -n 1 -s 1 -q --json >"$dir/points.json"
    for depth in 500M 100M 700M; do
        squeeze map "$scenario" --set book.depth=$depth --set levels.scale=0.05 --set book.shape=1 --json >"$dir/$depth.json"
    done
    python3 - "$dir" <<'END'
import sys
from results import load
answer = load(sys.argv[1] + "/points.json")
for point, depth in zip([answer["base"]] + answer["points"], ("500M", "100M", "700M")):
    told = load(f"{sys.argv[1]}/{depth}.json")["branching"]
    assert point["branching"] == {side: told[side]["max"] for side in ("short", "long")}, (point["branching"], told)
    assert max(point["branching"].values()) == told["max"]
assert round(answer["points"][0]["branching"]["short"], 3) == 1.503
END
}

@test "the table has a row for each point and one for the scenario as it is" {
    squeeze "${line[@]}" >"$dir/table"
    python3 - "$dir/table" <<'END'
import re
import sys
from results import load
text, answer = open(sys.argv[1]).read(), load("line.json")
title = " ".join(text.split("\n\n")[0].split())
assert title == "Base: start 100.00 usd, target 104.00, floor 97.50, horizon 24 h, 300 paths a point, seed 5"
rows = [line for line in text.split("P(floor)")[0].splitlines() if " +- " in line]
assert len(rows) == 5 and " * " in rows[0] and "the scenario as it is" in text
for line, point in zip(rows, [answer["base"]] + answer["points"]):
    shares = re.findall(r"(-?[\d.]+) (%|pp) \+- ([\d.]+) \2", line)
    p = point["target_probability"]                   # two digits of half the interval
    assert shares[0] == (f"{100 * p['value']:.1f}", "%", f"{50 * (p['hi'] - p['lo']):.1f}"), line
    if point is not answer["base"]:
        d = point["difference"]["target_probability"]
        assert shares[1][1] == "pp"
        assert abs(float(shares[1][0]) - 100 * d["value"]) < 5.1 * (d["hi"] - d["lo"]), line
END
}

@test "ends may carry units, one for both or each its own; any key of any model, and lists" {
    first_last() { tail -n +3 "$1" | sed -n '1p;$p' | cut -d, -f2 | paste -sd' '; }
    local vary expected
    while IFS='|' read -r vary expected; do
        rm -rf "$dir/units"
        squeeze sweep base.csv --vary "$vary" -n 2 -s 1 -q -o "$dir/units" --no-plot >"$dir/said" ||
            { complain "$vary"; continue; }
        [[ $(first_last "$dir/units/points.csv") == "$expected" ]] ||
            complain "$vary: $(first_last "$dir/units/points.csv")"
    done <<'END'
horizon=90min:5h:2|90 300
horizon=1:2d:3|1 2
horizon=1d:1w:2|1 7
horizon=0.5:2:2|0.5 2
volatility=0.021:0.037:3|0.021 0.037
volatility=0.4 1/sqrt(yr):0.037 1/sqrt(d):2|0.4 0.706884007458084
volatility=2%:5%:2|2 5
book.depth=500k:2M:2:log|500000 2000000
book.permanent=10:35%:2|10 35
book.halflife=5s:1h:2:log|5 3600
slice.rate=1k:1M usd/s:2|1000 1000000
jumps.rate=0.1:2:2|0.1 2
withdrawal.gamma=0:0.5:2|0 0.5
drift=-0.02:0.01:4|-0.02 0.01
target=103:109:2|103 109
target=+5%:+20%:4|105 120
floor=-20%:-5%:4|80 95
book.depth=0.5 M:1.40 bn:2|500000 1400000000
END
    no_complaints
}

@test "what a point says it changes is what --set makes of it, in whatever unit the scenario has the key" {
    scenario ./units.csv target,104,usd horizon,1,d levels.scale,50,% drift,3.1,1/yr
    local key k setting seed
    for key in horizon=6:18h:2 levels.scale=0.25:2:2 drift=-0.01:0.02:2 book.permanent=0:0.3:2; do
        squeeze sweep units.csv --vary $key -n 40 -s 4 -q --json >"$dir/answer.json"
        for k in 0 1; do
            read -r seed setting < <(python3 -c 'import sys; from results import load
point = load(sys.argv[1])["points"][int(sys.argv[2])]; print(point["seed"], *point["settings"])' "$dir/answer.json" $k)
            squeeze check units.csv --set "$setting" --json | python3 -c 'import sys, json; print("key,value,unit")
for s in json.load(sys.stdin)["settings"]:
    if s["origin"] != "default": print(s["key"], s["value"], s["unit"], sep=",")' >point.csv
            squeeze compare units.csv point.csv -n 40 -s $seed -q --no-attribution --json >"$dir/compare.json"
            python3 - "$dir" $k <<'END' || complain "$setting"
import sys
from results import load
point, told = load(sys.argv[1] + "/answer.json")["points"][int(sys.argv[2])], load(sys.argv[1] + "/compare.json")
own, summary = point["own_paths"], told["scenarios"][1]["summary"]
assert own["target_probability"] == summary["target"]["probability"] and own["forced_usd"] == summary["forced_usd"]["mean"]
assert point["difference"]["final_log"] == told["differences"][0]["final_log"]
END
        done
    done
    no_complaints
}

@test "a point whose settings are the scenario's own is the base, and differs by exactly 0" {
    squeeze sweep base.csv --vary book.depth=0.5M:1.5M:3 -n 130 -s 5 -q -o "$dir/line" --no-plot --json >"$dir/line.json"
    squeeze sweep base.csv --vary book.depth=0.5M:1M:2 --vary horizon=1:2d:2 -n 70 -s 5 -q --json >"$dir/plane.json"
    python3 - "$dir" <<'END'
import sys
from results import load
nothing = {"value": 0, "se": 0, "lo": 0, "hi": 0}
for name, place in (("line", 1), ("plane", 2)):
    answer = load(f"{sys.argv[1]}/{name}.json")
    base, same = answer["base"], answer["points"][place]
    others = [p for p in answer["points"] if p is not same]
    assert same["values"] == base["values"] and same["settings"] and base["settings"] == []
    for key in ("seed", "paths", "target_probability", "floor_probability", "forced_usd", "branching"):
        assert same[key] == base[key], (name, key)
    assert all(same["difference"][key] == nothing for key in ("target_probability", "floor_probability", "forced_usd", "final_log"))
    for p in others:
        assert p["seed"] != base["seed"] and p["difference"]["forced_usd"] != nothing
    # Its paths are the base's and count but once.
    own = [p["own_paths"]["base"]["forced_usd"]["value"] for p in [base] + others]
    assert abs(base["forced_usd"]["value"] * len(own) / sum(own) - 1) < 1e-14
END
    # The same when the sweep is begun again before that point, and after it
    local rows
    for rows in 2 3; do
        rm "$dir/line/summary.json"
        head -n $((1 + rows)) "$dir/line/points.csv" >"$dir/points.csv"
        cp "$dir/points.csv" "$dir/line/points.csv"
        squeeze sweep base.csv --vary book.depth=0.5M:1.5M:3 -n 130 -s 5 -q -o "$dir/line" --no-plot --json |
            cmp - "$dir/line.json" || complain "another answer after $rows rows"
    done
    squeeze sweep base.csv --vary book.depth=0.5M:1.5M:3 -n 130 -s 5 -q >"$dir/table"
    grep -Eq '^ *1.00 M  .* % \+- .* 0 pp$' "$dir/table" || complain "table: $(<"$dir/table")"
    grep -Eq '^ *1.00 M  .* \+- .* 0$' "$dir/table" || complain "money: $(<"$dir/table")"
    flowing "$dir/table" | grep -q 'The base pools all 3 rows' || complain "rows that were run"
    grep -q "A row whose settings are the scenario's own is the base" "$dir/table" || complain "not said"
    squeeze sweep base.csv --tornado -n 9 -s 1 -q >"$dir/table"
    grep -q "low   --set 'jumps.rate=0 1/d': as the scenario is" "$dir/table" || complain "not said of no jumps"
    # A driver whose keys are there but asks for nothing is off
    squeeze sweep base.csv --set jumps.rate=0 --vary jumps.sd=0.01:0.03:2 -n 9 -s 1 -q --json >"$dir/idle.json"
    squeeze sweep base.csv --set jumps.rate=9 --vary jumps.rate=0:9:2 -n 9 -s 1 -q --json >"$dir/rate.json"
    squeeze sweep base.csv --vary jumps.rate=0:9:2 -n 9 -s 1 -q --json >"$dir/absent.json"
    squeeze sweep base.csv --set 'book.halflife=20;900 s' --vary book.halflife=20:900:2 -n 9 -s 1 -q --json >"$dir/list.json"
    python3 - "$dir" <<'END' || complain "other points are the base"
import sys
from results import load
def is_base(name):
    answer = load(f"{sys.argv[1]}/{name}.json")
    return [p["seed"] == answer["base"]["seed"] for p in answer["points"]]
expected = {"idle": [True, True], "rate": [False, True], "absent": [True, False], "list": [False, False]}
assert {name: is_base(name) for name in expected} == expected, [is_base(name) for name in expected]
END
    no_complaints
}

# ---- what is read ----------------------------------------------------------------------------

@test "a scenario is read once: from a pipe, and as it was when the sweep began" {
    local vary=(--vary book.depth=300k:1.2M:4:log -n 300 -s 5 -q --no-plot --json) status=0
    squeeze sweep <(cat base.csv) --set levels=levels.csv "${vary[@]}" | cmp - line.json || complain "a pipe by its name"
    squeeze sweep /dev/stdin --set levels=levels.csv "${vary[@]}" <base.csv | cmp - line.json || complain "standard input"
    cat base.csv | squeeze sweep /dev/stdin --set levels=levels.csv "${vary[@]}" | cmp - line.json || complain "a pipe"
    squeeze sweep <(cat base.csv) --set levels=levels.csv --tornado -n 80 -s 5 -q --json | cmp - tornado.json ||
        complain "a tornado"
    # Levels and tables are read again.
    fails 1 ": can be read but once, and every point reads it; expected a file" \
        sweep base.csv --set levels=<(cat levels.csv) --tornado -n 9 -s 1 -q
    # A file that is edited meanwhile
    cp base.csv levels.csv "$dir"
    local points=(--vary book.depth=300k:1.2M:30)
    halted "$dir/cut" "$dir/base.csv" "${points[@]}"
    printf '%s\n' key,value,unit price,nonsense, >"$dir/base.csv"
    resumed || complain "edited scenario: $(<"$dir/cut.words")"
    squeeze sweep base.csv "${points[@]}" --set slice.rate=inf -n 1000 -s 6 -q --json | cmp - "$dir/cut.json" ||
        complain "edited scenario: another answer"
    cp base.csv "$dir"
    halted "$dir/levels-cut" "$dir/base.csv" "${points[@]}"
    sed -i s/short,104,510000/short,104,520000/ "$dir/levels.csv"
    resumed || status=$?
    ((status == 1)) || complain "edited levels: status $status"
    grep -q "$dir/levels.csv: has changed since the base was read" "$dir/levels-cut.words" ||
        complain "edited levels: $(<"$dir/levels-cut.words")"
    no_complaints
}

@test "what is wrong with a point is told where it was written" {
    fails 3 "squeeze: base.csv: jumps.rate: is missing" sweep base.csv --vary jumps.sd=0.01:0.02:2 -n 9 -s 1
    scenario ./lists.csv book.halflife,'20;900',s book.weights,'0.7;0.3',
    fails 3 "squeeze: lists.csv:$(line_of 'book.weights,0.7;0.3,' lists.csv): book.weights: " \
        sweep lists.csv --vary book.halflife=10:20:2 -n 9 -s 1
    fails 3 "squeeze: --vary: book.weights: " sweep base.csv --set 'book.weights=0.7;0.3' --vary book.weights=0.4:0.5:2 -n 9 -s 1
    no_complaints
}

# ---- what must hold --------------------------------------------------------------------------

@test "where the book does not recover, fuel, depth and shocks move the target one way only" {
    levels ./shorts.csv short,101,210000 short,101.7,230000 short,102.5,330000 short,103,220000
    scenario ./shorts-scenario.csv levels,shorts.csv, target,104,usd book.halflife,inf,s
    squeeze sweep shorts-scenario.csv --vary levels.scale=0.5:4:4:log -n 2000 -s 3 -q --json >"$dir/scale.json"
    squeeze sweep shorts-scenario.csv --vary book.depth=0.3M:4M:4:log -n 2000 -s 3 -q --json >"$dir/depth.json"
    squeeze sweep shorts-scenario.csv --vary drift=-0.02:0.04:4 -n 2000 -s 3 -q --json >"$dir/drift.json"
    python3 - "$dir" <<'END'
import sys
from results import load
for key, base, way in (("scale", 1, 1), ("depth", 1e6, -1), ("drift", 0, 1)):
    points = load(f"{sys.argv[1]}/{key}.json")["points"]
    for point in points:
        (value,), found = point["values"].values(), point["own_paths"]["difference"]["target_probability"]
        sign = way * ((value > base) - (value < base))
        # No pair goes the other way, so the mean of the scores 0 and 1 has the error of a share.
        d = found["value"]
        assert d * sign >= 0 and abs(found["se"] ** 2 - abs(d) * (1 - abs(d)) / 2000) < 1e-12, (key, value)
    values = [p["difference"]["target_probability"]["value"] * way for p in points]
    assert values == sorted(values) and values[-1] - values[0] > 0.02, (key, values)
END
}

@test "stdout and every file are the same bytes at any -j" {
    local jobs
    for jobs in 2 7; do
        squeeze "${line[@]}" -j $jobs -o "$dir/$jobs" --json >"$dir/$jobs.json"
        cmp "$dir/$jobs.json" line.json || complain "-j $jobs: stdout differs"
        same_results "$dir/$jobs" line || complain "-j $jobs: files differ"
    done
    squeeze "${line[@]}" --json | cmp - line.json || complain "without -o: stdout differs"
    no_complaints
}

# ---- going on --------------------------------------------------------------------------------

@test "a sweep that was stopped anywhere goes on to the same bytes" {
    local rows text
    while IFS='|' read -r rows text; do
        unfinish "$dir/part" "$rows" "$text"
        squeeze sweep base.csv --vary book.depth=300k:1.2M:4:log -n 300 -s 5 --no-plot -o "$dir/part" --json \
            >"$dir/part.json" 2>"$dir/words" || complain "$rows rows: status $?: $(<"$dir/words")"
        cmp "$dir/part.json" line.json || complain "$rows rows: stdout differs"
        same_results "$dir/part" line || complain "$rows rows: files differ"
        ((rows == 0)) || grep -q "squeeze: $rows of 5 points are in $dir/part already" "$dir/words" ||
            complain "$rows rows: said $(<"$dir/words")"
    done <<'END'
0|
1|
3|
3|3,7559
4|4,1200000,0.3
5|
END
    # Stopped before the table was begun
    unfinish "$dir/part" 0
    rm "$dir/part/points.csv"
    squeeze "${line[@]}" -o "$dir/part" --json | cmp - line.json || complain "no table: stdout differs"
    # A finished one is only read
    squeeze "${line[@]}" -o line --json | cmp - line.json || complain "finished: stdout differs"
    no_complaints
}

@test "SIGTERM keeps the points that are finished, and the same command goes on" {
    local status=0 sweep=(sweep base.csv --vary book.depth=300k:1.2M:30 --set slice.rate=inf -n 1000 -s 6 --no-plot) pid tries=0
    # A shell's background job would ignore SIGINT.
    env --default-signal=INT "$SQUEEZE" "${sweep[@]}" -o "$dir/cut" --json >"$dir/cut.json" 2>"$dir/words" &
    pid=$!
    until [[ -e $dir/cut/points.csv && $(wc -l <"$dir/cut/points.csv") -ge 4 ]] || ((++tries > 400)); do sleep 0.05; done
    kill -TERM $pid
    wait $pid || status=$?
    ((status == 130)) || complain "status $status"
    local done=$(($(wc -l <"$dir/cut/points.csv") - 1))
    ((done >= 3 && done < 31)) || complain "$done points done"
    grep -q "interrupted after $done of 31 points; the same command goes on from there" "$dir/words" ||
        complain "said $(<"$dir/words")"
    python3 -c 'import sys; from results import load; assert len(load(sys.argv[1])["points"]) == int(sys.argv[2]) - 1' \
        "$dir/cut.json" $done || complain "the points so far are not reported"
    [[ ! -e $dir/cut/summary.json ]] || complain "a summary of half a sweep"
    cp "$dir/cut/points.csv" "$dir/before.csv"
    squeeze "${sweep[@]}" -q -o "$dir/cut" --json >"$dir/cut.json"
    # What a point shows waits for the base of all; what its own paths say stands.
    python3 - "$dir" $done <<'END' || complain "points were run again"
import sys
from results import table
before, after = table(sys.argv[1] + "/before.csv"), table(sys.argv[1] + "/cut/points.csv")
assert len(before) == int(sys.argv[2])
for a, b in zip(before, after):
    changed = {key for key in a if a[key] != b[key]}
    assert all(a[key] == "" and "_own" not in key and "branching" not in key for key in changed), changed
END
    squeeze "${sweep[@]}" -q -o "$dir/whole" --json >"$dir/whole.json"
    cmp "$dir/cut.json" "$dir/whole.json" || complain "stdout differs"
    same_results "$dir/cut" "$dir/whole" || complain "files differ"
    no_complaints
}

@test "without a seed the one that was drawn is taken again" {
    local sweep=(sweep base.csv --vary book.depth=300k:1.2M:2 -n 30 --no-plot)
    squeeze "${sweep[@]}" -o "$dir/drawn" --json >"$dir/first.json" 2>"$dir/words"
    grep -q "squeeze: seed [0-9]*; repeat" "$dir/words"
    squeeze "${sweep[@]}" -o "$dir/drawn" --json | cmp - "$dir/first.json"
}

@test "another sweep in the directory is refused, and --force starts anew" {
    local words
    unfinish "$dir/part" 2
    while IFS='|' read -r words vary rest; do
        fails 1 "$dir/part: holds a sweep with another $words; the same command continues it, --force starts anew" \
            sweep base.csv --vary "$vary" -n 300 -s 5 -q --no-plot -o "$dir/part" $rest
    done <<'END'
list of points|book.depth=300k:1.2M:5:log|
list of points|book.depth=300k:1.2M:4|
list of points|book.permanent=0.1:0.2:4|
seed|book.depth=300k:1.2M:4:log|-s 6
paths|book.depth=300k:1.2M:4:log|-n 301
scenario|book.depth=300k:1.2M:4:log|--set volatility=0.02
--max-events|book.depth=300k:1.2M:4:log|--max-events 77777
END
    fails 1 "holds a sweep with another list of points" sweep base.csv --tornado -n 300 -s 5 -o "$dir/part"
    cp levels.csv "$dir/levels.csv"
    cp base.csv "$dir/base.csv"
    sed -i s/short,104,510000/short,104,520000/ "$dir/levels.csv"
    fails 1 "holds a sweep with another scenario (its files have changed)" sweep "$dir/base.csv" \
        --vary book.depth=300k:1.2M:4:log -n 300 -s 5 -o "$dir/part"
    [[ $(wc -l <"$dir/part/points.csv") -eq 3 ]] || complain "a refused sweep changed the points"
    squeeze "${line[@]}" -o "$dir/part" --force -n 20 >"$dir/said"
    grep -q '"paths": 20' "$dir/part/summary.json" || complain "--force did not start anew"
    # Rows that are not those of the sweep
    unfinish "$dir/part" 2
    sed -i '3s/^1,/7,/' "$dir/part/points.csv"
    fails 3 "$dir/part/points.csv:3: is not the row of point 1 of this sweep; --force starts anew" "${line[@]}" -o "$dir/part"
    no_complaints
}

@test "a directory of another result is refused but for --force, one of something else always" {
    mkdir "$dir/other"
    echo precious >"$dir/other/notes.txt"
    fails 1 "exists and is not empty; expected a directory of its own for a result" "${line[@]}" -o "$dir/other"
    squeeze batch base.csv -n 20 -s 1 -q -o "$dir/batch" --no-plot >"$dir/said"
    fails 1 "exists and is not empty; --force overwrites the results in it" "${line[@]}" -o "$dir/batch"
    [[ $(ls -A "$dir/other") == notes.txt && -s $dir/batch/fan.csv ]] || complain "touched"
    squeeze "${line[@]}" -n 9 -o "$dir/batch" --force >"$dir/said"
    [[ ! -e $dir/batch/fan.csv && -s $dir/batch/points.csv ]] || complain "an earlier result is left"
    fails 1 "--force overwrites only results of squeeze" "${line[@]}" -n 9 -o "$dir/other" --force
    [[ $(ls -A "$dir/other") == notes.txt && $(<"$dir/other/notes.txt") == precious ]] || complain "touched by --force"
    fails 1 "absent/result: cannot be created" "${line[@]}" -o "$dir/absent/result"
    : >"$dir/file"
    fails 1 "cannot be used as a result directory" "${line[@]}" -o "$dir/file"
    # Two runs at once
    unfinish "$dir/part" 2
    (
        flock 9
        fails 1 "points.csv: another run is writing to it" "${line[@]}" -o "$dir/part"
        no_complaints
    ) 9>>"$dir/part/points.csv" || complain "two runs write one table"
    no_complaints
}

@test "a directory that another sweep is writing to is refused, by --force too, and that sweep goes on" {
    local vary=(--vary book.depth=300k:1.2M:30)
    halted "$dir/part" base.csv "${vary[@]}"
    ls -i "$dir/part" >"$dir/files"
    cp -r "$dir/part" "$dir/before"
    fails 1 "points.csv: another run is writing to it" sweep base.csv "${vary[@]}" -n 9 -s 1 -q --no-plot -o "$dir/part" --force
    ls -i "$dir/part" | cmp - "$dir/files" || complain "other files: $(ls "$dir/part")"
    diff -r "$dir/part" "$dir/before" || complain "changed"
    resumed || complain "the first sweep: $(<"$dir/part.words")"
    squeeze sweep base.csv "${vary[@]}" --set slice.rate=inf -n 1000 -s 6 -q --no-plot -o "$dir/whole" --json |
        cmp - "$dir/part.json" || complain "the first sweep has another answer"
    same_results "$dir/part" "$dir/whole" || complain "the first sweep has other files"
    no_complaints
}

@test "a full disk is exit 1, and what was finished is not lost" {
    mkdir "$dir/disk"
    mount -t tmpfs -o size=16k tmpfs "$dir/disk" 2>/dev/null || skip "no file system can be mounted"
    local status=0
    squeeze sweep base.csv --vary book.depth=300k:1.2M:40 -n 2 -s 1 -q --no-plot -o "$dir/disk/part" \
        >"$dir/said" 2>"$dir/words" || status=$?
    ((status == 1)) || complain "status $status"
    grep -q "points.csv: cannot be written: No space left on device" "$dir/words" || complain "said $(<"$dir/words")"
    (($(wc -l <"$dir/disk/part/points.csv") > 2)) || complain "no point was finished"
    mount -o remount,size=4000k "$dir/disk"
    squeeze sweep base.csv --vary book.depth=300k:1.2M:40 -n 2 -s 1 -q --no-plot -o "$dir/disk/part" >"$dir/said" ||
        complain "does not go on"
    squeeze sweep base.csv --vary book.depth=300k:1.2M:40 -n 2 -s 1 -q --no-plot -o "$dir/whole" >"$dir/said"
    same_results "$dir/disk/part" "$dir/whole" || complain "files differ"
    umount "$dir/disk"
    status=0
    squeeze "${line[@]}" >/dev/full 2>"$dir/words" || status=$?
    ((status == 1)) || complain "standard output: status $status"
    no_complaints
}

teardown() {
    if mountpoint -q "$BATS_TEST_TMPDIR/disk" 2>/dev/null; then umount "$BATS_TEST_TMPDIR/disk"; fi
}

# ---- bad input -------------------------------------------------------------------------------

@test "bad input is one line and its exit status, before anything is run" {
    local status vary words
    while IFS='|' read -r status vary words; do
        fails "$status" "squeeze: --vary: $words" sweep base.csv --vary "$vary" -n 1000000000 -s 1 -o "$dir/result"
    done <<'END'
2|drift|'drift' is not key=lo:hi:n or key=lo:hi:n:log, as in --vary book.depth=100M:1B:5:log
2|drift=1|'drift=1' is not key=lo:hi:n
2|drift=0:1|'drift=0:1' is not key=lo:hi:n
2|=0:1:2|'=0:1:2' is not key=lo:hi:n
2|drift=0:1:2:log:3|'drift=0:1:2:log:3' is not key=lo:hi:n
2|drift=0:1:1|drift: '1' is not a number of values from 2 to 1000
2|drift=0:1:1001|drift: '1001' is not a number of values from 2 to 1000
2|drift=0:1:2.5|drift: '2.5' is not a number of values from 2 to 1000
2|drift=1:1:3|drift: runs from 1 to 1; expected the lower end first
2|horizon=2d:3h:3|horizon: runs from 2d to 3h; expected the lower end first
2|drift=0:1:3:log|drift: runs from 0 in equal ratios; expected a lower end above 0
2|drift=-1:1:3:log|drift: runs from -1 in equal ratios; expected a lower end above 0
2|drift=0:1:3:cubic|drift: 'cubic' is not a spacing; expected log or nothing
3|book.dept=1:2:3|book.dept: unknown key; did you mean 'book.depth'?
3|book.table=1:2:3|book.table: belongs to book 'table', but this scenario's book is 'power'
3|levels=1:2:3|levels: is not a number and cannot be varied
3|impact=0:1:2|impact: is not a number and cannot be varied
3|calendar=1:2:3|calendar: is not a number and cannot be varied
3|price=90:110:3|price: cannot be varied
3|drift=x:1:3|drift: 'x' is not a number
3|drift=0:1h:3|drift: unit 'h' does not fit; expected 1/s
3|slice.rate=1k:inf:3|slice.rate: 'inf' cannot end a range; expected a finite number
3|volatility=-0.1:0.1:3|volatility: -0.1 1/sqrt(d) is out of range
3|target=90:110:3|target: equals the start price
3|book.weights=0.1:0.5:3|book.weights: 
END
    fails 2 "--vary: drift: given twice; expected two keys" sweep base.csv --vary drift=0:1:2 --vary drift=0:2:2 -s 1
    fails 2 "--vary: given more than 2 times" sweep base.csv --vary drift=0:1:2 --vary volatility=1:2:2 --vary horizon=1:2:2
    fails 2 "--tornado has a list of conditions of its own; expected no --vary beside it" sweep base.csv --tornado --vary drift=0:1:2
    fails 2 "squeeze sweep needs --vary KEY=LO:HI:N[:log], or --tornado" sweep base.csv
    fails 2 "squeeze sweep needs SCENARIO" sweep --vary drift=0:1:2
    fails 2 "does not know what to do with 'base.csv'" sweep base.csv base.csv --vary drift=0:1:2
    fails 3 "absent.csv" sweep absent.csv --vary drift=0:1:2 -s 1
    fails 3 "squeeze: --set: no.such: unknown key" sweep base.csv --set no.such=1 --vary drift=0:1:2 -s 1
    leaves_nothing "$dir/result"
    no_complaints
}

@test "--set changes the scenario that is varied; cut-off paths are exit 4" {
    squeeze sweep base.csv --set horizon=6h --vary book.depth=0.5M:1M:2 -n 40 -s 1 -q --json >"$dir/answer.json"
    squeeze batch base.csv --set horizon=6h -n 40 -s 1 -q --no-attribution --json >"$dir/base.json"
    python3 - "$dir" <<'END'
import sys
from results import load
answer, base = load(sys.argv[1] + "/answer.json"), load(sys.argv[1] + "/base.json")
assert answer["horizon_s"] == 21600 and answer["base"]["own_paths"]["target_probability"] == base["target"]["probability"]
END
    local status=0
    squeeze "${line[@]}" --max-events 9 >"$dir/said" 2>"$dir/words" || status=$?
    ((status == 4))
    grep -q "of 1500 paths were cut off by --max-events" "$dir/words"
}

# ---- tornado ---------------------------------------------------------------------------------

@test "the tornado says what each end changes, and each end is what --set makes of it" {
    squeeze sweep base.csv --tornado -n 80 -s 5 -q >"$dir/table"
    python3 - "$dir/table" <<'END'
import sys
from results import load, table
text, answer, rows = open(sys.argv[1]).read(), load("tornado.json"), table("tornado/points.csv")
flat = " ".join(text.split()) + " "
names = ["liquidity", "macro", "sentiment", "timing", "map scale"]
assert [c["condition"] for c in answer["conditions"]] == names
assert len(rows) == 11 and [r["condition"] for r in rows[1:]] == [n for n in names for _ in range(2)]
assert [r["end"] for r in rows] == [""] + ["low", "high"] * 5
for condition, low, high in zip(answer["conditions"], answer["points"][::2], answer["points"][1::2]):
    assert f"\n  {condition['condition']}: {condition['about']}\n" in text
    for end, point in (("low", low), ("high", high)):
        assert condition[end] == point["settings"] and point["end"] == end
        assert point["condition"] == condition["condition"]
        source = condition[end + "_source"]
        assert f" {source} " in flat
        assert any(word in source for word in ("assumed", "reported", "claimed", "inferred")), source
        for setting in point["settings"]:
            assert f"--set '{setting}'" in text or f"--set {setting}" in text
assert answer["conditions"][0]["low"] == ["book.depth=0.333333333333333M usd"]
assert answer["conditions"][0]["high"] == ["book.depth=2M usd"]
assert answer["conditions"][1]["high"] == ["jumps.rate=0.3 1/d", "jumps.mean=0 %", "jumps.sd=4 %"]
assert answer["conditions"][3] ["high"] == ["horizon=2 d"]
assert [answer["points"][k]["settings"] for k in (8, 9)] == [["levels.scale=5 %"], ["levels.scale=20 %"]]
END
    local k=8 scale seed
    for scale in 0.05 0.2; do
        scenario ./end.csv name,Base, target,104,usd floor,97.5,usd slice.rate,2000,usd/s slice.interval,12,s \
            levels.scale,$scale,1
        seed=$(python3 -c "from results import load; print(load('tornado.json')['points'][$k]['seed'])")
        squeeze compare base.csv end.csv -n 80 -s $seed -q --no-attribution --json >"$dir/$k.json"
        k=$((k + 1))
    done
    python3 - "$dir" <<'END'
import sys
from results import load
tornado = load("tornado.json")
for k in (8, 9):
    own, told = tornado["points"][k]["own_paths"], load(f"{sys.argv[1]}/{k}.json")
    for key, difference in own["difference"].items():
        assert difference == told["differences"][0][key]
    assert own["forced_usd"] == told["scenarios"][1]["summary"]["forced_usd"]["mean"]
END
}

@test "the ends are said to be those of BTC, and not those of a scenario of another market" {
    local words="the ends are those of a BTC perpetual, 2025-26, and the scenario's symbol is" symbol said
    while IFS='|' read -r symbol said; do
        scenario ./market.csv ${symbol:+symbol,$symbol,}
        squeeze sweep market.csv --tornado -n 2 -s 1 -q >"$dir/table"
        grep -q "^  The ends are those of a BTC perpetual, 2025-26:$" "$dir/table" || complain "$symbol: market not said"
        [[ $(flowing "$dir/table" | grep -c " Note: $words $symbol; ends of your own: --vary KEY=LO:HI:N") == "$said" ]] ||
            complain "$symbol: $(grep Note "$dir/table")"
        squeeze sweep market.csv --tornado -n 2 -s 1 --json 2>"$dir/words" >"$dir/answer.json"
        [[ $(grep -c "^squeeze: --tornado: $words $symbol; ends of your own: --vary" "$dir/words") == "$said" ]] ||
            complain "$symbol: beside JSON: $(<"$dir/words")"
        python3 -c 'import sys; from results import load; assert load(sys.argv[1])["conditions_for"] == "BTC perpetual, 2025-26"' \
            "$dir/answer.json" || complain "$symbol: not in JSON"
        squeeze sweep market.csv --vary drift=0:1:2 -n 2 -s 1 -q >"$dir/table"
        ! grep "BTC perpetual" "$dir/table" || complain "$symbol: said of a grid"
    done <<'END'
ETHUSDT|1
WBTCUSD|1
BTCUSDT|0
btc-perp|0
|0
END
    no_complaints
}

# record: a scenario without noise, whose price is a record of 25 hours.
record() {
    printf '%s\n' time_h,open_usd,high_usd,low_usd,close_usd 0,100,103.5,100,103.5 7,103.5,103.5,96,96 16,96,101,96,101 >record.csv
    scenario ./recorded.csv replay,record.csv, volatility,0.02,'1/sqrt(d)' impact,off, floor,97,usd
}

@test "an end that a scenario cannot have is left out, and said to be" {
    record
    squeeze sweep recorded.csv --tornado -n 20 -s 1 -q -o "$dir/recorded" --no-plot >"$dir/table"
    python3 - "$dir" <<'END'
import sys
from results import load, table
text, answer = open(sys.argv[1] + "/table").read(), load(sys.argv[1] + "/recorded/summary.json")
lines, out = text.splitlines(), [p for p in answer["points"] if "left_out" in p]
assert [(p["condition"], p["end"]) for p in out] == [("timing", "high")] and out[0]["paths"] == 0
assert "record.csv" in out[0]["left_out"] and "the record ends after 25 h" in out[0]["left_out"]
assert "set horizon" not in text and out[0]["floor_probability"] is None
at = lines.index("    high  --set 'horizon=2 d'")
assert " left out: " + out[0]["left_out"] + " " in " ".join(text.split())
assert all(p["paths"] == 20 for p in answer["points"] if p is not out[0])
row = table(sys.argv[1] + "/recorded/points.csv")[8]
assert (row["condition"], row["end"], row["paths"]) == ("timing", "high", "0") and row["forced_usd"] == ""
END
    local rows
    for rows in 8 9; do # begun again before the row that was left out, and after it
        rm "$dir/recorded/summary.json"
        head -n $((1 + rows)) "$dir/recorded/points.csv" >"$dir/points.csv"
        cp "$dir/points.csv" "$dir/recorded/points.csv"
        squeeze sweep recorded.csv --tornado -n 20 -s 1 -q -o "$dir/recorded" --no-plot | cmp - "$dir/table" ||
            complain "another table after $rows rows"
    done
    squeeze sweep recorded.csv --tornado -n 20 -s 1 --json 2>&1 >"$dir/answer.json" |
        grep -q 'squeeze: --tornado: the high end of timing is left out: ' || complain "nothing is said"
    # What the user chose is no such thing.
    fails 3 "the record ends after 25 h" sweep recorded.csv --vary horizon=1:2d:2 -n 2 -s 1 -q
    no_complaints
}

@test "a key that changes nothing on any path is said to" {
    record
    local words="volatility changes nothing on any path: this scenario does not use it" paths
    for paths in 9 1; do
        squeeze sweep recorded.csv --vary volatility=0.01:0.05:3 -n $paths -s 1 -q | grep -q "Note: $words" ||
            complain "$paths paths: not said"
    done
    squeeze sweep recorded.csv --vary volatility=0.01:0.05:2 -n 9 -s 1 --json 2>&1 >"$dir/answer.json" |
        grep -q "squeeze: $words" || complain "not said beside JSON"
    squeeze sweep recorded.csv --vary volatility=0.01:0.05:2 --vary book.depth=1M:2M:2 -n 9 -s 1 -q >"$dir/table"
    grep -q "Note: volatility with book.depth changes nothing on any path" "$dir/table" || complain "not said of two"
    squeeze sweep recorded.csv --tornado -n 9 -s 1 -q >"$dir/table"
    grep -q "high  --set 'book.depth=2M usd': as the base on every path" "$dir/table" || complain "not said of an end"
    squeeze sweep recorded.csv --vary levels.scale=0.5:1:2 -n 9 -s 1 -q >"$dir/table"
    ! grep Note "$dir/table" || complain "said of levels.scale"
    squeeze sweep base.csv --vary volatility=0.01:0.05:2 -n 9 -s 1 -q >"$dir/table"
    ! grep Note "$dir/table" || complain "said of a volatility that is used"
    no_complaints
}

@test "columns that would be empty are left out, and money is written as elsewhere" {
    scenario ./unwatched.csv
    squeeze sweep unwatched.csv --tornado -n 9 -s 1 -q -o "$dir/unwatched" --no-plot >"$dir/table"
    grep -Eqx "  condition +end +value +forced usd, mean +minus base" "$dir/table" ||
        complain "columns: $(<"$dir/table")"
    [[ $(grep -c "minus base$" "$dir/table") == 1 ]] || complain "more tables than one"
    grep -q "  liquidity  low   333 k usd  " "$dir/table" || complain "money: $(grep liquidity "$dir/table")"
    grep -q ",liquidity,low,333 k usd," "$dir/unwatched/points.csv" || complain "money in points.csv"
    squeeze sweep unwatched.csv --set floor=97 --vary book.depth=0.3M:3M:3:log -n 9 -s 1 -q >"$dir/table"
    ! grep "P(target)" "$dir/table" || complain "a column of nothing"
    grep -q "P(floor)  *minus base" "$dir/table" || complain "no column of the floor"
    grep -Eq "^ *949 k +[0-9.]+ % \\+-" "$dir/table" || complain "money of an axis"
    no_complaints
}

@test "conditions of which a scenario has no key, or that change nothing, differ by exactly 0" {
    printf '%s\n' side,distance_bp,cumulative_usd ask,120,1000000 bid,150,990000 >book.csv
    scenario ./table.csv book,table, book.table,book.csv, target,103,usd
    sed -i /book.depth/d table.csv
    squeeze sweep table.csv --tornado -n 60 -s 1 -q --json >"$dir/answer.json"
    squeeze sweep table.csv --tornado -n 60 -s 1 -q | grep -q "low   as it is: the scenario has no such key"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import load
points = load(sys.argv[1])["points"]
for k in (0, 1, 2):                                  # liquidity, and macro without jumps
    assert points[k]["difference"]["target_probability"]["value"] == 0, k
    assert points[k]["difference"]["forced_usd"] == {"value": 0, "se": 0, "lo": 0, "hi": 0}
assert points[0]["settings"] == []
END
    # Depths of their own for asks and bids are scaled too.
    squeeze sweep base.csv --set book.depth_ask=3M --tornado -n 2 -s 1 -q --json >"$dir/answer.json"
    python3 -c 'import sys; from results import load; c = load(sys.argv[1])["conditions"][0]
assert c["high"] == ["book.depth=2M usd", "book.depth_ask=6M usd"], c' "$dir/answer.json"
}

# ---- refining --------------------------------------------------------------------------------

@test "--refine bisects towards the turn, and leaves the other points as they are" {
    # Without noise or impact the target of 104 is reached if and only if a day's drift is log 1.04.
    squeeze sweep base.csv --vary drift=0:0.1:5 --set volatility=0 --set impact=off --set floor=1 -n 40 -s 5 -q --refine 5 \
        --json >"$dir/turn.json"
    squeeze sweep base.csv --vary book.depth=300k:1.2M:4:log -n 300 -s 5 -j 2 -q --refine 3 -o "$dir/fine" --no-plot --json >"$dir/fine.json"
    squeeze sweep base.csv --vary book.depth=300k:1.2M:4:log -n 300 -s 5 -j 1 -q --refine 3 --json | cmp - "$dir/fine.json" ||
        complain "another answer from one thread"
    python3 - "$dir" <<'END'
import math, sys
from results import load, table
turn = load(sys.argv[1] + "/turn.json")
assert turn["vary"][0]["unit"] == "1/d"
points = turn["points"]
values = [p["values"]["drift"] for p in points]
assert values == sorted(values) and len(values) == 10
lo, hi, expected = 0.025, 0.05, []
for _ in range(5):
    middle = (lo + hi) / 2
    expected.append(middle)
    lo, hi = (middle, hi) if middle < math.log(1.04) else (lo, middle)
found = [p["values"]["drift"] for p in points if p["refined"]]
assert len(found) == 5 and all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(found, sorted(expected))), (found, expected)
assert [p["target_probability"]["value"] for p in points] == [float(v > math.log(1.04)) for v in values]

answer, coarse = load(sys.argv[1] + "/fine.json"), load("line.json")
points = answer["points"]
depths = [p["values"]["book.depth"] for p in points]
assert answer["refine"] == 3 and depths == sorted(depths) and [p["refined"] for p in points].count(True) == 3
assert "refine" not in coarse and answer["base"] == coarse["base"]
kept = [{k: v for k, v in p.items() if k != "refined"} for p in points if not p["refined"]]
assert kept == coarse["points"]
assert len({p["seed"] for p in points}) == 7
rows = table(sys.argv[1] + "/fine/points.csv")
assert [float(r["book.depth"]) for r in rows[1:]] == depths
assert [r["refined"] for r in rows] == ["0"] + [str(int(p["refined"])) for p in points]
assert sorted(r["point"] for r in rows) == list("01234567")
END
    no_complaints
}

@test "a refined point is a comparison on paths of its own, as the others are" {
    squeeze sweep base.csv --vary levels.scale=0.5:2:3 -n 200 -s 5 -q --refine 1 --json >"$dir/answer.json"
    local scale seed
    read -r scale seed < <(python3 -c 'import sys; from results import load
p, = [p for p in load(sys.argv[1])["points"] if p["refined"]]; print(p["values"]["levels.scale"], p["seed"])' "$dir/answer.json")
    scenario ./point.csv name,Base, target,104,usd floor,97.5,usd slice.rate,2000,usd/s slice.interval,12,s levels.scale,$scale,1
    squeeze compare base.csv point.csv -n 200 -s $seed -q --no-attribution --json >"$dir/pair.json"
    python3 - "$dir" <<'END'
import sys
from results import load
answer, pair = load(sys.argv[1] + "/answer.json"), load(sys.argv[1] + "/pair.json")
point, = [p for p in answer["points"] if p["refined"]]
own = point["own_paths"]
for key in ("target_probability", "floor_probability", "forced_usd"):
    assert own["difference"][key] == pair["differences"][0][key], key
assert own["target_probability"] == pair["scenarios"][1]["summary"]["target"]["probability"]
# What is shown is the base plus the difference, and no less sure than the point's own paths.
for key in ("target_probability", "forced_usd"):
    assert abs(point[key]["value"] - answer["base"][key]["value"] - point["difference"][key]["value"]) < 1e-9 * max(1, point[key]["value"])
    assert point[key]["se"] <= 1.02 * own[key]["se"], key
END
}

@test "a refined sweep goes on from any row, and a finished one from all" {
    local rows fine=(sweep base.csv --vary book.depth=300k:1.2M:3:log -n 100 -s 5 -q --no-plot --refine 3)
    squeeze "${fine[@]}" -o "$dir/whole" >"$dir/table"
    for rows in 2 4 5 6; do # in the order of running
        mkdir "$dir/$rows"
        cp "$dir/whole/manifest.json" "$dir/$rows"
        head -n 1 "$dir/whole/points.csv" >"$dir/$rows/points.csv"
        tail -n +2 "$dir/whole/points.csv" | sort -n | head -n $rows >>"$dir/$rows/points.csv"
        squeeze "${fine[@]}" -o "$dir/$rows" | cmp - "$dir/table" || complain "another table after $rows rows"
        same_results "$dir/whole" "$dir/$rows" || complain "another result after $rows rows"
    done
    squeeze "${fine[@]}" -o "$dir/whole" | cmp - "$dir/table" || complain "another table of what is finished"
    fails 1 "holds a sweep with another --refine" sweep base.csv --vary book.depth=300k:1.2M:3:log -n 100 -s 5 -q --no-plot --refine 2 -o "$dir/whole"
    mkdir "$dir/other"
    cp "$dir/whole/manifest.json" "$dir/other"
    head -n 1 "$dir/whole/points.csv" >"$dir/other/points.csv"
    tail -n +2 "$dir/whole/points.csv" | sort -n | sed 's/^4,[0-9.]*/4,700000/' >>"$dir/other/points.csv"
    fails 3 "point 4 is at 700000, where this sweep has none" "${fine[@]}" -o "$dir/other"
    no_complaints
}

@test "--refine: what it does not go with, and where there is no room" {
    fails 2 "--refine adds points to a curve; expected one --vary beside it, not two" \
        sweep base.csv --vary drift=0:1:2 --vary volatility=0.1:0.2:2 --refine 3
    fails 2 "--refine adds points to a curve; expected one --vary beside it" sweep base.csv --tornado --refine 3
    fails 2 "--refine: '0' is not a whole number from 1 to 1000" sweep base.csv --vary drift=0:1:2 --refine 0
    # A value that cannot be, as the start price as a target, takes no point.
    squeeze sweep base.csv --vary target=90:110:2 -n 10 -s 1 -q --refine 2 --json >"$dir/none.json"
    python3 -c 'import sys; from results import load; p = load(sys.argv[1])["points"]; assert len(p) == 2, p' "$dir/none.json" ||
        complain "a point at the start price"
    squeeze sweep base.csv --vary drift=0:1:2 -n 2 -s 1 -q --refine 300 --json >"$dir/many.json"
    python3 -c 'import sys; from results import load; p = load(sys.argv[1])["points"]; assert len(p) == 257, len(p)' "$dir/many.json" ||
        complain "ends that stand on one another"
    no_complaints
}

# ---- figures ---------------------------------------------------------------------------------

# draws DIR FIGURE WORDS: without a word at both widths, or complain.
draws() {
    local width
    for width in 85 175; do
        (cd "$1" && gnuplot -e "out_format='svg'; width_mm=$width" "$2.gp" 2>&1) >"$dir/words" ||
            complain "$3: $2 at $width mm fails"
        [[ ! -s $dir/words ]] || complain "$3: $2 at $width mm: $(<"$dir/words")"
        grep -q '<svg' "$1/$2.svg" || complain "$3: $2.svg is none"
    done
}

@test "each kind of sweep has its figure, drawn at both widths" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    local kind figure
    while read -r kind figure; do
        cp -r $kind "$dir/$kind"
        squeeze plot "$dir/$kind" --format svg -q
        [[ $(cd "$dir/$kind" && echo *.gp) == "$figure.gp" ]] || complain "$kind has $(cd "$dir/$kind" && echo *.gp)"
        draws "$dir/$kind" $figure $kind
    done <<'END'
line sweep
plane phase
tornado tornado
END
    no_complaints
}

@test "the line where the branching ratio is 1 is in the figures of one key and of two, where there is one" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    local low high expected
    while read -r low high expected; do # shorts from 101 on: 210,000 USD within 50 bp over scale/2 of 1 M USD
        rm -rf "$dir/line" "$dir/plane"
        squeeze sweep base.csv --vary levels.scale=$low:$high:4:log -n 2 -s 1 -q -o "$dir/line" --format svg >"$dir/said"
        squeeze sweep base.csv --vary drift=-0.01:0.01:2 --vary levels.scale=$low:$high:4:log -n 2 -s 1 -q \
            -o "$dir/plane" --format svg >"$dir/said"
        [[ $(grep -q 'branching ratio reaches 1<' "$dir/line/sweep.svg" && echo there) == "$expected" ]] || complain "$low:$high: one key"
        [[ $(grep -q 'branching ratio reaches<' "$dir/plane/phase.svg" && echo there) == "$expected" ]] || complain "$low:$high: two keys"
    done <<'END'
0.5 4 there
0.1 0.5
3 9
END
    no_complaints
}

@test "figures of little: no watch, one path, nothing that happens, no value of its own" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    levels ./empty.csv
    scenario ./plain.csv levels,empty.csv, 'name,"a`date`b {/:Bold c} ""d"" _e^f \ %d",'
    local case
    for case in "" "--set target=103" "--set floor=70" "--set volatility=0"; do
        rm -rf "$dir/line" "$dir/plane" "$dir/tornado"
        squeeze sweep plain.csv --vary book.depth=1M:9M:2 -n 1 -s 1 -q -o "$dir/line" --no-plot $case >"$dir/said"
        squeeze sweep plain.csv --vary jumps.rate=1:9:2 --vary drift=-0.1:0.1:2 -n 2 -s 1 -q -o "$dir/plane" --no-plot $case >"$dir/said"
        squeeze sweep plain.csv --tornado -n 1 -s 1 -q -o "$dir/tornado" --no-plot $case >"$dir/said"
        draws "$dir/line" sweep "$case"
        draws "$dir/plane" phase "$case"
        draws "$dir/tornado" tornado "$case"
    done
    no_complaints
}

# A watched price moves no path; it is what is asked.
@test "a sweep of a watched price answers of that price" {
    local said
    scenario ./watched.csv target,102,usd
    squeeze sweep watched.csv --vary floor=97:99:3 -n 400 -s 1 -q >"$dir/table"
    grep -Eq "^  P\(floor\) runs from [0-9.]+ % \(floor 97" "$dir/table" || complain "floor: $(<"$dir/table")"
    ! grep -Eq "No difference|Note:" "$dir/table" || complain "floor: $(<"$dir/table")"
    squeeze sweep watched.csv --vary target=101:103:3 --set floor=98 -n 400 -s 1 -q >"$dir/table"
    grep -q "^  P(target) runs from " "$dir/table" || complain "target: $(<"$dir/table")"
    squeeze sweep watched.csv --vary target=101:103:2 --vary floor=97:99:2 -n 400 -s 1 -q >"$dir/table"
    grep -q "^  P(target) runs from " "$dir/table" || complain "both: $(<"$dir/table")"
    scenario ./blind.csv
    for key in target=101:103:3 floor=97:99:3; do
        squeeze sweep blind.csv --vary $key -n 40 -s 1 -q >"$dir/table"
        ! grep -q "changes nothing" "$dir/table" || complain "$key: $(<"$dir/table")"
        grep -q "^  P(${key%%=*}) runs from " "$dir/table" || complain "$key: $(<"$dir/table")"
        said=$(squeeze sweep blind.csv --vary $key -n 40 -s 1 --json 2>&1)
        [[ $said != *"changes nothing"* ]] || complain "$key: said beside JSON"
    done
    squeeze sweep watched.csv --vary floor=97:99:3 -n 400 -s 1 -q -o "$dir/floor" >"$dir/table" 2>&1
    grep -q "P(touch the floor) rises from" "$dir/floor"/*.svg || complain "figure: $(grep -ho 'P(touch[^<]*' "$dir/floor"/*.svg)"
    no_complaints
}

@test "--force keeps the earlier sweep until the new one is whole" {
    squeeze sweep base.csv --vary book.depth=300k:1.2M:2 -n 50 -s 6 -q --no-plot -o "$dir/kept" >"$dir/said"
    cp -r "$dir/kept" "$dir/before"
    "$SQUEEZE" sweep base.csv --vary book.depth=300k:1.2M:30 -n 100000 -s 7 -q --no-plot --force -o "$dir/kept" >"$dir/said" 2>&1 &
    local pid=$! tries=0
    until [[ -s $dir/kept.resume/points.csv ]] || ((++tries > 400)); do sleep 0.02; done
    kill -KILL $pid
    wait $pid || true
    diff -r "$dir/kept" "$dir/before" || complain "the earlier result has changed"
    squeeze sweep base.csv --vary book.depth=300k:1.2M:3 -n 50 -s 8 -q --no-plot --force -o "$dir/kept" >"$dir/said"
    [[ $(wc -l <"$dir/kept/points.csv") == 5 && ! -e $dir/kept.resume ]] || complain "the new one"
    no_complaints
}
