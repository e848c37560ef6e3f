# SPDX-License-Identifier: GPL-3.0-or-later
# The range in which depth is known, tables with empty levels, a hunter under another trigger: what
# batch, map and ignite say of them.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario=$dir/scenario.csv
}

@test "the share of paths that orders carry beyond the known depth is in table, JSON, outcomes, figures" {
    # One level that moves the price by 12 %, one that moves it by 3 %.
    levels "$dir/levels.csv" short,101.5,12000000 long,98.5,3000000
    scenario "$scenario"
    squeeze batch "$scenario" -n 400 -s 3 -q --json -o "$dir/result" --outcomes >"$dir/answer.json"
    squeeze batch "$scenario" -n 400 -s 3 -q >"$dir/said"
    python3 - "$dir" <<'END'
import re, sys
from results import *

rows = table(sys.argv[1] + "/result/outcomes.csv")
got = load(sys.argv[1] + "/answer.json")
beyond = got["beyond_known_depth"]
fired = [row for row in rows if row["short_liquidations"] != "0"]
assert 0 < len(fired) < 400
assert fired == [row for row in rows if row["beyond_known_depth"] == "1"]
assert beyond["paths"] == len(fired) and beyond["share"]["value"] == len(fired) / 400
assert beyond["share"]["lo"] < len(fired) / 400 < beyond["share"]["hi"]
assert beyond["up_percent"] == beyond["down_percent"] == 10
assert got["book_exhausted_paths"] == 0
words = f"on {100 * len(fired) / 400:.2f} % of the paths the price left the known depth (10 %)"
assert words in open(sys.argv[1] + "/said").read()
for figure in ("fan", "distribution"):
    text = re.sub(r"<[^>]*>", " ", open(f"{sys.argv[1]}/result/{figure}.svg").read())
    assert "the price left the known depth (10 %)" in re.sub(r"\s+", " ", text), figure
END
    # Known far enough, or not very far.
    squeeze batch "$scenario" -n 400 -s 3 -q --set book.known=13% >"$dir/said"
    ! grep -q 'known depth' "$dir/said" || complain "said within the known depth"
    squeeze batch "$scenario" -n 400 -s 3 -q --set book.known=inf --json | grep -q '"paths": 0'
    squeeze batch "$scenario" -n 400 -s 3 -q --set book.known=2% |
        grep -q 'paths the price left the known depth (2 %)'
    # Nothing else of a path depends on it.
    squeeze batch "$scenario" -n 400 -s 3 -q --set book.known=2% | grep -v 'known depth' >"$dir/two"
    squeeze batch "$scenario" -n 400 -s 3 -q | grep -v 'known depth' | cmp - "$dir/two"
    no_complaints
}

@test "a sweep says at which points the price leaves the known depth, and on how many paths" {
    # 12M carry a book of 1M within 1 % by 12 %, one of 2.5M by 4.8 %. Who touches 101.5 has fired them.
    levels "$dir/levels.csv" short,101.5,12000000 long,98.5,3000
    scenario "$scenario" target,101.5,usd
    squeeze sweep "$scenario" --vary book.depth=1M:4M:3 -n 200 -s 3 --json -o "$dir/result" >"$dir/answer.json" 2>"$dir/remarks"
    squeeze sweep "$scenario" --vary book.depth=1M:4M:3 -n 200 -s 3 -q >"$dir/said"
    grep -q '^squeeze: remark: .*: book.known: on .* % of the paths orders carry' "$dir/remarks" || complain "remark"
    python3 - "$dir" <<'END'
import re, sys
from results import *

folder = sys.argv[1]
answer, rows = load(folder + "/answer.json"), table(folder + "/result/points.csv")
counts = [int(row["beyond_known_paths"]) for row in rows]
hits = [round(float(row["target_probability_own"]) * int(row["paths"])) for row in rows]
assert 0 < hits[0] < 200 and counts == [hits[0], hits[0], 0, 0], (counts, hits)   # point 1 is the scenario
points = [answer["base"]] + answer["points"]
assert [point["beyond_known_depth"]["paths"] for point in points] == counts
assert points[0]["beyond_known_depth"]["share"]["value"] == hits[0] / 200
whole = answer["beyond_known_depth"]       # over all that were walked
assert whole["paths"] == hits[0] and whole["share"]["value"] == hits[0] / 600 and whole["up_percent"] == 10
assert [remark["code"] for remark in answer["remarks"]] == ["beyond-known-depth"]
said = open(folder + "/said").read()
column = [line.split("beyond known")[0] for line in said.split("\n") if "beyond known" in line]
assert "beyond known: paths of the row" in said and "(10 %)" in said, said
assert said.count(f"{100 * hits[0] / 200:.0f} % +-") + said.count(f"{100 * hits[0] / 200:.1f} % +-") >= 2, said
figure = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", open(folder + "/result/sweep.svg").read()))
assert "of a point's paths the price left the known depth (10 %)" in figure.replace("&apos;", "'").replace("&#39;", "'"), figure
END
    # Known at all points, or not at any: nothing is said.
    squeeze sweep "$scenario" --vary book.depth=1M:4M:3 -n 200 -s 3 --set book.known=13% >"$dir/said" 2>&1
    ! grep -q 'known' "$dir/said" || complain "said within the known depth"
    squeeze sweep "$scenario" --vary book.known=5%:20%:2 -n 200 -s 3 -q >"$dir/said"
    grep -q 'beyond the known depth; how far' <(flowing "$dir/said") || complain "of varied book.known: $(cat "$dir/said")"
    no_complaints
}

@test "a comparison says in which scenario the price leaves the known depth" {
    levels "$dir/levels.csv" short,101.5,12000000 long,98.5,3000
    scenario "$scenario" target,101.5,usd name,Thin,
    scenario "$dir/deep.csv" target,101.5,usd name,Deep, book.depth,4M,usd
    squeeze compare "$dir/deep.csv" "$scenario" -n 200 -s 3 -q --json -o "$dir/result" >"$dir/answer.json"
    squeeze compare "$dir/deep.csv" "$scenario" -n 200 -s 3 -q >"$dir/said"
    python3 - "$dir" <<'END'
import re, sys
from results import *

folder = sys.argv[1]
deep, thin = (item["summary"]["beyond_known_depth"] for item in load(folder + "/answer.json")["scenarios"])
assert deep["paths"] == 0 and 0 < thin["paths"] < 200
said = [line for line in open(folder + "/said") if "known depth" in line]
assert said == [f"  in 2 the price left the known depth (10 %) on {thin['paths'] / 2:.2f} % of the paths\n"], said
for figure in ("comparison", "exceedance"):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", open(f"{folder}/result/{figure}.svg").read()))
    assert re.search(r"the price left the known depth: [\d.]+ % of Thin", text.replace("\u00a0", " ")), (figure, text)
END
}

@test "check shows how far depth is known, where the scenario leaves it to the program too" {
    scenario "$scenario"
    squeeze check --show "$scenario" | grep -qE '^  book.known +0.1 +1 +default$' || complain "default"
    squeeze check --show "$scenario" --set book.known=3% | grep -qE '^  book.known +3 +% +--set$' || complain "--set"
    # Of a table what it measures: 150 bp of asks, 80 of bids.
    scenario "$scenario" book,table, book.table,b.csv,
    sed -i '/^book.depth,/d' "$scenario"
    printf '%s\n' side,distance_bp,cumulative_usd ask,100,1000000 ask,150,2000000 bid,80,1000000 >"$dir/b.csv"
    squeeze check --show "$scenario" -q | grep -qE '^  book.known +0.015;0.008 +1 +default$' || complain "table"
    no_complaints
}

@test "absurd prices are said to be beyond all that is known, by batch, run, map and ignite" {
    levels "$dir/levels.csv" short,101,90000000000 long,99,70000000000
    scenario "$scenario" target,106,usd
    local side
    for side in up down; do
        squeeze batch "$scenario" -n 40 -s 3 -q |
            grep -qx '  on 100.00 % of the paths the price left the known depth (10 %)' || complain "batch"
        squeeze batch "$scenario" -n 40 -s 3 2>&1 >/dev/null |
            grep -q "^squeeze: remark: .*: book.known: on 100 % of the paths" || complain "remark of batch"
        squeeze run "$scenario" -s 3 --json | grep -q '"beyond_known_depth": true' || complain "run"
        squeeze map "$scenario" >"$dir/map"
        [[ $(flowing "$dir/map" | grep -o 'alone and ends beyond the known depth (10 %)' | wc -l) == 2 ]] || complain "map: $(cat "$dir/map")"
        squeeze map "$scenario" --json >"$dir/map.json"
        squeeze ignite "$scenario" >"$dir/ignite"
        [[ $(grep -c '    forces .* and ends beyond the known depth (10 %)$' "$dir/ignite") == 2 ]] ||
            complain "ignite: $(cat "$dir/ignite")"
        squeeze ignite "$scenario" --json >"$dir/ignite.json"
        python3 - "$dir" <<'END' || complain "JSON"
import sys
from results import *

zones = load(sys.argv[1] + "/map.json")["danger_zones"]
assert len(zones) == 2 and all(zone["beyond_known_depth"] and zone["worst_beyond_known_depth"] for zone in zones)
assert all(zone["reach_usd"] > 1e100 or zone["reach_usd"] < 1e-100 for zone in zones) # numbers stay
ignite = load(sys.argv[1] + "/ignite.json")
assert ignite["beyond_known_depth"] and ignite["shock_beyond_known_depth"]
END
        ! grep -hE '[0-9,]{20}' "$dir/map" "$dir/ignite" || complain "digits"
        scenario "$scenario" floor,94,usd
    done
    no_complaints
}

@test "map and ignite name a price that is within the known depth" {
    levels "$dir/levels.csv" short,101,2000000 long,99,1000000
    scenario "$scenario" target,102,usd
    squeeze map "$scenario" >"$dir/map"
    grep -q 'and ends at 103.' "$dir/map"
    squeeze ignite "$scenario" | grep -q '    forces 2.00 M usd and ends at 10'
    ! grep -q known "$dir/map" || complain "said of what is within the known depth"
    squeeze map "$scenario" --set book.known=1% >"$dir/map"
    flowing "$dir/map" | grep -q 'and ends beyond the known depth (1 %)' || complain "$(<"$dir/map")"
    no_complaints
}

@test "a table with empty levels and depth at the touch is a book like another" {
    levels "$dir/levels.csv" short,100.5,1000000 long,99.5,1000000
    scenario "$scenario" book,table, book.table,b.csv, target,101,usd
    sed -i '/^book.depth,/d' "$scenario"
    printf '%s\n' side,distance_bp,cumulative_usd ask,10,1000000 ask,20,1000000 ask,100,2000000 \
        bid,10,1000000 bid,100,20000000 >"$dir/b.csv"
    squeeze batch "$scenario" -n 200 -s 1 -q --json >"$dir/gap.json"
    # What the empty levels mean: the next order of a size is filled beyond them.
    squeeze ignite "$scenario" --set book.permanent=0 --set target=100.14 --json >"$dir/over.json"
    squeeze ignite "$scenario" --set book.permanent=0 --set target=100.21 --json >"$dir/beyond.json"
    printf '%s\n' side,distance_bp,cumulative_usd ask,0,300000 ask,100,2000000 bid,10,1000000 \
        bid,100,20000000 >"$dir/b.csv"
    squeeze ignite "$scenario" --set book.permanent=0 --set target=100.05 --json >"$dir/touch.json"
    python3 - "$dir" <<'END'
import sys
from results import *

folder, = sys.argv[1:]
assert load(folder + "/gap.json")["paths"] == 200
u = lambda price: 1e4 * math.log(price / 100)
def alone(name):
    return load(f"{folder}/{name}.json")["push_without_levels_usd"]
assert 1e6 <= alone("over") <= 1e6 + 2
assert abs(alone("beyond") - (1e6 + 1e6 * (u(100.21) - 20) / 80)) < 3
assert abs(alone("touch") - (0.3e6 + 1.7e6 * u(100.05) / 100)) < 1
END
}

@test "a dense map is one danger zone, however many digits its prices have" {
    scenario "$scenario" target,109,usd book.depth,170M,usd
    local digits
    for digits in 3 6; do
        python3 - "$digits" >"$dir/levels.csv" <<'END'
import math, sys

print("side,price_usd,notional_usd")
for i in range(1, 5001):
    price = 100 * math.exp(2e-5 * i)
    print(f"short,{price:.{sys.argv[1]}f},{(2.1 if 103 <= price <= 105 else 0.23) * 1.7e8 / 0.01 * 2e-5:.6f}")
END
        squeeze map "$scenario" >"$dir/said"
        grep -q '^  1 danger zone, where' "$dir/said" || complain "$digits digits: $(grep zone "$dir/said")"
        # The worst start comes before the near edge's.
        grep -A 2 '^    102.95-105.05: 690 M of shorts$' "$dir/said" | tail -n 2 >"$dir/burns"
        head -n 1 "$dir/burns" | grep -qx '      worst start, 103.00: forces 794 M and ends at 107.93' ||
            complain "$digits digits: $(cat "$dir/said")"
        tail -n 1 "$dir/burns" | grep -q '^      near edge, 102.95: forces 78.2 k' ||
            complain "$digits digits: $(cat "$dir/burns")"
    done
    no_complaints
}

@test "a hunter under index or mark makes no raids that cannot work" {
    levels "$dir/levels.csv" short,101,5000000 short,101.5,60000000 long,99,5000000
    scenario "$scenario" target,104,usd floor,96,usd book.depth,100M,usd hunter.capital,50M,usd
    local trigger
    for trigger in index mark last; do
        squeeze batch "$scenario" -n 500 -s 1 -q --json --set trigger=$trigger >"$dir/$trigger.json"
    done
    python3 - "$dir" <<'END'
import sys
from results import *

for trigger in ("index", "mark", "last"):
    hunter = load(f"{sys.argv[1]}/{trigger}.json")["drivers"]["hunter"]
    # It was 27 raids a path and -862,000 USD; no more than a raid for each cluster, and none at a loss.
    assert hunter["raids"]["value"] < 3, (trigger, hunter)
    assert hunter["profit_usd"]["lo"] > 0, (trigger, hunter)
END
}
