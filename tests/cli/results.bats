# SPDX-License-Identifier: GPL-3.0-or-later
# The result directory: which files, what they hold, and that they agree with each other.

load helpers

PATHS=1000

setup_file() {
    scenario "$BATS_FILE_TMPDIR/scenario.csv" target,104.5,usd floor,97.5,usd name,small, \
        withdrawal.gamma,0.3,1
    printf '%s\n' side,price_usd,notional_usd,leverage short,101,210000,50 short,102.5,330000,10 \
        short,102.75,120000,25 short,104,510000,100 short,104,45000,10 short,107,40500, long,99,130000,25 \
        long,98.5,90000,5 long,97,170000,10 >"$BATS_FILE_TMPDIR/levels.csv"
    squeeze batch "$BATS_FILE_TMPDIR/scenario.csv" -n $PATHS -s 5 -j 2 --outcomes --no-plot --json \
        --set horizon=30h -o "$BATS_FILE_TMPDIR/result" >"$BATS_FILE_TMPDIR/stdout" 2>&1
    squeeze batch "$BATS_FILE_TMPDIR/scenario.csv" -n 30 -s 1 -q --no-plot -o "$BATS_FILE_TMPDIR/small" \
        >"$BATS_FILE_TMPDIR/said"
    squeeze check "$BATS_FILE_TMPDIR/scenario.csv" --set horizon=30h --json \
        >"$BATS_FILE_TMPDIR/check.json"
}

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario=$BATS_FILE_TMPDIR/scenario.csv
    result=$BATS_FILE_TMPDIR/result
    small=$BATS_FILE_TMPDIR/small # the same scenario on fewer paths: quicker to draw
    HORIZON=108000
    export HORIZON PATHS
}

# ---- files -----------------------------------------------------------------------------------

@test "the directory holds the files of the contract and nothing else" {
    [[ $(ls -A "$result" | sort | paste -sd ' ') == "branching.csv closeup.gp distribution.gp fan.csv fan.gp \
histograms.csv manifest.json map.csv map.gp outcomes.csv paths.csv state.bin summary.json" ]]
    [[ $(stat -c %a "$result") == $(printf %o $((0777 & ~$(umask)))) ]]
    squeeze batch "$scenario" -n 20 -s 1 -q -o "$dir/plain" --no-plot >"$dir/said"
    [[ ! -e $dir/plain/outcomes.csv && -e $dir/plain/paths.csv ]]
}

@test "every CSV has its header, as many fields in every row, 17 digits and no CR" {
    local name header
    while read -r name header; do
        [[ $(head -n 1 "$result/$name.csv") == "$header" ]] ||
            complain "$name: $(head -n 1 "$result/$name.csv")"
        awk -F, 'NR == 1 {n = NF} NF != n {exit 1} END {exit NR < 2}' "$result/$name.csv" ||
            complain "$name: rows of unlike width, or none"
        ! grep -q $'\r' "$result/$name.csv" || complain "$name: carriage returns"
        ! grep -Eqi 'nan|inf' "$result/$name.csv" || complain "$name: not a number"
    done <<'END'
fan time_s,p01,p05,p25,p50,p75,p95,p99,no_impact_p01,no_impact_p05,no_impact_p25,no_impact_p50,no_impact_p75,no_impact_p95,no_impact_p99
paths path,time_s,kind,price_usd,exogenous_usd,displacement_log,side,notional_usd,fill_usd,generation
outcomes path,final_usd,peak_usd,trough_usd,forced_usd,forced_short_usd,forced_long_usd,short_liquidations,long_liquidations,target_time_s,floor_time_s,stopped,book_exhausted,beyond_known_depth,cascades,generations,largest_cascade_usd,no_impact_final_usd,no_impact_peak_usd,no_impact_trough_usd,no_impact_forced_usd,no_impact_target_time_s,no_impact_floor_time_s
histograms quantity,lo,hi,count
map side,leverage,lo_usd,hi_usd,notional_usd,base_usd
branching side,price_lo_usd,price_hi_usd,ratio
END
    no_complaints
    # As many digits as it takes to read back the same number.
    python3 - "$result/outcomes.csv" <<'END'
import sys
from results import *

for row in table(sys.argv[1]):
    assert "%.17g" % float(row["final_usd"]) == row["final_usd"]
END
}

@test "the manifest says what was run, on what, and how" {
    (cd "$BATS_FILE_TMPDIR" && sha256sum scenario.csv levels.csv) >"$dir/sums"
    python3 - "$result" "$BATS_FILE_TMPDIR" "$dir/sums" <<'END'
import os, socket, subprocess, sys
from results import *

result, folder, sums = sys.argv[1:]
manifest, check = load(result + "/manifest.json"), load(folder + "/check.json")
program = os.environ["SQUEEZE"]
assert manifest["schema"] == "squeeze/manifest-1"
version = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True).stdout
assert version.split() == ["squeeze", manifest["version"]]

assert manifest["command"][0] == program
assert sorted(manifest["command"][1:]) == sorted(
    ["batch", folder + "/scenario.csv", "-n", "1000", "-s", "5", "-j", "2", "--outcomes", "--no-plot",
     "--json", "--set", "horizon=30h", "-o", result])
assert manifest["seed"] == "5" and manifest["jobs"] == 2 and manifest["paths"] == 1000
assert manifest["host"] == socket.gethostname() and manifest["wall_s"] > 0
assert manifest["created"].endswith("Z") and manifest["created"][:2] == "20"

# Every resolved key with unit and origin; an origin in a file points at the row.
settings = {s["key"]: s for s in manifest["scenario"]["settings"]}
assert manifest["scenario"]["settings"] == check["settings"]
assert manifest["scenario"]["file"] == folder + "/scenario.csv"
assert manifest["scenario"]["name"] == "small"
lines = open(folder + "/scenario.csv").read().split("\n")
origins = set()
for key, s in settings.items():
    file, _, line = s["origin"].rpartition(":")
    if file == folder + "/scenario.csv":
        assert lines[int(line) - 1].split(",")[:2] == [key, s["value"]], s
        origins.add("file")
    else:
        origins.add(s["origin"])
assert origins == {"file", "default", "--set"}
assert settings["horizon"] == {"key": "horizon", "value": "30", "unit": "h", "origin": "--set",
                               "note": ""}
assert settings["book"]["value"] == "power" and settings["book"]["origin"] == "default"

expected = {name: digest for digest, name in (line.split() for line in open(sums))}
assert {os.path.basename(f["path"]): f["sha256"] for f in manifest["files"]} == expected
assert manifest["models"]["book"] == "power"
assert manifest["ladder"]["short_levels"] == 6 and manifest["ladder"]["short_usd"] == 1255500
assert manifest["ladder"]["long_levels"] == 3 and manifest["ladder"]["long_usd"] == 390000
assert manifest["sampled_paths"] == list(range(8))
END
}

@test "the manifest has the hash of every file that was read" {
    printf '%s\n' side,distance_bp,cumulative_usd ask,100,1000000 bid,100,900000 >"$dir/book.csv"
    levels "$dir/levels.csv"
    scenario "$dir/table.csv" book,table, book.table,book.csv,
    sed -i '/^book.depth,/d' "$dir/table.csv"
    squeeze batch "$dir/table.csv" -n 20 -s 1 -q -o "$dir/result" --no-plot >"$dir/said"
    local file
    for file in table.csv levels.csv book.csv; do
        grep -q "$(sha256sum <"$dir/$file" | cut -d ' ' -f 1)" "$dir/result/manifest.json" ||
            complain "no hash of $file"
    done
    grep -q '"book": "table"' "$dir/result/manifest.json" || complain "another model"
    no_complaints
}

@test "stdout, summary.json and the seed of the manifest are one answer" {
    sed '/^squeeze: /d' "$BATS_FILE_TMPDIR/stdout" | cmp - "$result/summary.json"
    grep -q '"schema": "squeeze/batch-1"' "$result/summary.json"
}

# ---- tables ----------------------------------------------------------------------------------

@test "fan.csv: 241 times from 0 to the horizon, ascending quantiles, the start price first" {
    python3 - "$result" <<'END'
import os, sys
from results import *

rows = [[float(x) for x in row.values()] for row in table(sys.argv[1] + "/fan.csv")]
summary, horizon = load(sys.argv[1] + "/summary.json"), float(os.environ["HORIZON"])
times = [row[0] for row in rows]
assert len(rows) == 241 and times[0] == 0 and times[-1] == horizon
for i, time in enumerate(times):
    assert math.isclose(time, horizon * i / 240, rel_tol=1e-12, abs_tol=1e-9)
assert rows[0][1:] == [100] * 14
for row in rows:
    for fan in row[1:8], row[8:]:
        assert fan == sorted(fan)
        assert row is rows[0] or fan[0] < fan[3] < fan[6]
assert rows[-1][1:8] == list(summary["final_usd"].values()), "the last row is the final price"
# The fan of a random walk opens like the square root of time.
width = [math.log(row[6] / row[2]) for row in rows]
assert 1.5 < width[240] / width[60] < 2.7
END
}

@test "histograms.csv: counts add up to the paths, bins hold what was counted" {
    python3 - "$result" <<'END'
import os, sys
from collections import defaultdict
from results import *

bins = defaultdict(list)
for row in table(sys.argv[1] + "/histograms.csv"):
    bins[row["quantity"]].append((float(row["lo"]), float(row["hi"]), int(row["count"])))
plain = ["peak_usd", "trough_usd", "final_usd", "forced_usd"]
shadows = ["no_impact_" + quantity for quantity in plain]
assert list(bins) == plain + ["largest_cascade_usd"] + shadows
outcomes = table(sys.argv[1] + "/outcomes.csv")
cascades = sum(row["cascades"] != "0" for row in outcomes)
assert 0 < sum(count for _, _, count in bins.pop("largest_cascade_usd")) == cascades
for quantity in shadows:
    assert sum(count for _, _, count in bins.pop(quantity)) == len(outcomes)
for quantity, rows in bins.items():
    assert sum(count for _, _, count in rows) == int(os.environ["PATHS"]) == len(outcomes)
    assert all(count > 0 for _, _, count in rows)
    for (_, hi, _), (lo, _, _) in zip(rows, rows[1:]):
        assert hi <= lo * (1 + 1e-12), "bins overlap or descend"
    values = sorted(float(row[quantity]) for row in outcomes)
    at = 0
    for lo, hi, count in rows:
        inside = values[at:at + count]
        assert lo * (1 - 1e-9) <= inside[0] and inside[-1] <= hi * (1 + 1e-9), (quantity, lo, hi)
        at += count
END
}

@test "map.csv: notional by side, leverage and price adds up to the ladder" {
    python3 - "$result" "$BATS_FILE_TMPDIR/levels.csv" <<'END'
import sys
from collections import defaultdict
from results import *

bars, levels = table(sys.argv[1] + "/map.csv"), table(sys.argv[2])
manifest = load(sys.argv[1] + "/manifest.json")
total, stacked = defaultdict(float), defaultdict(float)
for bar in bars:
    lo, hi, notional = float(bar["lo_usd"]), float(bar["hi_usd"]), float(bar["notional_usd"])
    assert notional > 0 and hi > lo
    here = (bar["side"], lo)
    assert float(bar["base_usd"]) == stacked[here], "a bar does not stand on the one below"
    stacked[here] += notional
    total[bar["side"]] += notional
assert dict(total) == {"short": manifest["ladder"]["short_usd"], "long": manifest["ladder"]["long_usd"]}
for level in levels:
    price = float(level["price_usd"])
    assert any(bar["side"] == level["side"] and float(bar["lo_usd"]) <= price * (1 + 1e-12) and
               price <= float(bar["hi_usd"]) * (1 + 1e-12) and
               float(bar["notional_usd"]) >= float(level["notional_usd"])
               for bar in bars), level
assert any(float(bar["base_usd"]) > 0 for bar in bars)
assert {bar["leverage"] for bar in bars} == {"0", "10", "25", "50", "100"}, "tiers of leverage"
END
    squeeze batch "$scenario" -n 20 -s 1 -q -o "$dir/scaled" --no-plot --set levels.scale=0.25 \
        >"$dir/said"
    [[ $(awk -F, 'NR > 1 {sum += $5} END {print sum}' "$dir/scaled/map.csv") == 411375 ]]
}

@test "outcomes.csv: one row per path, inside its own bounds, and the summary is their summary" {
    python3 - "$result" "$BATS_FILE_TMPDIR/levels.csv" <<'END'
import os, statistics, sys
from results import *

rows, levels = table(sys.argv[1] + "/outcomes.csv"), table(sys.argv[2])
summary, horizon = load(sys.argv[1] + "/summary.json"), float(os.environ["HORIZON"])
n = int(os.environ["PATHS"])
assert [int(row["path"]) for row in rows] == list(range(n))
ladder = {side: sorted((abs(math.log(float(l["price_usd"]) / 100)), float(l["notional_usd"]))
                       for l in levels if l["side"] == side) for side in ("short", "long")}
for row in rows:
    value = {key: float(text) for key, text in row.items() if key != "stopped" and text != ""}
    assert value["trough_usd"] <= min(100, value["final_usd"])
    assert value["peak_usd"] >= max(100, value["final_usd"])
    # Levels fire from the nearest outward: a count says which, and so how much.
    for side in ("short", "long"):
        fired = ladder[side][:int(value[side + "_liquidations"])]
        assert math.isclose(value[f"forced_{side}_usd"], sum(q for _, q in fired), rel_tol=1e-12)
    assert value["forced_usd"] == value["forced_short_usd"] + value["forced_long_usd"]
    for watch, level, reached in (("target", 104.5, value["peak_usd"] >= 104.5 * (1 - 1e-9)),
                                  ("floor", 97.5, value["trough_usd"] <= 97.5 * (1 + 1e-9))):
        time = value.get(watch + "_time_s")
        assert reached == (time is not None), (row, watch)
        assert time is None or 0 < time <= horizon
    assert row["stopped"] == "horizon" and row["book_exhausted"] == "0"
    # The same without impact: inside its own bounds, and where nothing is forced the same path.
    bare = {key[len("no_impact_"):]: number for key, number in value.items() if key.startswith("no_impact_")}
    assert bare["trough_usd"] <= min(100, bare["final_usd"]) and bare["peak_usd"] >= max(100, bare["final_usd"])
    for watch, reached in (("target", bare["peak_usd"] >= 104.5 * (1 - 1e-9)), ("floor", bare["trough_usd"] <= 97.5 * (1 + 1e-9))):
        assert reached == (watch + "_time_s" in bare), (row, watch)
    if value["forced_usd"] == 0:
        assert math.isclose(bare["final_usd"], value["final_usd"], rel_tol=1e-12) and bare["forced_usd"] == 0
for watch in ("target", "floor"):
    without = sum(row["no_impact_" + watch + "_time_s"] != "" for row in rows)
    assert summary[watch]["probability_without_impact"]["value"] == without / n
    hits = [float(row[watch + "_time_s"]) for row in rows if row[watch + "_time_s"]]
    assert 20 < len(hits) < n - 20
    assert summary[watch]["probability"]["value"] == len(hits) / n
    hits.sort()
    for q, level in zip(QUANTILES, (.01, .05, .25, .5, .75, .95, .99)):
        rank = level * len(hits)      # within one observation and one bin of a thousandth
        lo, hi = hits[max(0, math.floor(rank) - 1)], hits[min(len(hits) - 1, math.ceil(rank))]
        assert lo - horizon / 1000 <= summary[watch]["time_s"][q] <= hi + horizon / 1000
for part, column in (("mean", "forced_usd"), ("short", "forced_short_usd"), ("long", "forced_long_usd")):
    values = [float(row[column]) for row in rows]
    e = summary["forced_usd"][part]
    assert math.isclose(e["value"], math.fsum(values) / n, rel_tol=1e-12)
    assert math.isclose(e["se"], statistics.stdev(values) / math.sqrt(n), rel_tol=1e-9)
    for bound, sign in (("lo", -1), ("hi", 1)):
        assert math.isclose(e[bound], e["value"] + sign * 1.959963984540054 * e["se"], rel_tol=1e-4)
for key, column in (("peak_usd",) * 2, ("trough_usd",) * 2, ("final_usd",) * 2, (None, "forced_usd")):
    values = sorted(float(row[column]) for row in rows)
    quantiles = summary[key] if key else summary["forced_usd"]["quantiles"]
    for q, level in zip(QUANTILES, (.01, .05, .25, .5, .75, .95, .99)):
        lo, hi = values[math.floor(level * n) - 1], values[math.ceil(level * n)]
        assert lo * 0.99 <= quantiles[q] <= hi * 1.01, (column, q, quantiles[q], lo, hi)
assert summary["forced_usd"]["unforced_paths"] == sum(float(row["forced_usd"]) == 0 for row in rows)
END
}

@test "paths.csv: events in order, each level once, sums and ends as the outcomes say" {
    python3 - "$result" "$BATS_FILE_TMPDIR/levels.csv" <<'END'
import os, sys
from collections import defaultdict
from results import *

events, outcomes = table(sys.argv[1] + "/paths.csv"), table(sys.argv[1] + "/outcomes.csv")
manifest, horizon = load(sys.argv[1] + "/manifest.json"), float(os.environ["HORIZON"])
ladder = {(l["side"], float(l["notional_usd"])): float(l["price_usd"]) for l in table(sys.argv[2])}
assert len(ladder) == 9, "notionals tell the levels apart"
paths = defaultdict(list)
for event in events:
    paths[int(event["path"])].append(event)
most = max(outcomes, key=lambda row: (float(row["forced_usd"]), -int(row["path"])))
assert manifest["closeup_path"] == int(most["path"])
assert list(paths) == list(dict.fromkeys(manifest["sampled_paths"] + [manifest["closeup_path"]]))
liquidations = 0
for path, rows in paths.items():
    outcome = outcomes[path]
    times = [float(row["time_s"]) for row in rows]
    assert times == sorted(times)
    assert rows[0]["kind"] == "start" and times[0] == 0 and float(rows[0]["price_usd"]) == 100
    assert rows[-1]["kind"] == "horizon" and times[-1] == horizon
    assert rows[-1]["price_usd"] == outcome["final_usd"]
    outputs = {float(row["time_s"]) for row in rows if row["kind"] == "output"}
    assert outputs >= {horizon * i / 240 for i in range(241)}
    fired_at = {float(row["time_s"]) for row in rows if row["kind"] == "liquidation"}
    assert len(outputs) > 241 if fired_at else len(outputs) == 241, "finer after liquidations"
    fired = [row for row in rows if row["kind"] == "liquidation"]
    liquidations += len(fired)
    keys = [(row["side"], float(row["notional_usd"])) for row in fired]
    assert len(set(keys)) == len(keys) and set(keys) <= set(ladder), "a level fired twice"
    for side in ("short", "long"):
        of_side = [notional for s, notional in keys if s == side]
        assert len(of_side) == int(outcome[side + "_liquidations"])
        assert math.isclose(sum(of_side), float(outcome[f"forced_{side}_usd"]), rel_tol=1e-12)
    for watch in ("target", "floor"):
        touches = [row["time_s"] for row in rows if row["kind"] == watch]
        assert touches == [outcome[watch + "_time_s"]] * (outcome[watch + "_time_s"] != "")
    before = None
    for row in rows:
        price, exogenous = float(row["price_usd"]), float(row["exogenous_usd"])
        moved = float(row["displacement_log"])
        assert math.isclose(price, exogenous * math.exp(moved), rel_tol=1e-12)
        # What happens is within the recorded extremes; an output time between may be beyond them by
        # less than their resolution, 25 bp, since it must not change them.
        slack = 1.0025 if row["kind"] == "output" else 1 + 1e-12
        assert float(outcome["trough_usd"]) / slack <= price <= float(outcome["peak_usd"]) * slack
        if row["kind"] == "liquidation":
            up = 1 if row["side"] == "short" else -1
            fill, level = float(row["fill_usd"]), ladder[row["side"], float(row["notional_usd"])]
            # It fired because the price had come to the level, and pushed it further.
            assert up * math.log(price / level) >= -1e-9, row
            assert up * (price - fill) > 0, "the last fill is the worst"
            assert before is None or row["time_s"] != before["time_s"] or \
                up * (fill - float(before["price_usd"])) > 0
        else:
            assert row["side"] == row["notional_usd"] == row["fill_usd"] == ""
        before = row
assert liquidations > 20
END
}

@test "paths.csv with orders that take time: touches without a fill, then fills; no driver's doings" {
    scenario "$dir/scenario.csv" latency,70,s slice.rate,4k,usd/s slice.interval,15,s \
        flow.rate,2,1/h flow.size,30k,usd jumps.rate,6,1/d jumps.sd,0.01,1
    squeeze batch "$dir/scenario.csv" -n 8 -s 3 -q -o "$dir/result" --outcomes --no-plot >"$dir/said"
    python3 - "$dir" <<'END'
import sys
from results import *

rows = table(sys.argv[1] + "/result/paths.csv")
outcomes = table(sys.argv[1] + "/result/outcomes.csv")
ladder = {(l["side"], float(l["notional_usd"])) for l in table(sys.argv[1] + "/levels.csv")}
assert header(sys.argv[1] + "/result/paths.csv")[-4:] == ["side", "notional_usd", "fill_usd", "generation"]
assert {r["kind"] for r in rows} == {"start", "output", "liquidation", "fill", "horizon"}
filled = 0
for outcome in outcomes:
    own = [r for r in rows if r["path"] == outcome["path"]]
    touched = [r for r in own if r["kind"] == "liquidation"]
    fills = [r for r in own if r["kind"] == "fill"]
    filled += len(fills)
    for row in own:
        if row["kind"] not in ("liquidation", "fill"):
            assert row["side"] == row["notional_usd"] == row["fill_usd"] == "", row
    assert all(r["fill_usd"] == "" and (r["side"], float(r["notional_usd"])) in ladder for r in touched)
    for side, up in (("short", 1), ("long", -1)):
        assert sum(r["side"] == side for r in touched) == int(outcome[side + "_liquidations"])
        times = [float(r["time_s"]) for r in touched if r["side"] == side]
        of_side = [r for r in fills if r["side"] == side]
        assert all(float(r["notional_usd"]) <= 60e3 for r in of_side)
        assert all(up * (float(r["price_usd"]) - float(r["fill_usd"])) > 0 for r in of_side)
        assert not of_side or float(of_side[0]["time_s"]) == times[0] + 70
        # All that was touched is filled, but for what was on its way at the end.
        sent = sum(float(r["notional_usd"]) for r in of_side)
        late = any(time > 86400 - 70 - 1560e3 / 4e3 for time in times)
        assert late or math.isclose(sent, float(outcome[f"forced_{side}_usd"]), abs_tol=1e-6)
assert filled > 40
END
}

@test "a book eaten past its table is marked, path by path" {
    printf '%s\n' side,distance_bp,cumulative_usd ask,20,200000 bid,500,50000000 >"$dir/book.csv"
    levels "$dir/levels.csv" short,101,150000 short,101.5,150000 long,99,150000
    scenario "$dir/table.csv" book,table, book.table,book.csv, book.halflife,inf,s
    sed -i '/^book.depth,/d' "$dir/table.csv"
    squeeze batch "$dir/table.csv" -n 300 -s 2 --json -q -o "$dir/result" --outcomes --no-plot \
        >"$dir/answer.json"
    squeeze batch "$dir/table.csv" -n 300 -s 2 -q >"$dir/table"
    python3 - "$dir" <<'END'
import sys
from results import *

rows = table(sys.argv[1] + "/result/outcomes.csv")
count = load(sys.argv[1] + "/answer.json")["book_exhausted_paths"]
marked = [row for row in rows if row["book_exhausted"] == "1"]
assert 0 < len(marked) == count < 300
# 80 % of two shorts is more than the asks hold; one short is not, nor is it after a long.
assert all(row["short_liquidations"] == "2" for row in marked)
assert all(row["short_liquidations"] != "2" or row["long_liquidations"] == "1"
           for row in rows if row["book_exhausted"] == "0")
# The end of the table is where depth is known to: with what stays of the impact that is left sooner.
left = [row for row in rows if row["beyond_known_depth"] == "1"]
assert all(row in left for row in marked)
assert all(int(row["short_liquidations"]) + int(row["long_liquidations"]) >= 1 for row in left)
said = open(sys.argv[1] + "/table").read()
assert (f"on {100 * len(left) / 300:.2f} % of the paths the price left the known depth (0.2 % up, 5 % down)"
        in said), said
END
}

# ---- figures ---------------------------------------------------------------------------------

needs_gnuplot() {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
}

# A test that has done with the program and goes on with what gnuplot makes of its files calls this;
# with SQZ_NO_PICTURES (in a sanitized run) it ends here.
needs_pictures() {
    no_complaints
    [[ -z ${SQZ_NO_PICTURES-} ]] || skip "pictures are not looked at"
    needs_gnuplot
}

@test "without gnuplot a batch says so and is done, and plot says so and fails" {
    mkdir "$dir/bin"
    local status=0
    PATH=$dir/bin "$SQUEEZE" batch "$scenario" -n 20 -s 1 -o "$dir/result" >"$dir/said" \
        2>"$dir/words" || status=$?
    ((status == 0))
    grep -q "gnuplot is not installed" "$dir/words"
    [[ -s $dir/result/fan.gp && -s $dir/result/fan.csv ]]
    [[ -z $(compgen -G "$dir/result/*.svg") ]]
    PATH=$dir/bin "$SQUEEZE" batch "$scenario" -n 20 -s 1 -o "$dir/result" -q --force >"$dir/said" \
        2>"$dir/words"
    [[ ! -s $dir/words ]]
    PATH=$dir/bin "$SQUEEZE" plot "$dir/result" 2>"$dir/words" || status=$?
    ((status == 1))
    grep -q "gnuplot is not installed" "$dir/words"
}

@test "plot needs a result" {
    mkdir "$dir/empty"
    fails 3 "$dir/absent/summary.json" plot "$dir/absent"
    fails 3 "expected a result of squeeze batch" plot "$dir/empty"
    cp -r "$result" "$dir/result"
    echo '{"schema": "another"}' >"$dir/result/summary.json"
    fails 3 "schema: is 'another'; expected 'squeeze/batch-1'" plot "$dir/result"
    echo '{"schema": ' >"$dir/result/summary.json"
    fails 3 "summary.json:" plot "$dir/result"
    fails 2 "not a format" plot "$result" --format tiff
    no_complaints
}

@test "a batch draws its figures as svg, png and pdf" {
    needs_gnuplot
    squeeze batch "$scenario" -n 30 -s 1 -q -o "$dir/result" --format svg,png,pdf >"$dir/said" 2>"$dir/words"
    [[ ! -s $dir/words ]] || complain "$(<"$dir/words")"
    local figure
    for figure in map fan distribution closeup; do
        grep -q '<svg' "$dir/result/$figure.svg" || complain "$figure.svg is none"
        [[ $(head -c 4 "$dir/result/$figure.png" | tail -c 3) == PNG ]] || complain "$figure.png is none"
        [[ $(head -c 5 "$dir/result/$figure.pdf") == %PDF- ]] || complain "$figure.pdf is none"
        (($(stat -c %s "$dir/result/$figure.svg") > 2000)) || complain "$figure.svg is empty"
    done
    no_complaints
}

@test "plot --format draws that format only, again and again" {
    needs_gnuplot
    cp -r "$small" "$dir/result"
    squeeze plot "$dir/result" --format svg 2>"$dir/words"
    [[ $(cd "$dir/result" && echo *.svg) == "closeup.svg distribution.svg fan.svg map.svg" ]]
    [[ -z $(compgen -G "$dir/result/*.p[nd][gf]") ]]
    echo stale >"$dir/result/fan.svg"
    squeeze plot "$dir/result" --format svg
    grep -q '<svg' "$dir/result/fan.svg"
    # A script draws by itself, from its own directory.
    rm "$dir/result/fan.svg"
    (cd "$dir/result" && gnuplot fan.gp)
    grep -q '<svg' "$dir/result/fan.svg"
}

# draw_quietly RESULT FIGURE...: each at the width of a column and of a page; gnuplot must not complain.
draw_quietly() {
    local where=$1 figure width
    shift
    for figure; do
        for width in 85 175; do
            (cd "$where" && gnuplot -e "width_mm=$width" "$figure.gp") 2>"$dir/words" ||
                complain "$figure at $width mm: status $?"
            [[ ! -s $dir/words ]] || complain "$figure at $width mm: $(<"$dir/words")"
            grep -q '</svg>' "$where/$figure.svg" || complain "$figure at $width mm: not drawn"
        done
    done
}

# svg_texts FILE: the texts of a figure, one per line.
svg_texts() {
    python3 - "$1" <<'END'
import sys
import xml.etree.ElementTree as tree

for text in tree.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}text"):
    print("".join(text.itertext()).strip())
END
}

@test "where drivers are in force they have a figure and are named in all of them" {
    scenario "$dir/scenario.csv" jumps.rate,9,1/d jumps.sd,0.01,1 flow.rate,3,1/h flow.size,40k,usd \
        latency,90,s slice.rate,20k,usd/s
    squeeze batch "$dir/scenario.csv" -n 20 -s 1 -q -o "$dir/result" --no-plot >"$dir/said"
    needs_pictures
    squeeze plot "$dir/result" --format svg -q 2>"$dir/words"
    [[ ! -s $dir/words ]] || complain "$(<"$dir/words")"
    local figure
    for figure in map fan distribution closeup drivers; do
        svg_texts "$dir/result/$figure.svg" | tr '\n' ' ' >"$dir/texts"
        # The map is what it is with or without them.
        local named=yes
        [[ $figure != map ]] || named=no
        [[ $(grep -qF 'forced orders 90 s late, at 0.02 M USD/s' "$dir/texts" && echo yes || echo no) == "$named" ]] ||
            complain "$figure: orders"
        [[ $(grep -qF 'drivers jumps, flow' "$dir/texts" && echo yes || echo no) == "$named" ]] ||
            complain "$figure: drivers"
    done
    [[ ! -e $result/drivers.gp ]] || complain "a figure of drivers where there are none"
    ! grep -qF 'drivers jumps' "$result/fan.gp" || complain "drivers named where there are none"
    no_complaints
}

@test "a driver that the scripts do not know is drawn from what manifest and table say of it" {
    needs_gnuplot
    scenario "$dir/scenario.csv" jumps.rate,9,1/d jumps.sd,0.01,1
    squeeze batch "$dir/scenario.csv" -n 20 -s 1 -q -o "$dir/result" --no-plot >"$dir/said"
    rm "$dir/result"/*.gp
    python3 - "$dir/result" <<'END'
import csv, json, sys
from results import *

folder = sys.argv[1]
rows, manifest = table(folder + "/drivers.csv"), load(folder + "/manifest.json")
columns = header(folder + "/drivers.csv")
added = ["moon.phase", "moon.pull_per_s", "moon.tide_usd", "moon.still_usd"]
for row in rows:
    waning = 0.4 * 86400 <= float(row["time_s"]) < 0.7 * 86400
    values = ["full_moon {x}" if waning else "new", 7e-4 if waning else 3e-4, -3e6 if waning else 2e6, 5]
    row.update(zip(added, values if row["kind"] == "output" else [""] * 4))
    if waning and row["kind"] == "output":
        row["depth_left"] = 0.0371
with open(folder + "/drivers.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, columns + added, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
units = {"phase": "1", "pull_per_s": "1/s", "tide_usd": "usd", "still_usd": "usd"}
manifest["models"]["drivers"].append(
    {"name": "moon", "drawn": [{"name": n, "unit": u, "doc": n} for n, u in units.items()]})
with open(folder + "/manifest.json", "w") as file:
    json.dump(manifest, file)
END
    squeeze plot "$dir/result" -q --format svg 2>"$dir/words"
    [[ ! -s $dir/words ]] || complain "$(<"$dir/words")"
    draw_quietly "$dir/result" drivers
    svg_texts "$dir/result/drivers.svg" >"$dir/texts"
    local text
    for text in "moon: phase" "new" "new 70 %" "full_moon {x}" "full_moon {x} 30 %" "moon: tide, M USD" \
        "moon: pull, per hour" "depth left, % of undisturbed"; do
        grep -qxF -- "$text" "$dir/texts" || complain "missing: $text"
    done
    grep -q '^Path [0-9]*: full_moon {x} 30 % of the time, depth down to 3.7 %' "$dir/texts" ||
        complain "title: $(grep '^Path' "$dir/texts")"
    ! grep -q 'still' "$dir/texts" || complain "what does not vary has a panel"
    ! grep -q '^volatility, %' "$dir/texts" || complain "volatility does not vary and has a panel"
    no_complaints
}

@test "the forced flow of the close-up is what was executed, when it was" {
    local way number=0
    mkdir "$dir/of"
    for way in "latency,0,s" "latency,400,s" "slice.rate,100,usd/s"; do
        rm -f "$dir/scenario.csv"
        scenario "$dir/scenario.csv" "$way" slice.interval,20,s
        squeeze batch "$dir/scenario.csv" -n 60 -s 4 -q -o "$dir/of/${way%%,*}-$((++number))" --no-plot >"$dir/said"
    done
    needs_pictures
    for way in "$dir"/of/*; do
        (cd "$way" && gnuplot closeup.gp \
            -e 'print sprintf("%.17g %.17g %.17g %.17g %.17g %.17g", bin_s, zero_s, from_s, to_s, flow_short, flow_long)') \
            2>"$dir/words"
        python3 - "$dir" "$way" <<'END' || complain "$way: $(<"$dir/words")"
import sys
from collections import Counter
from results import *

bin_s, zero, start, end, *drawn = map(float, open(sys.argv[1] + "/words").read().split())
path = str(load(sys.argv[2] + "/manifest.json")["closeup_path"])
flow = {"short": Counter(), "long": Counter()}
for row in table(sys.argv[2] + "/paths.csv"):
    if row["path"] == path and row["fill_usd"] and start <= float(row["time_s"]) <= end:
        flow[row["side"]][(float(row["time_s"]) - zero) // bin_s] += float(row["notional_usd"])
for side, top in zip(("short", "long"), drawn):
    assert math.isclose(top, max(flow[side].values(), default=0), rel_tol=1e-9), (side, top, flow)
assert max(drawn) > 0
END
    done
    no_complaints
}

@test "figures of paths on which nothing happens" {
    levels "$dir/levels.csv" short,150,1000
    scenario "$dir/scenario.csv" jumps.rate,1e-6,1/d jumps.sd,0.01,1
    squeeze batch "$dir/scenario.csv" -n 1 -s 1 -q -o "$dir/result" --no-plot >"$dir/said"
    ! grep -q jump, "$dir/result/drivers.csv" || complain "a jump on no path"
    needs_pictures
    draw_quietly "$dir/result" map fan distribution closeup drivers
    svg_texts "$dir/result/drivers.svg" >"$dir/texts"
    grep -qxF 'Path 0: no jumps, no orders, steady volatility and depth' "$dir/texts" ||
        complain "$(<"$dir/texts")"
    no_complaints
}

@test "prices far apart have a logarithmic axis" {
    scenario "$dir/scenario.csv" book.depth,5k,usd target,104,usd
    squeeze batch "$dir/scenario.csv" -n 60 -s 1 -q -o "$dir/result" --no-plot >"$dir/said"
    needs_pictures
    draw_quietly "$dir/result" distribution closeup
    for figure in distribution closeup; do
        svg_texts "$dir/result/$figure.svg" >"$dir/texts"
        [[ $(grep -xE '100|500|1,000' "$dir/texts" | sort -u | wc -l) == 3 ]] ||
            complain "$figure: $(<"$dir/texts")"
    done
    no_complaints
}

@test "plot keeps an edited script, draws what it says, and --force rewrites it" {
    needs_gnuplot
    cp -r "$small" "$dir/result"
    echo '# my own remark' >>"$dir/result/map.gp"
    rm "$dir/result/fan.gp"
    squeeze plot "$dir/result" --format svg
    [[ $(tail -n 1 "$dir/result/map.gp") == "# my own remark" ]]
    cmp "$dir/result/fan.gp" "$small/fan.gp"
    squeeze plot "$dir/result" --format svg --force
    cmp "$dir/result/map.gp" "$small/map.gp"
    local status=0
    echo 'exit status 3' >"$dir/result/map.gp"
    squeeze plot "$dir/result" --format svg 2>"$dir/words" || status=$?
    ((status == 1))
    grep -q "map.gp: gnuplot failed on it" "$dir/words"
}

@test "texts of a scenario cannot run commands in a script" {
    needs_gnuplot
    scenario "$dir/scenario.csv" 'name,"say ""hi"" `touch ran` $(touch ran) \"" . system(""touch ran"") .",' \
        'symbol,`touch ran`,'
    (cd "$dir" && squeeze batch scenario.csv -n 20 -s 1 -q -o result --format svg >said)
    [[ ! -e $dir/ran && ! -e $dir/result/ran ]]
}

@test "map.csv: a level on the edge of a bin lies in the bin that begins there" {
    local dir=$BATS_TEST_TMPDIR
    scenario "$dir/scenario.csv"
    python3 - >"$dir/levels.csv" <<'END'
print("side,price_usd,notional_usd")
for k in range(1, 150):
    print(f"short,{100 + k / 10:.1f},{1000 + k}")
for k in range(1, 20):
    print(f"long,{100 - k / 10:.1f},{1000 + k}")
END
    squeeze batch "$dir/scenario.csv" -n 5 -s 1 -q -o "$dir/result" --no-plot >"$dir/said"
    python3 - "$dir/result" "$dir/levels.csv" <<'END'
import sys
from fractions import Fraction
from results import *

rows = table(sys.argv[1] + "/map.csv")
width = round(float(rows[0]["hi_usd"]) - float(rows[0]["lo_usd"]), 6)
assert width == 0.2, width
expected = {}
for level in table(sys.argv[2]):
    bin = Fraction(level["price_usd"]) // Fraction("0.2")
    key = level["side"], int(bin)
    expected[key] = expected.get(key, 0) + float(level["notional_usd"])
printed = {(r["side"], round(float(r["lo_usd"]) / 0.2)): float(r["notional_usd"]) for r in rows}
assert printed == expected, set(printed.items()) ^ set(expected.items())
END
}

@test "the figures name the depth and shape of both sides where they differ" {
    local dir=$BATS_TEST_TMPDIR
    scenario "$dir/scenario.csv" book.depth_ask,30M,usd book.depth_bid,60M,usd book.shape_bid,2,1
    levels "$dir/levels.csv"
    squeeze batch "$dir/scenario.csv" -n 5 -s 1 -q -o "$dir/result" --no-plot >"$dir/said"
    grep -qF 'book_text = "depth 30 / 60 M USD within 1 %, shape 1 / 2"' "$dir/result/fan.gp"
}

@test "a close-up of many liquidations is small, adds them up and says so; the map names its bins" {
    needs_gnuplot
    local shipped=scenarios/a-wall-14to1-claimed.csv
    squeeze batch "$shipped" -n 30 -s 2 -q -o "$dir/many" --no-plot >"$dir/said"
    squeeze plot "$dir/many" --format svg -q
    local count size
    count=$(python3 - "$dir/many/paths.csv" <<'END'
import csv, sys
from collections import Counter
rows = csv.DictReader(open(sys.argv[1]))
print(max(Counter(row["path"] for row in rows if row["kind"] == "liquidation").values()))
END
    )
    ((count > 300)) || complain "only $count liquidations: nothing to add up"
    size=$(stat -c %s "$dir/many/closeup.svg")
    ((size < 500000)) || complain "closeup.svg has $size bytes"
    svg_texts "$dir/many/closeup.svg" | tr '\n' ' ' >"$dir/texts"
    grep -qF 'each the sum of those within' "$dir/texts" || complain "does not say that it adds up"
    # The width as map.csv has it.
    local width
    width=$(awk -F, 'NR == 2 {printf "%g", $4 - $3}' "$dir/many/map.csv")
    svg_texts "$dir/many/map.svg" | grep -qxF "M USD per $width USD of price" || complain "map.svg: bins"
    no_complaints
}

@test "a path of very many events is thinned in paths.csv: sums, ends and extremes stay, the manifest tells" {
    python3 - "$dir/levels.csv" <<'END'
import random, sys
draw = random.Random(11)
with open(sys.argv[1], "w") as file:
    print("side,price_usd,notional_usd,leverage", file=file)
    for i in range(6000):
        print(f"long,{99.99 - 0.002 * i:.3f},{draw.uniform(20, 900):.2f},20", file=file)
END
    scenario "$dir/scenario.csv" floor,93,usd jumps.rate,2,1/d jumps.mean,-0.03, jumps.sd,0.01,
    squeeze batch "$dir/scenario.csv" -n 19 -s 6 -q -o "$dir/result" --outcomes --no-plot >"$dir/said"
    python3 - "$dir" <<'END'
import sys
from collections import defaultdict
from results import *

outcomes = table(sys.argv[1] + "/result/outcomes.csv")
manifest = load(sys.argv[1] + "/result/manifest.json")
thinned = {path["path"]: path for path in manifest["thinned_paths"]}
paths = defaultdict(list)
for row in table(sys.argv[1] + "/result/paths.csv"):
    paths[int(row["path"])].append(row)
assert set(thinned) < set(paths) and manifest["closeup_path"] in thinned, (list(thinned), {p: len(r) for p, r in paths.items()})
for path, rows in paths.items():
    outcome = outcomes[path]
    fired = [row for row in rows if row["kind"] == "liquidation"]
    count = int(outcome["long_liquidations"])
    if path in thinned:
        # Of the close-up its largest cascade stays as it is.
        assert thinned[path]["liquidations"] == count > (1 if path == manifest["closeup_path"] else 2) * len(fired), thinned[path]
        assert thinned[path]["events"] > len(rows), thinned[path]
        assert path == manifest["closeup_path"] or len(rows) < 8192
    else:
        assert len(fired) == count and len(rows) <= 8192
    assert math.isclose(sum(float(row["notional_usd"]) for row in fired), float(outcome["forced_usd"]), rel_tol=1e-9)
    assert rows[0]["kind"] == "start" and rows[-1]["price_usd"] == outcome["final_usd"]
    assert [row["time_s"] for row in rows if row["kind"] == "floor"] == [outcome["floor_time_s"]] * (outcome["floor_time_s"] != "")
    assert float(rows[0]["price_usd"]) == 100
    assert max(int(row["generation"]) for row in fired) == int(outcome["generations"])
END
    needs_gnuplot
    squeeze plot "$dir/result" --format svg -q
    local liquidations
    liquidations=$(python3 - "$dir/result/manifest.json" <<'END'
import sys
from results import *

manifest = load(sys.argv[1])
print(*(f"{p['liquidations']:,}" for p in manifest["thinned_paths"] if p["path"] == manifest["closeup_path"]))
END
    )
    svg_texts "$dir/result/closeup.svg" | tr '\n' ' ' | grep -qF "$liquidations liquidations" ||
        complain "the title does not count $liquidations liquidations"
    no_complaints
}
