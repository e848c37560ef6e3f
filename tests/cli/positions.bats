# SPDX-License-Identifier: GPL-3.0-or-later
# Scenarios of open positions, through the whole program.

load helpers

setup_file() {
    python3 "$BATS_TEST_DIRNAME/positions.py" draw "$BATS_FILE_TMPDIR"
    printf '%s\n' time_h,probability,jump_mean,jump_sd,volatility,depth 3,1,-0.012,0.01,1.7,0.4 \
        9,0.6,0.02,0.015,1,1 >"$BATS_FILE_TMPDIR/news.csv"
}

setup() {
    dir=$BATS_TEST_TMPDIR
    cp "$BATS_FILE_TMPDIR"/*.csv "$dir"
}

# both NAME [ROW...]: scenarios NAME-levels and NAME-positions, alike but for what is named.
both() {
    local name=$1
    shift
    set -- volatility,0.06, book.depth,30M,usd withdrawal.gamma,0.3, target,108,usd floor,92,usd "$@"
    scenario "$dir/$name-levels.csv" "$@"
    scenario "$dir/$name-positions.csv" "$@" positions,positions.csv,
    sed -i /^levels,/d "$dir/$name-positions.csv"
}

# agree NAME OPTION...: both scenarios come to the same numbers.
agree() {
    local name=$1 kind
    shift
    for kind in levels positions; do
        squeeze batch "$dir/$name-$kind.csv" -n 50 -s 5 -j 2 -q --no-plot --outcomes \
            -o "$dir/$name-$kind" --force "$@" >/dev/null ||
            complain "$name-$kind $*: status $?"
    done
    python3 "$BATS_TEST_DIRNAME/positions.py" agree "$dir/$name-levels" "$dir/$name-positions" ||
        complain "$name $*: the positions differ from the levels of their liquidation prices"
}

@test "isolated positions of one tier are the levels of their liquidation prices" {
    both quiet
    both jumps jumps.rate,3,1/d jumps.mean,-0.01, jumps.sd,0.02,
    both news calendar,news.csv,
    both flow flow.rate,20,1/h flow.size,100k,usd
    both mark trigger,mark, mark.window,90,s
    both index trigger,index,
    both scaled levels.scale,2.75,
    both late latency,90,s
    both later latency,20,min latency.law,exponential, jumps.rate,3,1/d jumps.mean,-0.01, jumps.sd,0.02,
    local name
    for name in quiet jumps news flow mark index scaled late later; do
        agree "$name"
        agree "$name" --no-attribution
    done
    no_complaints
}

# A population of all kinds under every venue: partial steps, takeovers, deleveraging.
mixed() {
    python3 - "$dir" <<'END'
import random, sys
draw = random.Random(7)
with open(sys.argv[1] + "/mixed.csv", "w") as file:
    file.write("side,entry_usd,quantity,leverage,margin_mode,margin_usd,account\n")
    for i in range(220):
        mode = draw.choice(("isolated", "cross"))
        file.write(f"{draw.choice(('long', 'short'))},{100 * draw.uniform(.98, 1.02)!r},"
                   f"{10 ** draw.uniform(1.5, 4.2)!r},{draw.choice((8, 12, 20))},{mode},,"
                   f"{'a%d' % (i % 37) if mode == 'cross' else ''}\n")
with open(sys.argv[1] + "/tiers.csv", "w") as file:
    file.write("notional_floor,notional_cap,mmr\n0,50000,0.004\n50000,250000,0.005\n"
               "250000,500000,0.01\n500000,,0.025\n")
with open(sys.argv[1] + "/contracts.csv", "w") as file:
    file.write("notional_floor,notional_cap,mmr\n0,500,0.004\n500,2500,0.005\n"
               "2500,5000,0.01\n5000,,0.025\n")
END
    for venue in full binance bybit okx hyperliquid dydx; do
        scenario "$dir/$venue.csv" positions,mixed.csv, venue,$venue, venue.fund,200k,usd \
            volatility,0.05, book.depth,20M,usd calendar,news.csv,
        sed -i /^levels,/d "$dir/$venue.csv"
        case $venue in
        okx) printf '%s\n' venue.tiers,contracts.csv, venue.contract_size,1, >>"$dir/$venue.csv" ;;
        dydx) echo venue.maintenance,0.01, >>"$dir/$venue.csv" ;;
        *) echo venue.tiers,tiers.csv, >>"$dir/$venue.csv" ;;
        esac
    done
}

@test "positions at any venue: the same bytes however the work is divided" {
    local venue jobs
    mixed
    for venue in full binance bybit okx hyperliquid dydx; do
        for jobs in 1 3; do
            squeeze batch "$dir/$venue.csv" -n 300 -s 9 -q -j $jobs --json --outcomes --no-plot \
                -o "$dir/$venue-$jobs" >"$dir/$venue-$jobs.json"
            cmp "$dir/$venue-$jobs.json" "$dir/$venue-1.json" || complain "$venue -j $jobs: stdout"
            diff -rq --exclude manifest.json "$dir/$venue-1" "$dir/$venue-$jobs" ||
                complain "$venue -j $jobs: files differ"
        done
    done
    no_complaints
}

@test "a single path tells what its venue and its drivers measured, as the batch has it" {
    local venue
    mixed
    for venue in binance hyperliquid; do
        squeeze batch "$dir/$venue.csv" -n 4 -s 9 -q --outcomes --no-plot -o "$dir/$venue" >"$dir/said"
        grep -qxF "drivers_text = \"calendar, venue $venue\"" "$dir/$venue/drivers.gp" || complain "$venue: no name"
        grep -qx "measure_1_of_venue = 1" "$dir/$venue/drivers.gp" || complain "$venue: not beneath the price"
        squeeze run "$dir/$venue.csv" -s 9 --path 3 --json -q >"$dir/$venue/run.json"
        squeeze run "$dir/$venue.csv" -s 9 --path 3 -q >"$dir/$venue/run.txt"
        python3 - "$dir/$venue" <<'END' || complain "$venue"
import sys
from results import *

row, run = table(sys.argv[1] + "/outcomes.csv")[3], load(sys.argv[1] + "/run.json")
known = {name: float(text) for name, text in row.items() if "." in name and text}
assert {f"{d}.{m}": v for d, map in run["drivers"].items() for m, v in map.items()} == known
assert known["venue.accounts_liquidated"] > 5 and known["calendar.jumps"] > 0, known
told = [line.split() for line in open(sys.argv[1] + "/run.txt") if line.startswith("  venue.") or line.startswith("  calendar.")]
assert [words[0] for words in told] == list(known), told
values = {words[0]: words[1] for words in told}
for name in ("venue.accounts_liquidated", "venue.adl_count", "calendar.jumps"):
    assert int(values[name].replace(",", "")) == known[name], (name, values[name])
END
    done
    scenario "$dir/none.csv" # neither drivers nor a venue
    squeeze run "$dir/none.csv" -s 9 --json -q | python3 -c \
        'import json, sys; assert "drivers" not in json.load(sys.stdin)' || complain "drivers of none"
    no_complaints
}

@test "in a hedged account each position is closed by an order on its own side" {
    cat >"$dir/hedged.csv" <<'CSV'
side,entry_usd,quantity,leverage,margin_mode,margin_usd,account
long,100,10,,cross,10,a
short,100,6,,cross,10,a
CSV
    printf 'time_h,open_usd,high_usd,low_usd,close_usd\n0,100,100,98,98\n1,88,88,88,88\n' >"$dir/fall.csv"
    cat >"$dir/hedged-scenario.csv" <<'CSV'
key,value,unit
price,100,usd
horizon,2,h
volatility,0,
positions,hedged.csv,
venue,binance,
book.depth,10000,usd
book.permanent,1,
replay,fall.csv,
CSV
    squeeze run "$dir/hedged-scenario.csv" -s 1 -q --json >"$dir/hedged.json"
    python3 - "$dir/hedged.json" <<'PY'
import json, math, sys
events = json.load(open(sys.argv[1]))["events"]
orders = [e for e in events if e["kind"] == "liquidation"]
assert [e["side"] for e in orders] == ["long", "short"], orders
assert [e["row"] for e in orders] == [1, 1], orders  # the first row of the account
signed = [-orders[0]["notional_usd"], orders[1]["notional_usd"]]
log_per_usd = 0.01 / 10000  # a flat book that keeps all of an order's impact
assert math.isclose(orders[0]["notional_usd"], 880, rel_tol=1e-12)
assert math.isclose(events[-1]["displacement_log"], log_per_usd * sum(signed), rel_tol=1e-9)
before = 88 * math.exp(log_per_usd * signed[0])
assert math.isclose(orders[1]["fill_usd"], before * math.exp(log_per_usd * signed[1] / 2), rel_tol=1e-9)
PY
}

# What a venue keeps as one position may stand in several rows: bankrupt at 90, deleveraged there.
@test "rows of one account on one side are one position" {
    printf '%s\n' time_h,probability,jump_mean,jump_sd,volatility,depth \
        "0.5,1,$(python3 -c 'import math; print(math.log(0.8))'),0,1,1" >"$dir/jump.csv"
    local header=side,entry_usd,quantity,leverage,margin_mode,margin_usd,account short=short,100,4000,,isolated,80000,
    printf '%s\n' $header long,100,2000,10,cross,20000,a $short >"$dir/one.csv"
    printf '%s\n' $header long,90,400,10,cross,4000,a $short long,110,400,10,cross,2000,a \
        long,95,400,10,cross,6000,a long,105,400,10,cross,7000,a long,100,400,10,cross,1000,a >"$dir/several.csv"
    for rows in one several; do
        printf '%s\n' key,value,unit price,100,usd horizon,1,h volatility,0, venue,bybit, book.depth,10M,usd \
            book.halflife,inf,s venue.maintenance,0.01, calendar,jump.csv, positions,$rows.csv, >"$dir/$rows-scenario.csv"
        squeeze batch "$dir/$rows-scenario.csv" -n 1 -s 1 -q --json >"$dir/$rows.json"
    done
    python3 - "$dir/one.json" "$dir/several.json" <<'PY'
import json, math, sys
for name in sys.argv[1:]:
    venue = json.load(open(name))["drivers"]["venue"]
    assert venue["bad_debt"]["value"] == 0, venue
    assert math.isclose(venue["adl"]["value"], 2000 * 90, rel_tol=1e-9), venue
    assert venue["accounts_liquidated"]["value"] == 1, venue
PY
}

# In a book that no order moves, orders that come late are as late in the world without impact.
@test "without impact orders of accounts come as late" {
    printf 'time_h,open_usd,high_usd,low_usd,close_usd\n0,100,100,50,50\n' >"$dir/fall.csv"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,margin_usd long,100,900,10,isolated, \
        long,97,300,20,isolated, short,100,500,5,isolated, >"$dir/three.csv"
    for venue in full binance bybit okx hyperliquid; do
        for desk in latency,60,s slice.rate,100,usd/s; do
            printf '%s\n' key,value,unit price,100,usd horizon,1,h volatility,0, book.depth,1e15,usd "$desk" \
                replay,fall.csv, positions,three.csv, venue,$venue, venue.maintenance,0.01, >"$dir/late.csv"
            squeeze batch "$dir/late.csv" -n 1 -s 1 -q --json >"$dir/late.json"
            python3 - "$dir/late.json" <<'PY' || complain "$venue $desk"
import json, math, sys
answer = json.load(open(sys.argv[1]))
forced = answer["forced_usd"]["mean"]["value"]
direct = answer["forced_usd"]["direct"]["value"]
assert forced > 0 and math.isclose(forced, direct, rel_tol=1e-6), (forced, direct)
PY
        done
    done
    no_complaints
}

# Eight shorts of a billion in a book of 20 million: the price leaves every measure.
@test "a runaway ends in absurd numbers, not in an abort" {
    printf '%s\n' time_h,probability,jump_mean,jump_sd,volatility,depth 1,1,0.12,0,1,1 >"$dir/jump.csv"
    { echo side,entry_usd,quantity,leverage,margin_mode,margin_usd; yes short,100,1e7,10,isolated, | head -8; } >"$dir/eight.csv"
    for venue in full binance bybit okx hyperliquid dydx; do
        printf '%s\n' key,value,unit price,100,usd horizon,2,h volatility,0, book.depth,20M,usd book.halflife,inf,s \
            calendar,jump.csv, positions,eight.csv, venue,$venue, >"$dir/runaway.csv"
        squeeze batch "$dir/runaway.csv" -n 2 -s 1 -q --json >"$dir/runaway.json" || complain "$venue: status $?"
    done
    no_complaints
}

# ---- marks and equity ------------------------------------------------------------------------

@test "equity at the mark is the margin that it means" {
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,account,margin_usd \
        long,80,1000,10,cross,a,9000 short,104,500,10,cross,a,0 long,99,300,20,isolated,,1700 \
        >"$dir/positions.csv"
    scenario "$dir/margin.csv" name,same, positions,positions.csv,
    sed -i /^levels,/d "$dir/margin.csv"
    sed 's/positions.csv/export.csv/' "$dir/margin.csv" >"$dir/equity.csv"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,account,mark_usd,equity_usd \
        long,80,1000,10,cross,a,98,30000 short,104,500,10,cross,a,, long,99,300,20,isolated,,98,1400 \
        >"$dir/export.csv"
    local name
    for name in margin equity; do
        squeeze batch "$dir/$name.csv" -n 40 -s 5 -q --json >"$dir/$name.json"
    done
    cmp "$dir/margin.json" "$dir/equity.json"
}

@test "an account below its maintenance whose margin can only be equity is told so" {
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,margin_usd \
        long,104.5,100,20,isolated,80 >"$dir/positions.csv"
    scenario "$dir/scenario.csv" positions,positions.csv,
    sed -i /^levels,/d "$dir/scenario.csv"
    fails 3 "a margin_usd that is equity at a mark belongs in equity_usd" check "$dir/scenario.csv"
    no_complaints
}
