# SPDX-License-Identifier: GPL-3.0-or-later
# squeeze map and squeeze ignite: what they say, against the definitions computed once more; their
# files, figures, options and errors.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario=$dir/scenario.csv
    # The nearest shorts lie within one window of 50 bp of each other and outweigh it.
    scenario "$scenario" target,106,usd floor,95.5,usd book.permanent,0.3,1 book.shape,1.4,1 \
        withdrawal.gamma,0.5,1 levels.topup,0.1,1 levels.scale,1.7,1 name,small, symbol,XUSDT,
    levels "$dir/levels.csv" short,101,60000 short,101.25,380000 short,101.45,330000 short,102.75,120000 short,104,510000 \
        short,104.1,250000 short,109,90000 long,99,130000 long,98.5,390000 long,98.4,200000 long,97,170000
}

# The same market by other means: levels closed, the book's law, cascades level by level.
market() {
    cat <<'END'
import math, sys
from results import *

START, DEPTH, SHAPE, PHI, GAMMA = 100.0, 1e6, 1.4, 0.3, 0.5
KEEP = 0.9 * 1.7
folder = sys.argv[1]
sides = {"short": [], "long": []}
for row in table(folder + "/levels.csv"):
    out = abs(math.log(float(row["price_usd"]) / START))
    sides[row["side"]].append((out, KEEP * float(row["notional_usd"])))
for levels in sides.values():
    levels.sort()


def cascade(levels, push=0.0, jump=0.0):
    """Outward final log price and forced notional of a push, then of every level within reach."""
    done = missing = forced = 0.0

    def price():
        return jump + PHI * 0.01 * done / DEPTH + 0.01 * (missing / DEPTH) ** (1 / SHAPE)

    def execute(usd):
        nonlocal done, missing
        missing += (1 - PHI) * usd * (1 + GAMMA * forced / DEPTH)
        done += usd

    execute(push)
    for out, usd in levels:
        if out > price() + 1e-10:
            break
        execute(usd)
        forced += usd
    return price(), forced


def least(good, hi):
    lo = 0.0
    for _ in range(200):
        lo, hi = (lo, (lo + hi) / 2) if good((lo + hi) / 2) else ((lo + hi) / 2, hi)
    return hi


def order(way):
    return least(lambda usd: cascade([], usd)[0] >= way, 1e12)


def near(what, value, expected, tolerance=1e-9):
    assert abs(value - expected) <= tolerance * max(1, abs(expected)), (what, value, expected)


END
}

# ---- map -------------------------------------------------------------------------------------

@test "map --json has the keys of the contract and the numbers of the definitions" {
    squeeze map "$scenario" --json >"$dir/map.json"
    { market; cat <<'END'
got = load(folder + "/map.json")
assert got["schema"] == "squeeze/map-1" and got["scenario"] == "small"
for key in "version short_usd long_usd imbalance within clusters branching danger_zones".split():
    assert key in got, key
total = {side: sum(usd for _, usd in levels) for side, levels in sides.items()}
near("shorts", got["short_usd"], total["short"])
near("longs", got["long_usd"], total["long"])
near("imbalance", got["imbalance"], total["short"] / total["long"])
assert [row["percent"] for row in got["within"]] == [2, 5, 10, 20]
for row in got["within"]:
    x = row["percent"] / 100
    near("within", row["short_usd"], sum(u for d, u in sides["short"] if d <= math.log1p(x) + 1e-10))
    near("within", row["long_usd"], sum(u for d, u in sides["long"] if d <= -math.log1p(-x) + 1e-10))

delta = 0.005
def ratio(side, p):
    lo = max(p - delta / 2, 0)
    return sum(u for d, u in sides[side] if lo <= d < lo + delta) / order(delta)

branching = got["branching"]
near("scale", branching["scale_bp"], 50)
near("initial", branching["initial"], max(ratio("short", 0), ratio("long", 0)))
centres = sorted({d + s * delta / 2 for d, _ in sides["short"] for s in (-1, 1)})
most = max((ratio("short", (a + b) / 2), -(a + b) / 2) for a, b in zip(centres, centres[1:]))
near("max", branching["max"], most[0])
near("where", branching["max_price_usd"], START * math.exp(-most[1]), 1e-6)

zones = got["danger_zones"]
assert len(zones) >= 3 and {zone["side"] for zone in zones} == {"short", "long"}
for zone in zones:
    side, sign = zone["side"], 1 if zone["side"] == "short" else -1
    lo, hi = sorted(sign * math.log(zone[key] / START) for key in ("lo_usd", "hi_usd"))
    assert zone["lo_usd"] < zone["hi_usd"]
    assert ratio(side, lo + 1e-9) >= 1 and ratio(side, hi - 1e-9) >= 1
    assert (lo < 1e-12 or ratio(side, lo - 1e-9) < 1) and ratio(side, hi + 1e-9) < 1
    near("notional", zone["notional_usd"], sum(u for d, u in sides[side] if lo <= d <= hi))
    first = [level for level in sides[side] if level[0] >= lo - 1e-12]
    reach, forced = cascade(first, 0, first[0][0])
    near("reach", zone["reach_usd"], START * math.exp(sign * reach))
    near("forced", zone["forced_usd"], forced)
    assert zone["worst_forced_usd"] >= zone["forced_usd"]
assert any(zone["worst_forced_usd"] > zone["forced_usd"] for zone in zones)
for cluster in got["clusters"]:
    assert cluster["lo_usd"] <= cluster["price_usd"] <= cluster["hi_usd"]
    assert abs(math.log(cluster["hi_usd"] / cluster["lo_usd"])) <= delta
END
    } | python3 - "$dir"
}

@test "map without longs has no imbalance, without levels no ratio" {
    levels "$dir/levels.csv" short,101,1000
    squeeze map "$scenario" --json >"$dir/shorts.json"
    levels "$dir/levels.csv" short,101,0
    squeeze map "$scenario" --json >"$dir/empty.json"
    squeeze map "$scenario" | grep -q 'no danger zone'
    python3 - "$dir" <<'END'
import sys
from results import *

shorts, empty = (load(sys.argv[1] + "/%s.json" % name) for name in ("shorts", "empty"))
assert shorts["imbalance"] is None and empty["imbalance"] is None
assert shorts["branching"]["max"] > 0 and empty["branching"]["max"] == 0
assert empty["branching"]["max_price_usd"] is None
assert empty["clusters"] == [] and empty["danger_zones"] == []
END
}

@test "map: a scale of one's own; the ratio of a flat book does not depend on it, others' does" {
    local shape
    (echo side,price_usd,notional_usd
        awk 'BEGIN {for (i = 1; i <= 900; i++) print "short," 100 * exp((i - 0.5) * 1e-4) ",7000"}') \
        >"$dir/levels.csv"
    for shape in 1 2; do
        for scale in 20 80; do
            squeeze map "$scenario" --json --scale-bp $scale --set book.shape=$shape >"$dir/$shape-$scale.json"
        done
    done
    python3 - "$dir" <<'END'
import sys
from results import *

ratio = {(shape, scale): load(f"{sys.argv[1]}/{shape}-{scale}.json")["branching"]
         for shape in (1, 2) for scale in (20, 80)}
assert ratio[1, 20]["scale_bp"] == 20 and ratio[1, 80]["scale_bp"] == 80
n = 0.9 * 1.7 * 7000 / 1e-4 / (1e6 / 0.01)
for scale in (20, 80):
    assert abs(ratio[1, scale]["initial"] - n) < n / scale and abs(ratio[1, scale]["max"] - n) < 2 * n / scale
assert ratio[2, 80]["initial"] < 0.5 * ratio[2, 20]["initial"]
END
}

@test "map: the first lines answer the question" {
    squeeze map "$scenario" >"$dir/said"
    head -n 1 "$dir/said" | grep -qx 'small: start 100.00 usd, levels x 1.7'
    grep -q '^  shorts above the price 2.66 M usd, longs below 1.36 M usd: 1.96 to 1$' "$dir/said"
    grep -q 'branching ratio at 50 bp: .* at the start, at most .*, at' "$dir/said"
    grep -Eq '^    [0-9.]+-[0-9.]+: [0-9.]+ [kM] of shorts$' "$dir/said"
    grep -Eq '^      near edge, [0-9.]+: forces [0-9.]+ [kM] and ends at [0-9.]+$' \
        "$dir/said"
    ! grep -qi nan "$dir/said"
}

@test "map: where no forced order moves what levels watch, it says so, and no infinity" {
    local more reason
    while IFS='|' read -r more reason; do
        squeeze map "$scenario" $more >"$dir/said"
        flowing "$dir/said" | grep -qF "(no forced order moves the price that levels watch: $reason)" ||
            complain "$more: not said"
        ! grep -qi '\binf' "$dir/said" || complain "$more: $(grep -i '\binf' "$dir/said")"
        grep -q 'branching ratio is below 1 everywhere' "$dir/said" || complain "$more: zones"
    done <<'END'
--set impact=off|impact is off
--set trigger=index --set book.permanent=0|it is the index, and no impact is permanent
END
    squeeze map "$scenario" --set trigger=index | flowing | grep -q 'that move the index as far' || complain "index"
    ! squeeze map "$scenario" | grep -q 'no forced order moves' || complain "said of any map"
    no_complaints
}

@test "map: levels crossed at the start are told apart, and are in no other number" {
    levels "$dir/levels.csv" short,99,200000 short,100,400000 short,101,70000 long,99.5,30000 long,100.5,50000
    squeeze map "$scenario" --allow-crossed --set levels.scale=1 --set levels.topup=0 >"$dir/said"
    flowing "$dir/said" | grep -q ' already crossed: 600 k usd of shorts and 50.0 k usd of longs, which fire at time zero and are in no other number here '
    grep -qx '  shorts above the price 70.0 k usd, longs below 30.0 k usd: 2.33 to 1' "$dir/said"
    grep -Eqx '  shorts +70.0 k +70.0 k +70.0 k +70.0 k' "$dir/said"
    grep -Eqx '  longs +30.0 k +30.0 k +30.0 k +30.0 k' "$dir/said"
    squeeze map "$scenario" --allow-crossed --set levels.scale=1 --set levels.topup=0 --json >"$dir/map.json"
    python3 - "$dir" <<'END'
import sys
from results import *

got = load(sys.argv[1] + "/map.json")
assert got["crossed"] == {"short_usd": 600000, "long_usd": 50000}
assert got["short_usd"] == 70000 and got["long_usd"] == 30000 and got["imbalance"] == 7 / 3
assert all(row["short_usd"] == 70000 and row["long_usd"] == 30000 for row in got["within"])
END
    levels "$dir/levels.csv" short,101,70000
    ! squeeze map "$scenario" --allow-crossed | grep -q crossed
}

@test "map: a mark is taken for the last price, and that is said" {
    squeeze map "$scenario" --set trigger=mark >"$dir/mark"
    grep -q 'levels watch the mark.* late' "$dir/mark"
    squeeze map "$scenario" >"$dir/last"
    grep -v 'levels watch the mark\|taken for the last price' "$dir/mark" | cmp - "$dir/last"
    ! squeeze map "$scenario" --set trigger=index | grep -q mark
}

@test "map: of many zones those with most notional are shown, outward" {
    # Fifteen zones between two levels each, and then two with a level of their own.
    (echo side,price_usd,notional_usd
        awk 'BEGIN {for (i = 1; i <= 15; i++) print "short," 100 + i ",300000\nshort," 100.35 + i ",300000"
            print "short,140,900000\nlong,80,800000"}') >"$dir/levels.csv"
    squeeze map "$scenario" --set levels.scale=1 --set levels.topup=0 --set book.shape=1 >"$dir/said"
    flowing "$dir/said" | grep -q ' 17 danger zones, [^:]*; the 10 with most notional '
    [[ $(grep -cE '^    [0-9.]+-[0-9.]+: (between|[0-9])' "$dir/said") == 10 ]]
    grep -q ': 900 k of shorts$' "$dir/said"
    grep -q ': 800 k of longs$' "$dir/said"
    grep -A 1 '^    101.*: between shorts$' "$dir/said" | grep -q '^      the next level, 101.35: forces'
    grep -oE '^    [0-9.]+-' "$dir/said" | sed '$d' | tr -d ' -' | sort -cn
}

@test "map: a ratio above 1 too narrow for a zone is no zone, and no ratio below 1" {
    levels "$dir/levels.csv" short,101,260000 short,101.5,260000
    squeeze map "$scenario" --set levels.scale=1 --set levels.topup=0 --set book.shape=1 >"$dir/said"
    grep -q 'at most 1.04, at 101.25$' "$dir/said"
    flowing "$dir/said" | grep -q ' no danger zone: the branching ratio is 1 or more only on less than 5 bp '
    # A ratio that two decimals would round to 1 has more of them.
    levels "$dir/levels.csv" short,101,499700
    squeeze map "$scenario" --set levels.scale=1 --set levels.topup=0 --set book.shape=1 |
        grep -q 'at most 0.999, at 101'
}

@test "map -o: its files agree with each other and with batch -o; plot draws it again" {
    squeeze map "$scenario" --json -q -o "$dir/map" --no-plot >"$dir/map.json"
    cmp "$dir/map.json" "$dir/map/map.json"
    [[ $(ls -A "$dir/map" | sort | paste -sd ' ') == \
        "branching.csv manifest.json map.csv map.gp map.json zones.csv" ]]
    squeeze batch "$scenario" -n 10 -s 1 -q -o "$dir/batch" --no-plot >"$dir/said"
    cmp "$dir/map/branching.csv" "$dir/batch/branching.csv"
    cmp "$dir/map/map.csv" "$dir/batch/map.csv"
    python3 - "$dir" <<'END'
import sys
from results import *

folder = sys.argv[1] + "/map"
got = load(folder + "/map.json")
manifest = load(folder + "/manifest.json")
assert manifest["schema"] == "squeeze/manifest-1" and manifest["branching"] == got["branching"]
assert manifest["branching"] == load(sys.argv[1] + "/batch/manifest.json")["branching"]
assert "seed" not in manifest and len(manifest["files"]) == 2
zones = table(folder + "/zones.csv")
assert len(zones) == len(got["danger_zones"])
for row, zone in zip(zones, got["danger_zones"]):
    assert row["side"] == zone["side"]
    for key in ("lo_usd", "hi_usd", "notional_usd", "reach_usd", "forced_usd", "worst_from_usd",
                "worst_reach_usd", "worst_forced_usd"):
        assert float(row[key]) == zone[key]
pieces = table(folder + "/branching.csv")
assert list(pieces[0]) == ["side", "price_lo_usd", "price_hi_usd", "ratio"]
assert max(float(row["ratio"]) for row in pieces) == got["branching"]["max"]
for side in ("short", "long"):
    own = [row for row in pieces if row["side"] == side]
    near, far = ("price_lo_usd", "price_hi_usd") if side == "short" else ("price_hi_usd", "price_lo_usd")
    assert float(own[0][near]) == 100
    assert all(a[far] == b[near] for a, b in zip(own, own[1:]))
END
    command -v gnuplot || skip "gnuplot is not installed"
    [[ -z $(squeeze plot "$dir/map" -q --format svg 2>&1) ]]
    grep -q 'branching ratio at 50 bp' "$dir/map/map.svg"
}

# ---- ignite ----------------------------------------------------------------------------------

@test "ignite --json has the keys of the contract and the numbers of a plain search" {
    squeeze ignite "$scenario" --json >"$dir/up.json"
    squeeze ignite "$scenario" --json --side down >"$dir/down.json"
    { market; cat <<'END'
for name, side, sign, goal in (("up", "short", 1, 106), ("down", "long", -1, 95.5)):
    got = load(folder + "/%s.json" % name)
    for key in ("schema target_usd push_usd push_percent shock_percent forced_usd final_usd "
                "push_without_levels_usd curve").split():
        assert key in got, key
    assert got["schema"] == "squeeze/ignite-1" and got["side"] == name
    near("goal", got["target_usd"], goal)
    way, levels = abs(math.log(goal / START)), sides[side]
    push = least(lambda usd: cascade(levels, usd)[0] >= way - 1e-10, 1e12)
    shock = least(lambda jump: cascade(levels, 0, jump)[0] >= way - 1e-10, 1)
    final, forced = cascade(levels, got["push_usd"])
    near("push", got["push_usd"], push)
    near("by itself", got["push_percent"], 100 * math.expm1(sign * cascade([], push)[0]))
    near("shock", got["shock_percent"], 100 * math.expm1(sign * shock))
    near("forced", got["forced_usd"], forced)
    near("final", got["final_usd"], START * math.exp(sign * final))
    near("alone", got["push_without_levels_usd"], order(way))
    assert got["push_usd"] < 0.9 * got["push_without_levels_usd"]
    assert len(got["curve"]) > 100 and got["jumps"]
    before = 0
    for point in got["curve"]:
        assert point["push_usd"] >= before
        before = point["push_usd"]
        final, forced = cascade(levels, point["push_usd"])
        near("curve", point["final_usd"], START * math.exp(sign * final))
        near("curve", point["forced_usd"], forced)
    for jump in got["jumps"]:
        assert abs(math.log(jump["to_usd"] / jump["from_usd"])) > 0.0099 * way
        for share, key in ((1 - 1e-11, "from"), (1 + 1e-11, "to")):
            final, forced = cascade(levels, jump["push_usd"] * share)
            near("jump", jump[key + "_usd"], START * math.exp(sign * final), 1e-8)
            near("jump", jump[key + "_forced_usd"], forced)
END
    } | python3 - "$dir"
}

@test "ignite looks at the target, else at the floor, on the side that is asked for" {
    local towards rows
    while read -r towards rows; do
        squeeze ignite "$scenario" --json $rows >"$dir/got.json"
        grep -q "\"towards\": \"$towards\"" "$dir/got.json" || complain "$rows: not the $towards"
    done <<'END'
target
floor --side down
target --side up
target --side down --set target=97
floor --side up --set target=97 --set floor=103
target --set target=97 --set floor=103
END
    no_complaints
}

@test "ignite --with-decay: an order too long to follow is an error at once, not after minutes" {
    levels "$dir/levels.csv" short,101,210000000 long,99,1
    scenario "$dir/long.csv" target,104,usd slice.rate,1k,usd/s slice.interval,1,ms
    local got=0
    timeout 30 "$SQUEEZE" ignite "$dir/long.csv" --with-decay 600 -q >"$dir/said" 2>&1 || got=$?
    ((got == 3)) || complain "status $got"
    grep -q "slice.interval: too many child orders to follow a paced order to its end" "$dir/said" || complain "$(<"$dir/said")"
    no_complaints
}

@test "ignite --with-decay: in no time the same, over longer more" {
    local over
    for over in 1e-7 60 600; do
        squeeze ignite "$scenario" --json --with-decay $over >"$dir/$over.json"
    done
    squeeze ignite "$scenario" --with-decay 600 | grep -q 'paced order (TWAP) over 10 min: .* in 600 child orders'
    python3 - "$dir" <<'END'
import sys
from results import *

now, minute, ten = (load(f"{sys.argv[1]}/{over}.json") for over in ("1e-7", "60", "600"))
assert now["push_over_s"] == 1e-7 and ten["push_over_s"] == 600 and ten["push_child_orders"] == 600
assert abs(now["push_with_decay_usd"] / now["push_usd"] - 1) < 2e-6
assert now["push_usd"] == ten["push_usd"]
assert now["push_usd"] < minute["push_with_decay_usd"] < ten["push_with_decay_usd"]
END
}

@test "ignite: nothing is needed where levels that were crossed do it" {
    levels "$dir/levels.csv" short,99.5,9000000 short,103,100
    squeeze ignite "$scenario" --allow-crossed --json >"$dir/got.json"
    grep -q '"push_usd": 0.0' "$dir/got.json"
    grep -q '"shock_percent": 0.0' "$dir/got.json"
    squeeze ignite "$scenario" --allow-crossed | grep -q 'nothing is needed'
}

@test "ignite -o: its files agree with each other; plot draws it again" {
    squeeze ignite "$scenario" --json -q -o "$dir/ignite" --no-plot >"$dir/ignite.json"
    cmp "$dir/ignite.json" "$dir/ignite/ignite.json"
    [[ $(ls -A "$dir/ignite" | sort | paste -sd ' ') == \
        "ignite.json ignition.csv ignition.gp jumps.csv manifest.json" ]]
    python3 - "$dir/ignite" <<'END'
import sys
from results import *

got = load(sys.argv[1] + "/ignite.json")
for name, rows, keys in (
        ("ignition", got["curve"], {"without_levels_usd": "final_without_levels_usd"}), ("jumps", got["jumps"], {})):
    lines = table(f"{sys.argv[1]}/{name}.csv")
    assert len(lines) == len(rows) > 0
    for line, row in zip(lines, rows):
        assert all(float(text) == row[keys.get(key, key)] for key, text in line.items())
END
    # Another answer in its place leaves nothing of it.
    squeeze map "$scenario" -q --force -o "$dir/ignite" --no-plot >"$dir/said"
    [[ $(ls -A "$dir/ignite" | sort | paste -sd ' ') == \
        "branching.csv manifest.json map.csv map.gp map.json zones.csv" ]]
    squeeze ignite "$scenario" -q --force -o "$dir/ignite" --no-plot >"$dir/said"
    [[ $(ls -A "$dir/ignite" | sort | paste -sd ' ') == \
        "ignite.json ignition.csv ignition.gp jumps.csv manifest.json" ]]
    command -v gnuplot || skip "gnuplot is not installed"
    [[ -z $(squeeze plot "$dir/ignite" -q --format svg 2>&1) ]]
    grep -q 'final price, USD' "$dir/ignite/ignition.svg"
}

@test "map: the figure shows the last stretch of the ratio, and does not call crossed levels above" {
    command -v gnuplot || skip "gnuplot is not installed"
    levels "$dir/levels.csv" short,101,900000 short,98,3000
    squeeze map "$scenario" --allow-crossed -q -o "$dir/map" --format svg >"$dir/said"
    # The only level's stretch is its first and its last: its danger zone and its ratio are drawn.
    grep -q 'rgb(251, *231, *217)' "$dir/map/map.svg"
    grep -q 'rgb(236, *147, *82)' "$dir/map/map.svg"
    grep -q 'some already crossed' "$dir/map/map.svg"
    ! grep -q 'above the price' "$dir/map/map.svg"
}

@test "figures of empty, one-sided and runaway maps draw without a word" {
    command -v gnuplot || skip "gnuplot is not installed"
    local case
    printf 'side,price_usd,notional_usd\nshort,101,0\n' >"$dir/none.csv"
    printf 'side,price_usd,notional_usd\nlong,97,20000\n' >"$dir/long.csv"
    (echo side,price_usd,notional_usd; for i in $(seq 101 300); do echo short,$i,9000000; done) >"$dir/run.csv"
    for case in none long run; do
        cp "$dir/$case.csv" "$dir/levels.csv"
        for command in map ignite; do
            said=$(squeeze $command "$scenario" --set levels.scale=1 -q --force -o "$dir/$case-$command" \
                --format svg 2>&1 >"$dir/answer") || complain "$command, $case: failed"
            [[ -z $said ]] || complain "$command, $case: $said"
            ! grep -Eqi '(^|[^a-z])(nan|inf)([^a-z]|$)' "$dir/answer" || complain "$command, $case: nan or inf"
        done
    done
    no_complaints
}

# ---- options and errors ------------------------------------------------------------------------

@test "bad options and scenarios without a price to reach: one clear line, nothing left" {
    fails 2 "--scale-bp: '0' is not a number above 0" map "$scenario" --scale-bp 0
    fails 2 "--scale-bp: '-3' is not a number above 0" map "$scenario" --scale-bp -3
    fails 2 "--scale-bp: '50bp' is not a number" map "$scenario" --scale-bp 50bp
    fails 2 "--scale-bp: '' is not a number" map "$scenario" --scale-bp ''
    fails 2 "--scale-bp: 'inf' is not a number" map "$scenario" --scale-bp inf
    fails 2 "--scale-bp: 1e-06 bp is no wider than levels that count as one; expected more than 1e-06 bp" \
        map "$scenario" --scale-bp 1e-6 -o "$dir/result"
    leaves_nothing "$dir/result"
    fails 2 "--side: 'left' is no side; expected up or down" ignite "$scenario" --side left
    fails 2 "--with-decay: '0' is not a number above 0" ignite "$scenario" --with-decay 0
    fails 2 "--with-decay: 90000 s is longer than the scenario's horizon of 86400 s" \
        ignite "$scenario" --with-decay 90000
    fails 2 "is not an option of squeeze map" map "$scenario" --side up
    fails 2 "is not an option of squeeze batch" batch "$scenario" --scale-bp 50
    fails 3 "target: neither it nor the floor lies above the price" \
        ignite "$scenario" --side up --set target=97 -o "$dir/result"
    leaves_nothing "$dir/result"
    sed -i '/^target/d; /^floor/d' "$scenario"
    fails 3 "$scenario: target: is not set, and no floor is" ignite "$scenario" -o "$dir/result"
    leaves_nothing "$dir/result"
    squeeze map "$scenario" -q --no-plot -o "$dir/result" >"$dir/said"
    fails 1 "exists and is not empty" map "$scenario" -o "$dir/result"
    fails 2 "squeeze map needs SCENARIO" map
    rm "$dir/result/map.json"
    fails 3 "expected a result of squeeze batch -o, or of compare, sweep, map, ignite, bound, replay or score" plot "$dir/result"
    no_complaints
}

@test "a full disk is an error" {
    [[ -w /dev/full ]] || skip "no /dev/full"
    local command
    for command in map ignite; do
        ! squeeze $command "$scenario" >/dev/full 2>"$dir/said" || complain "$command: no error"
        grep -q 'cannot be written' "$dir/said" || complain "$command: $(cat "$dir/said")"
    done
    no_complaints
}

# Depth 100M within 1 %, flat: 30M carry the price 30 bp. 101 and 101.35 are 34.6 bp apart, 101.2 is 19.8 bp off.
@test "where no level reaches the next, no liquidations feed themselves" {
    local dir=$BATS_TEST_TMPDIR rows calm="but no cascade there reaches a second level."
    scenario "$dir/scenario.csv" book.depth,100M,usd book.shape,1,1
    for rows in short,101,60000000 "short,101,30000000 short,101.35,30000000"; do
        # shellcheck disable=SC2086
        levels "$dir/levels.csv" $rows long,50,1
        squeeze map "$dir/scenario.csv" -q | flowing >"$dir/said"
        grep -Eq "On the way up the branching ratio is 1 or more from 10[01][0-9.]+ on \(\+[0-9.]+ %\), $calm" "$dir/said" ||
            complain "$rows: $(<"$dir/said")"
        grep -q " at that level alone and ends at " "$dir/said" || complain "$rows: zone: $(<"$dir/said")"
        ! grep -q "On the way up the liquidations" "$dir/said" || complain "$rows: feeds"
    done
    for rows in "short,101,30000000 short,101.2,30000000" "short,101,40000000 short,101.35,30000000" \
        "short,101,60000000 short,105,30000000 short,105.2,25000000"; do
        # shellcheck disable=SC2086
        levels "$dir/levels.csv" $rows long,50,1
        squeeze map "$dir/scenario.csv" -q | flowing >"$dir/said"
        grep -q "On the way up the liquidations feed themselves from 10" "$dir/said" || complain "$rows: $(<"$dir/said")"
    done
    grep -q "feed themselves from 10[45]" "$dir/said" || complain "the zone of one level: $(<"$dir/said")"
    no_complaints
}
