# SPDX-License-Identifier: GPL-3.0-or-later
# squeeze compare: scenarios on the same exogenous paths, and their paired differences.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    # Everything that draws: jumps, random latency, slices; two sides, both watches.
    local rows=(target,104,usd floor,97.5,usd jumps.rate,1.5,1/d jumps.sd,0.01,1 latency,60,s
        latency.law,exponential, slice.rate,2000,usd/s slice.interval,20,s withdrawal.gamma,0.3,1)
    scenario ./base.csv name,Base, "${rows[@]}"
    scenario ./thin.csv name,Thin, book.depth,0.4M,usd "${rows[@]}"
    scenario ./wild.csv name,Wild, volatility,0.037,1/sqrt\(d\) "${rows[@]}"
    squeeze compare base.csv thin.csv wild.csv -n 700 -s 5 -j 1 -q -o whole --no-plot --json >whole.json
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    dir=$BATS_TEST_TMPDIR
    compare=(compare base.csv thin.csv wild.csv -n 700 -s 5 -q)
}

# ---- the answer ------------------------------------------------------------------------------

@test "the JSON has every key of squeeze/compare-1, differences are each minus the base" {
    python3 - whole.json <<'END'
import sys
from results import load
answer = load(sys.argv[1])
assert list(answer)[:1] == ["schema"] and answer["schema"] == "squeeze/compare-1"
assert answer["base"] == "Base" and answer["paths"] == 700 and answer["seed"] == "5"
assert [s["name"] for s in answer["scenarios"]] == ["Base", "Thin", "Wild"]
assert [d["name"] for d in answer["differences"]] == ["Thin", "Wild"]
base = answer["scenarios"][0]["summary"]
for scenario, difference in zip(answer["scenarios"][1:], answer["differences"]):
    summary = scenario["summary"]
    assert summary["schema"] == "squeeze/batch-1" and summary["paths"] == 700
    assert set(difference) == {"name", "target_probability", "floor_probability", "forced_usd",
                               "final_log", "variance_reduction", "target", "floor"}
    assert difference["target"] == {"price_usd": 104, "base_price_usd": 104}
    reduction = difference["variance_reduction"]
    for key, value in (("target_probability", lambda s: s["target"]["probability"]),
                       ("floor_probability", lambda s: s["floor"]["probability"]),
                       ("forced_usd", lambda s: s["forced_usd"]["mean"]),
                       ("final_log", lambda s: s["final_log"])):
        estimate, own, other = difference[key], value(summary), value(base)
        assert set(estimate) == {"value", "se", "lo", "hi"}
        scale = max(abs(own["value"]), abs(other["value"]))
        assert abs(estimate["value"] - (own["value"] - other["value"])) < 1e-12 * scale, key
        assert estimate["lo"] <= estimate["value"] <= estimate["hi"] and estimate["se"] > 0
        independent = own["se"] ** 2 + other["se"] ** 2
        assert abs(reduction[key] / (independent / estimate["se"] ** 2) - 1) < 1e-9, key
        assert reduction[key] > 1, f"pairing made {key} worse"
END
    cmp whole.json whole/summary.json
}

@test "the table says what the JSON says" {
    squeeze "${compare[@]}" >"$dir/table"
    python3 - "$dir/table" whole.json <<'END'
import re
import sys
from results import load
table, answer = open(sys.argv[1]).read(), load(sys.argv[2])
assert "3 scenarios on the same 700 exogenous paths" in table and "seed 5" in table
for n, scenario in enumerate(answer["scenarios"], 1):
    assert re.search(rf"^  {n} {scenario['name']}", table, re.M)
    row = re.search(rf"^  {n} +([\d.]+) % \+- ([\d.]+) % +([\d.]+) % ", table, re.M)
    p = scenario["summary"]["target"]["probability"]       # 700 paths: some 3 % either way
    assert row.group(1) == f"{100 * p['value']:.1f}"
    assert row.group(2) == f"{50 * (p['hi'] - p['lo']):.1f}"
    assert row.group(3) == f"{100 * scenario['summary']['floor']['probability']['value']:.1f}"
for n, difference in enumerate(answer["differences"], 2):
    block = table.split(f"\n  {n} less 1\n")[1].split("\n\n")[0]
    e, digits = difference["target_probability"], 1 if n == 2 else 2
    row = re.search(r"P\(target 104\.00\) +(\S+) pp  \[(\S+), (\S+)\] +/ (\S+)\n", block)
    for told, key in zip(row.groups(), ("value", "lo", "hi")):
        assert abs(float(told) - 100 * e[key]) <= 0.051 * (e["hi"] - e["lo"]) * 100, block
    assert row.group(4) == f"{difference['variance_reduction']['target_probability']:.1f}"
    assert "forced notional, mean" in block and "log return, mean" in block
END
}

@test "a scenario against itself: exactly 0, and an interval that says how little is known" {
    squeeze compare base.csv base.csv -n 300 -s 2 -q --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import math
import sys
from results import load
answer = load(sys.argv[1])
assert [s["name"] for s in answer["scenarios"]] == ["Base (base.csv)", "Base (base.csv 2)"]
first, second = (s["summary"] for s in answer["scenarios"])
assert first == second
difference = answer["differences"][0]
half = 1.959963984540054 * math.sqrt(2) / 302        # Bonett and Price with no discordant pair
for key in ("target_probability", "floor_probability"):
    assert difference[key]["value"] == 0 and difference[key]["se"] == 0
    assert abs(difference[key]["hi"] - half) < 1e-12 and difference[key]["lo"] == -difference[key]["hi"]
assert difference["final_log"] == {"value": 0, "se": 0, "lo": 0, "hi": 0}
forced = difference["forced_usd"]                     # the same, of at most all that stands there
assert forced["value"] == 0 == forced["se"] and forced["lo"] == -forced["hi"]
assert abs(forced["hi"] / half / 1.56e6 - 1) < 1e-12, forced
assert set(difference["variance_reduction"].values()) == {None}
END
    squeeze compare base.csv base.csv -n 300 -s 2 -q | grep -q "none differs"
}

@test "the order of the others does not matter" {
    squeeze compare base.csv wild.csv thin.csv -n 700 -s 5 -q --json >"$dir/other.json"
    python3 - whole.json "$dir/other.json" <<'END'
import sys
from results import load
one, other = load(sys.argv[1]), load(sys.argv[2])
for key in ("scenarios", "differences"):
    assert {x["name"]: x for x in one[key]} == {x["name"]: x for x in other[key]}
END
}

@test "the base obeys the law of a batch, whatever it is compared with" {
    squeeze batch base.csv -n 1500 -s 6 -q --json >"$dir/alone.json"
    squeeze compare base.csv wild.csv thin.csv -n 1500 -s 7 -q --json >"$dir/answer.json"
    python3 - "$dir/alone.json" "$dir/answer.json" <<'END'
import math
import sys
from results import agrees, load
alone, base = load(sys.argv[1]), load(sys.argv[2])["scenarios"][0]["summary"]
ok = True
for name, value in (("target", lambda s: s["target"]["probability"]),
                    ("without impact", lambda s: s["target"]["probability_without_impact"]),
                    ("floor", lambda s: s["floor"]["probability"]),
                    ("forced", lambda s: s["forced_usd"]["mean"]),
                    ("jumps", lambda s: s["drivers"]["jumps"]["jumps"]),
                    ("final", lambda s: s["final_log"])):
    a, b = value(alone), value(base)
    ok &= agrees(name, a["value"], b["value"], math.hypot(a["se"], b["se"]))
assert ok
END
}

@test "two volatilities without impact: differences of the closed form" {
    local rows=(levels,far.csv, target,103,usd floor,98,usd peak.resolution,inf,bp)
    levels far.csv short,150,1 long,60,1
    scenario ./calm.csv "${rows[@]}" volatility,0.02,1/sqrt\(d\)
    scenario ./loud.csv "${rows[@]}"
    scenario ./leaning.csv "${rows[@]}" volatility,0.02,1/sqrt\(d\) drift,0.006,1/d
    squeeze compare calm.csv loud.csv leaning.csv -n 20000 -s 8 -q --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import math
import sys
from results import agrees, load, touch
answer, ok = load(sys.argv[1]), True
calm, motions = (0.02, 0.0), ((0.03, 0.0), (0.02, 0.006))
for (sd, drift), difference in zip(motions, answer["differences"]):
    for key, price in (("target_probability", 103), ("floor_probability", 98)):
        d, e = math.log(price / 100), difference[key]
        ok &= agrees(f"{sd} {drift} {key}", e["value"], touch(d, sd, drift) - touch(d, *calm), e["se"])
    # The return differs by the drift, and by the noise that the volatilities do not share.
    ok &= agrees("final", difference["final_log"]["value"], drift, difference["final_log"]["se"], 1e-12)
ok &= agrees("spread of the return's difference", answer["differences"][0]["final_log"]["se"],
             0.01 / math.sqrt(20000), 0.01 / math.sqrt(20000) / math.sqrt(2 * 20000))
assert ok and answer["differences"][1]["final_log"]["se"] < 1e-12
END
}

@test "the uplift's error is far below that of two independent runs" {
    local wall="$BATS_TEST_DIRNAME/../../scenarios/a-wall-14to1-discounted.csv" set
    for set in slice.rate=inf symbol=as_shipped; do
        squeeze batch "$wall" -n 1000 -s 9 -q --json --set $set >"$dir/answer.json"
        python3 - "$dir/answer.json" <<'END' || complain "$set"
import math
import sys
from results import load
answer = load(sys.argv[1])
for watch in ("target", "floor"):
    w = answer[watch]
    independent = math.hypot(w["probability"]["se"], w["probability_without_impact"]["se"])
    ratio = independent / w["uplift"]["se"]
    print(watch, ratio)
    assert ratio > 2.5
END
    done
    no_complaints
}

# ---- what is watched -------------------------------------------------------------------------

@test "a target in only one scenario, or none, has no difference and the table says so" {
    scenario ./bare.csv name,Bare,
    scenario ./aimed.csv name,Aimed, target,104,usd
    squeeze compare bare.csv aimed.csv -n 60 -s 1 -q >"$dir/table"
    grep -q "P(target 104.00) .* only 2 has a target" "$dir/table"
    squeeze compare aimed.csv bare.csv -n 60 -s 1 -q | grep -q "P(target 104.00) .* only 1 has a target"
    ! grep -q "P(floor .*)  " <(sed -n '/ less 1/,$p' "$dir/table") || complain "a floor that none has"
    squeeze compare bare.csv aimed.csv -n 60 -s 1 -q --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import load
difference = load(sys.argv[1])["differences"][0]
assert difference["target_probability"] is None and difference["floor_probability"] is None
assert difference["target"] == {"price_usd": 104, "base_price_usd": None}
assert "floor" not in difference and difference["forced_usd"]["se"] >= 0
END
    no_complaints
}

@test "targets at different prices are different events: both prices are said" {
    scenario ./near.csv name,Near, target,102,usd
    scenario ./far.csv name,Far, target,104,usd
    squeeze compare near.csv far.csv -n 200 -s 1 -q >"$dir/table"
    grep -q "P(target 104.00) - P(102.00) " "$dir/table"
    grep -q "^ *P(target)  *mean forced" "$dir/table"
    squeeze compare near.csv far.csv -n 200 -s 1 -q --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import load
answer = load(sys.argv[1])
difference = answer["differences"][0]
assert difference["target"] == {"price_usd": 104, "base_price_usd": 102}
assert difference["target_probability"]["value"] < 0, "the farther price is touched less"
END
}

@test "different maps, books, drivers and horizons can be compared" {
    local from=scenarios
    cd "$BATS_TEST_DIRNAME/../.."
    scenario "$dir/short.csv" horizon,6,h target,101.5,usd
    scenario "$dir/long.csv" target,101.5,usd book,table, book.table,book.csv, book.depth,1M,usd regimes.none,1,1
    sed -i '/book.depth/d; /regimes/d' "$dir/long.csv"
    printf '%s\n' side,distance_bp,cumulative_usd ask,50,400000 ask,120,1000000 bid,60,500000 bid,150,990000 >"$dir/book.csv"
    printf '%s\n' flow.rate,20,1/d flow.size,5k,usd >>"$dir/long.csv"
    squeeze compare "$dir/short.csv" "$dir/long.csv" -n 100 -s 1 -q -o "$dir/result" --no-plot >"$dir/table"
    flowing "$dir/table" | grep -q "horizons 6 h, 24 h"
    [[ $(tail -n 1 "$dir/result/scenario-1/fan.csv" | cut -d, -f1) == 21600 ]]
    [[ $(tail -n 1 "$dir/result/scenario-2/fan.csv" | cut -d, -f1) == 86400 ]]
    ! grep -rq nan "$dir/result" --include=*.csv || complain "not a number"
    [[ -s $dir/result/scenario-2/drivers.csv && ! -e $dir/result/scenario-1/drivers.csv ]]
    no_complaints
}

# What each is asked goes into a difference as well as what it does.
@test "scenarios that differ in target, floor or horizon: both places say so, and only then" {
    local row words said other
    scenario ./asked.csv target,104,usd floor,97.5,usd
    while read -r row words; do
        scenario ./other.csv name,Other, target,104,usd floor,97.5,usd ${row//;/ }
        squeeze compare asked.csv asked.csv other.csv -n 9 -s 1 >"$dir/table" 2>"$dir/words"
        squeeze compare asked.csv asked.csv other.csv -n 9 -s 1 --json 2>"$dir/with-json" >"$dir/json"
        squeeze compare asked.csv asked.csv other.csv -n 9 -s 1 -q --json >"$dir/json" 2>"$dir/quiet"
        [[ ! -s $dir/quiet ]] || complain "$row: -q says $(<"$dir/quiet")"
        words="the scenarios differ in what is asked of them ($words): a difference mixes that with what else differs"
        flowing "$dir/table" | grep -qF " $words" || complain "$row: $(tail -n 2 "$dir/table")"
        for said in words with-json; do
            [[ $(tail -n 1 "$dir/$said") == "squeeze: $words" ]] || complain "$row: $(<"$dir/$said")"
        done
    done <<'END'
target,105,usd target
floor,96,usd floor
horizon,25,h horizon
target,105,usd;horizon,2,d target, horizon
target,105,usd;floor,96,usd;horizon,2,d target, floor, horizon
END
    # A price that one of them does not watch has no difference that could mix anything.
    scenario ./other.csv name,Other, volatility,0.04,'1/sqrt(d)' target,104,usd
    for other in other.csv base.csv; do
        squeeze compare asked.csv $other -n 9 -s 1 >"$dir/said" 2>&1
        ! grep "differ in" "$dir/said" || complain "$other: said without need"
    done
    no_complaints
}

@test "columns stand beneath each other, and lines are broken by characters, not by bytes" {
    scenario ./short.csv name,Abc,
    scenario ./long.csv "name,\"$(printf 'Größe – Übung %.0s' {1..7})\","
    squeeze compare short.csv long.csv -n 9 -s 1 -q >"$dir/table"
    python3 - "$dir/table" <<'END'
import sys
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
assert "  1 Abc (the base)" in lines and f"  2 {'Größe – Übung ' * 7}".rstrip() not in lines
title = next(i for i, line in enumerate(lines) if "mean forced" in line)
head, short, wide = lines[title:title + 3]
assert short.startswith("  1 ") and wide.startswith("  2 "), (short, wide)
assert len(head) == len(short) == len(wide), (head, short, wide)
at = next(i for i, line in enumerate(lines) if line.startswith("  2 Größe"))
assert 70 < len(lines[at]) <= 80, lines[at]           # 81 bytes and more: characters are counted
END
}

# ---- what cannot be compared -----------------------------------------------------------------

@test "bad input is one line and its exit status" {
    scenario ./dear.csv price,100.5,usd
    fails 3 "dear.csv:2: price: is 100.5 usd, but 100 usd in base.csv; expected one start price" \
        compare base.csv dear.csv -n 9 -s 1
    fails 2 "squeeze compare needs SCENARIO SCENARIO..." compare
    fails 2 "squeeze compare needs SCENARIO SCENARIO..." compare base.csv
    fails 3 "absent.csv" compare base.csv absent.csv -s 1
    fails 3 "--set: no.such: unknown key" compare base.csv thin.csv --set no.such=1
    fails 2 "--vary: is not an option of squeeze compare" compare base.csv thin.csv --vary drift=0:1:2
    fails 2 "--outcomes: is not an option of squeeze compare" compare base.csv thin.csv --outcomes
    # Different prices can be brought together.
    squeeze compare base.csv dear.csv -n 9 -s 1 -q --set price=100.2 >"$dir/said"
    no_complaints
}

@test "--set applies to all, and --no-attribution leaves out what it finds" {
    squeeze "${compare[@]}" --set horizon=6h --no-attribution --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import load
for scenario in load(sys.argv[1])["scenarios"]:
    assert scenario["summary"]["horizon_s"] == 21600
    assert "uplift" not in scenario["summary"]["target"] and "cascade" not in scenario["summary"]
END
}

# ---- results ---------------------------------------------------------------------------------

@test "stdout and every file are the same bytes at any -j" {
    local jobs
    for jobs in 2 7; do
        squeeze "${compare[@]}" -j $jobs -o "$dir/$jobs" --no-plot --json >"$dir/$jobs.json"
        cmp "$dir/$jobs.json" whole.json || complain "-j $jobs: stdout differs"
        diff -rq --exclude manifest.json "$dir/$jobs" whole || complain "-j $jobs: files differ"
    done
    no_complaints
}

@test "a result is a folder for each scenario, a list of them, and their differences" {
    python3 - whole <<'END'
import os
import sys
from results import load, table
folder = sys.argv[1]
manifest, answer = load(folder + "/manifest.json"), load(folder + "/summary.json")
assert manifest["schema"] == "squeeze/manifest-1" and manifest["seed"] == "5"
assert [s["folder"] for s in manifest["scenarios"]] == ["scenario-1", "scenario-2", "scenario-3"]
assert [s["name"] for s in manifest["scenarios"]] == ["Base", "Thin", "Wild"]
for listed, scenario in zip(manifest["scenarios"], answer["scenarios"]):
    part = f"{folder}/{listed['folder']}"
    assert load(part + "/summary.json") == scenario["summary"]
    record = load(part + "/manifest.json")
    assert record["files"] == listed["files"] and record["scenario"]["file"] == listed["file"]
    assert {"fan.csv", "histograms.csv", "map.csv", "paths.csv", "drivers.csv"} <= set(os.listdir(part))
rows = table(folder + "/differences.csv")
keys = ["target_probability", "floor_probability", "forced_usd", "final_log"]
assert [(r["scenario"], r["contrast"]) for r in rows] == [(s, k) for s in "23" for k in keys]
for row in rows:
    difference = answer["differences"][int(row["scenario"]) - 2]
    for part in ("value", "se", "lo", "hi"):
        assert float(row[part]) == difference[row["contrast"]][part]
    assert float(row["variance_reduction"]) == difference["variance_reduction"][row["contrast"]]
END
    # The paths in the folders are of their own worlds: on one exogenous path with another book.
    python3 - whole <<'END'
import sys
from results import table
base, thin = (table(f"{sys.argv[1]}/scenario-{k}/paths.csv") for k in (1, 2))
ends = [{r["path"]: r for r in rows if r["kind"] == "horizon"} for rows in (base, thin)]
shared = set(ends[0]) & set(ends[1])
assert {str(path) for path in range(8)} <= shared
assert all(ends[0][p]["exogenous_usd"] == ends[1][p]["exogenous_usd"] for p in shared)
assert any(ends[0][p]["price_usd"] != ends[1][p]["price_usd"] for p in shared)
END
}

@test "an earlier result goes as a whole, and nobody else's files go with it" {
    cp -r whole "$dir/result"
    echo precious >"$dir/result/scenario-3/notes.txt"
    fails 1 "exists and is not empty; --force overwrites" "${compare[@]}" -o "$dir/result"
    squeeze compare base.csv thin.csv -n 40 -s 1 -q -o "$dir/result" --no-plot --force >"$dir/said"
    [[ $(ls "$dir/result/scenario-3") == notes.txt ]] || complain "$(ls "$dir/result/scenario-3")"
    grep -q '"paths": 40' "$dir/result/scenario-2/summary.json" || complain "scenario-2 is the old one"
    squeeze batch base.csv -n 30 -s 1 -q -o "$dir/result" --no-plot --force >"$dir/said"
    [[ ! -e $dir/result/scenario-1 && ! -e $dir/result/differences.csv ]] || complain "parts are left"
    grep -q '"schema": "squeeze/batch-1"' "$dir/result/summary.json" || complain "no batch"
    # A folder that cannot go, as something is in it, takes the new files.
    mkdir "$dir/mixed"
    cp -r whole/. "$dir/mixed"
    echo precious >"$dir/mixed/scenario-1/notes.txt"
    squeeze compare base.csv thin.csv -n 40 -s 1 -q -o "$dir/mixed" --no-plot --force >"$dir/said"
    grep -q '"paths": 40' "$dir/mixed/scenario-1/summary.json" || complain "scenario-1 is the old one"
    [[ $(<"$dir/mixed/scenario-1/notes.txt") == precious ]] || complain "notes are gone"
    [[ -z $(compgen -G "$dir/*/.partial*") ]] || complain "left behind: $(ls -A "$dir/mixed")"
    no_complaints
}

@test "the figures are drawn at both widths, and those of each scenario can be" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    squeeze compare base.csv thin.csv wild.csv -n 60 -s 5 -q -o "$dir/result" --no-plot >"$dir/said"
    squeeze plot "$dir/result" --format svg -q
    local figure width
    for figure in comparison exceedance; do
        grep -q '<svg' "$dir/result/$figure.svg" || complain "$figure.svg is none"
        for width in 85 175; do
            (cd "$dir/result" && gnuplot -e "out_format='svg'; width_mm=$width" $figure.gp 2>&1) >"$dir/words"
            [[ ! -s $dir/words ]] || complain "$figure at $width mm: $(<"$dir/words")"
        done
    done
    squeeze plot "$dir/result/scenario-2" --format svg -q
    [[ -s $dir/result/scenario-2/fan.svg ]] || complain "no figures of a scenario"
    no_complaints
}

@test "figures of little: one path, no liquidation, no watch, names that are no names" {
    command -v gnuplot >/dev/null || skip "no gnuplot"
    levels empty.csv
    scenario ./plain.csv levels,empty.csv, 'name,"a`date`b {/:Bold c} ""d"" _e^f \ %d",'
    local case figure width
    for case in "-n 1" "-n 30" "-n 30 --set target=103" "-n 30 --set volatility=0"; do
        rm -rf "$dir/little"
        squeeze compare plain.csv plain.csv plain.csv -s 1 -q -o "$dir/little" --no-plot $case >"$dir/said"
        for figure in comparison exceedance; do
            for width in 85 175; do
                (cd "$dir/little" && gnuplot -e "out_format='svg'; width_mm=$width" $figure.gp 2>&1) >"$dir/words" ||
                    complain "$case: $figure at $width mm fails"
                [[ ! -s $dir/words ]] || complain "$case: $figure at $width mm: $(<"$dir/words")"
            done
        done
    done
    no_complaints
}

# ---- failures --------------------------------------------------------------------------------

@test "SIGTERM reports the complete blocks" {
    local status=0
    "$SQUEEZE" compare base.csv thin.csv -n 100000000 -s 1 -j 1 --json -q -o "$dir/result" --no-plot \
        >"$dir/answer.json" 2>"$dir/words" &
    local pid=$!
    sleep 1
    kill -TERM $pid
    wait $pid || status=$?
    ((status == 130))
    grep -q "interrupted after" "$dir/words"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import load
answer = load(sys.argv[1])
assert 0 < answer["paths"] < 100000000 and answer["paths"] % 256 == 0
assert all(s["summary"]["paths"] == answer["paths"] for s in answer["scenarios"])
END
    cmp "$dir/answer.json" "$dir/result/summary.json"
}

@test "cut-off paths are exit 4, a full disk is exit 1, and nothing is left" {
    local status=0
    squeeze "${compare[@]}" --max-events 9 >"$dir/said" 2>"$dir/words" || status=$?
    ((status == 4)) || complain "status $status"
    grep -q "of 700 paths were cut off by --max-events" "$dir/words" || complain "$(<"$dir/words")"
    for status in "" --json; do
        fails_full "${compare[@]}" $status
    done
    fails 1 "cannot be created" "${compare[@]}" -o "$dir/absent/result"
    leaves_nothing "$dir/absent"
    no_complaints
}

fails_full() {
    local status=0
    squeeze "$@" >/dev/full 2>"$dir/words" || status=$?
    ((status == 1)) || complain "$*: status $status"
    grep -q "standard output cannot be written" "$dir/words" || complain "$*: said $(<"$dir/words")"
}
