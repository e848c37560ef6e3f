# SPDX-License-Identifier: GPL-3.0-or-later
# What people read: sentences, tables, digits, lines of 80 columns, and what the shell completes.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    printf '%s\n' state,drift_per_d,volatility,depth,to_calm_per_d,to_Zärtlichkeit_per_d,to_2fast_per_d \
        calm,0,1,1,0,2,1 Zärtlichkeit,0,1,1,3,0,1 2fast,0,1,1,1,1,0 >"$dir/regimes.csv"
    scenario "$dir/scenario.csv" regimes,regimes.csv,
}

@test "shares of regimes are told by the names of the states, beside the number that files have" {
    squeeze batch "$dir/scenario.csv" -n 40 -s 1 -q >"$dir/table"
    squeeze batch "$dir/scenario.csv" -n 40 -s 1 -q --json >"$dir/answer.json"
    python3 - "$dir" <<'END'
import sys
from results import load
rows = [line for line in open(sys.argv[1] + "/table", encoding="utf-8") if line.startswith("  regimes.")]
told = load(sys.argv[1] + "/answer.json")["drivers"]["regimes"]
names = ["switches"] + [f"share_{i} ({name})" for i, name in enumerate(("calm", "Zärtlichkeit", "2fast"), 1)]
assert [row[2:row.rindex("[")].rsplit(None, 1)[0].rstrip() for row in rows] == ["regimes." + n for n in names]
for row, key in zip(rows, ("switches", "share_1", "share_2", "share_3")):
    value, e = float(row[:row.index("[")].split()[-1]), told[key]
    assert abs(value - e["value"]) <= 0.051 * (e["hi"] - e["lo"]), row
END
}

@test "measures of a driver without words, and of regimes as files name them, keep their names" {
    scenario "$dir/scenario.csv" regimes,regimes.csv, flow.rate,20,1/d flow.size,5k,usd
    squeeze batch "$dir/scenario.csv" -n 20 -s 1 -q -o "$dir/result" --no-plot --outcomes >"$dir/table"
    grep -q "^  flow\.[a-z_]*  *[0-9]" "$dir/table"
    head -n 1 "$dir/result/outcomes.csv" | grep -q "regimes.share_1,regimes.share_2,regimes.share_3"
}

@test "a name of more than one byte a letter does not move the column" {
    sed -i 's/Zärtlichkeit/Zah/g' "$dir/regimes.csv"
    squeeze batch "$dir/scenario.csv" -n 40 -s 1 -q >"$dir/plain"
    sed -i 's/Zah/Zäh/g' "$dir/regimes.csv"
    squeeze batch "$dir/scenario.csv" -n 40 -s 1 -q >"$dir/umlaut"
    cmp <(sed 's/ä/a/' "$dir/umlaut") "$dir/plain"
}

# ---- lines of 80 columns ---------------------------------------------------------------------

# fits COMMAND...: no line of standard output is longer than 80 characters.
fits() {
    local long
    squeeze "$@" >"$dir/printed" 2>"$dir/words" </dev/null || complain "squeeze $*: $(<"$dir/words")"
    long=$(LC_ALL=C.UTF-8 awk 'length > 80' "$dir/printed" | head -n 1)
    [[ -z $long ]] || complain "squeeze $*: $long"
}

@test "what commands print of every shipped scenario fits 80 columns" {
    cd "$BATS_TEST_DIRNAME/../.."
    local file few
    for file in scenarios/*.csv; do
        few=()
        [[ $file != scenarios/f-* ]] || few=(--set population.accounts=700)
        fits batch "$file" -n 12 -s 1 "${few[@]}"
        fits map "$file" "${few[@]}"
        fits ignite "$file" --with-decay 600 "${few[@]}"
        fits run "$file" -s 1 "${few[@]}"
        fits check "$file" --show
        fits compare "$file" "$file" -n 3 -s 1 "${few[@]}"
    done
    for file in a-wall-14to1-discounted e-fomc-day c-deleveraging-claimed; do
        fits sweep scenarios/$file.csv --tornado -n 3 -s 1
        fits sweep scenarios/$file.csv --vary book.depth=100M:1B:2:log --vary volatility=0.01:0.05:2 -n 3 -s 1
    done
    fits models
    fits help
    for file in check run batch compare sweep map ignite margin plot models help; do
        fits help $file
    done
    no_complaints
}

@test "the longest notes, remarks and numbers fit 80 columns" {
    fits sweep scenarios/a-wall-14to1-discounted.csv --vary levels.scale=0.1:1:3:log --refine 2 -n 9 -s 1
    # Sides known to different depths, and a map that goes beyond both.
    levels "$dir/levels.csv" short,101,90000000000 long,99,70000000000
    scenario "$dir/scenario.csv" target,106,usd book,table, book.table,book.csv,
    sed -i '/^book.depth,/d' "$dir/scenario.csv"
    printf '%s\n' side,distance_bp,cumulative_usd ask,50,1000000 ask,1234,2000000 bid,50,1000000 \
        bid,987.6,2000000 >"$dir/book.csv"
    fits batch "$dir/scenario.csv" -n 40 -s 3 -q
    grep -q 'the price left the known depth (12.34 % up, 9.876 % down)' <(flowing "$dir/printed") || complain "batch"
    fits ignite "$dir/scenario.csv"
    grep -q 'beyond the known depth (12.34 % up, 9.876 % down)' <(flowing "$dir/printed") || complain "ignite"
    fits map "$dir/scenario.csv"
    # Branching ratios and prices of many digits.
    levels "$dir/levels.csv" short,1234567.8901,900000000000000 long,1200000,1
    scenario "$dir/scenario.csv" price,1230000.125,usd book.depth,1,usd
    fits map "$dir/scenario.csv" --scale-bp 123.456
    no_complaints
}

# ---- sentences -------------------------------------------------------------------------------

# says WORDS ARGUMENT...: what a command prints has the words, wherever its lines are broken.
says() {
    local words=$1
    shift
    squeeze "$@" -q 2>&1 | flowing | grep -qF -- "$words" ||
        complain "squeeze $*: not said '$words'" "$(squeeze "$@" -q 2>&1 | head -n 12)"
}

@test "batch says how likely the price is touched, and what the liquidations add" {
    levels "$dir/levels.csv" short,101,3000000 short,101.5,3000000 long,98,2000000
    scenario "$dir/scenario.csv" target,103,usd floor,97,usd
    says "Within 24 h the price touches the target 103.00 with a probability of " batch "$dir/scenario.csv" -n 900 -s 1
    says "Within 24 h the price touches the floor 97.00 with a probability of " batch "$dir/scenario.csv" -n 900 -s 1
    says "; without the liquidations it would be 3" batch "$dir/scenario.csv" -n 900 -s 1
    says " %: they add " batch "$dir/scenario.csv" -n 900 -s 1
    says " What the liquidations add to it was not computed (--no-attribution)." \
        batch "$dir/scenario.csv" -n 90 -s 1 --no-attribution
    says "Impact is off: the liquidations add nothing to it." batch "$dir/scenario.csv" -n 90 -s 1 --set impact=off
    says "no difference seen, what they add is 0 pp [-" batch "$dir/scenario.csv" -n 400 -s 1 --set book.depth=1B
    says "On none of 50 paths does the price touch the target 200.00 within 24 h: the probability is at most 7.1 %" \
        batch "$dir/scenario.csv" -n 50 -s 1 --set target=200
    # Of paths that were not followed to their end nothing is claimed.
    says "20 of 20 paths were cut off by --max-events: what they would have touched is not known." \
        batch "$dir/scenario.csv" -n 20 -s 1 --max-events 1
    ! squeeze batch "$dir/scenario.csv" -n 20 -s 1 --max-events 1 -q 2>&1 | flowing | grep -q "probability is at most" ||
        complain "a probability of paths that were cut off"
    says "On all of 50 paths the price touches the target 100.00" batch "$dir/scenario.csv" -n 50 -s 1 \
        --set target=100.001
    no_complaints
}

@test "one of a thing is not many" {
    scenario "$dir/scenario.csv" target,200,usd
    says ", 1 path, seed 1 On none of 1 path does the price" batch "$dir/scenario.csv" -n 1 -s 1
    says "1 of 1 path was cut off by --max-events: what it would have touched is not known." \
        batch "$dir/scenario.csv" -n 1 -s 1 --max-events 1
    says "on the same 1 exogenous path:" compare "$dir/scenario.csv" "$dir/scenario.csv" -n 1 -s 1
    squeeze batch "$dir/scenario.csv" -n 1 -s 1 2>&1 >/dev/null | grep -q "^squeeze: 1 path in " || complain "batch: in the end"
    squeeze sweep "$dir/scenario.csv" --vary horizon=1:2:2 -n 1 -s 1 2>&1 >/dev/null |
        grep -q "^squeeze: 3 points of 1 path in " || complain "sweep: in the end"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode long,100,0.5,50,isolated >"$dir/positions.csv"
    sed -i '/^levels,/d' "$dir/scenario.csv"
    says " 1 position in 1 account at full;" check "$dir/scenario.csv" --set positions="$dir/positions.csv"
    no_complaints
}

@test "without a watched price batch says what is liquidated, and what impact adds" {
    scenario "$dir/scenario.csv"
    says "20 of 20 paths were cut off by --max-events: what would have been liquidated there is not known." \
        batch "$dir/scenario.csv" -n 20 -s 1 --max-events 1
    says "Within 24 h a mean of " batch "$dir/scenario.csv" -n 300 -s 1
    says "; without impact it would be " batch "$dir/scenario.csv" -n 300 -s 1
    says "What their impact adds was not computed (--no-attribution)." batch "$dir/scenario.csv" -n 30 -s 1 --no-attribution
    says "On none of 50 paths is anything liquidated within 1 s: the mean is at most 110 k usd" \
        batch "$dir/scenario.csv" -n 50 -s 1 --set horizon=1s
    no_complaints
}

@test "compare, sweep, map and ignite begin with the answer" {
    scenario "$dir/scenario.csv" target,103,usd
    scenario "$dir/other.csv" target,103,usd volatility,0.05,'1/sqrt(d)'
    says " more. In 1 " compare "$dir/scenario.csv" "$dir/other.csv" -n 400 -s 1
    says ": no difference seen, 0 pp [-" compare "$dir/scenario.csv" "$dir/scenario.csv" -n 40 -s 1
    says "P(target 103.00) runs from " sweep "$dir/scenario.csv" --vary volatility=0.01:0.05:3 -n 200 -s 1
    says "No difference seen: as the scenario is P(target 103.00) is " \
        sweep "$dir/scenario.csv" --vary book.depth=1B:2B:2 -n 40 -s 1
    says "On the way up the liquidations nowhere feed themselves: every cascade dies out." map "$dir/scenario.csv" \
        --set book.depth=1B
    says "On the way up the liquidations feed themselves from " map "$dir/scenario.csv" --set book.depth=100k
    says "One market buy order of " ignite "$dir/scenario.csv"
    says " carries the price to 103.00 (+3 %); without liquidations it would take " ignite "$dir/scenario.csv"
    no_complaints
}

# ---- numbers ---------------------------------------------------------------------------------

# 8.5 % away at 2 % a day, one path in 22,109 gets there (reflection principle): 45,230 USD a path.
@test "a mean of no hits has an upper limit, as a probability has" {
    levels "$dir/levels.csv" short,108.5,1000000000 long,50,1
    scenario "$dir/rare.csv" target,108.5,usd volatility,0.02,'1/sqrt(d)' book.depth,100M,usd
    squeeze batch "$dir/rare.csv" -n 10000 -s 1 -q --json >"$dir/answer.json"
    squeeze batch "$dir/rare.csv" -n 10000 -s 1 -q >"$dir/table"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import load
answer = load(sys.argv[1])
p = answer["target"]["probability"]
for key in ("mean", "short", "direct"):
    e = answer["forced_usd"][key]
    assert e["value"] == 0 == e["lo"] and 45230 < e["hi"] < 1.001e9 * p["hi"], (key, e)
assert answer["forced_usd"]["long"]["hi"] == p["hi"]   # of 1 USD
induced = answer["forced_usd"]["induced"]
assert induced["lo"] == -induced["hi"] < 0
END
    grep -q '^  forced notional, mean  *0 usd  \[0, 380 k\]$' "$dir/table"
    levels "$dir/levels.csv" short,115,1000000000
    scenario "$dir/rare.csv" volatility,0.02,'1/sqrt(d)' book.depth,100M,usd
    squeeze sweep "$dir/rare.csv" --vary book.depth=50M:80M:2 -n 10000 -s 1 -q >"$dir/swept"
    grep -Eq '^ +50.0 M  +0 \[0, [0-9]+ k\] +0 \+- 280 k$' "$dir/swept" || complain "$(<"$dir/swept")"
    no_complaints
}

@test "no digits below the noise, and no minus before nothing" {
    scenario "$dir/scenario.csv" target,103,usd floor,97.5,usd
    squeeze batch "$dir/scenario.csv" -n 500 -s 3 -q >"$dir/table"
    squeeze sweep "$dir/scenario.csv" --vary book.depth=0.9M:1.1M:5 -n 300 -s 3 -q >>"$dir/table"
    ! grep -E -- '-0(\.0+)?[ ,\]]' "$dir/table" || complain "minus nothing"
    python3 - "$dir/table" <<'END'
import re, sys
for value, half in re.findall(r"(-?[\d.,]+) (?:\S+ )?\+- ([\d.]+)", open(sys.argv[1]).read()):
    digits = len(half.replace(".", "").lstrip("0"))
    assert digits <= 2 or "." not in half, half
    decimals = [len(x.split(".")[1]) if "." in x else 0 for x in (value, half)]
    assert decimals[0] <= decimals[1] + 1, (value, half)
END
    no_complaints
}

@test "two points of a sweep never print the same" {
    scenario "$dir/scenario.csv" target,103,usd
    squeeze sweep "$dir/scenario.csv" --vary target=103.001:103.002:3 -n 9 -s 1 -q >"$dir/table"
    grep -q '^ *103.0010 ' "$dir/table" && grep -q '^ *103.0015 ' "$dir/table" || complain "$(<"$dir/table")"
    squeeze sweep "$dir/scenario.csv" --vary book.depth=1.0001M:1.0002M:3 -n 9 -s 1 -q >"$dir/table"
    grep -q '^ *1.00015 M ' "$dir/table" || complain "$(<"$dir/table")"
    no_complaints
}

@test "run prints times as people read them" {
    scenario "$dir/scenario.csv" horizon,100,d volatility,0,'1/sqrt(d)' drift,0.0001,1/d
    squeeze run "$dir/scenario.csv" -s 1 -q >"$dir/run"
    # ln(1.01)/0.0001 = 99.5033085 d
    grep -Eq '^ +99 d 12:04:45.86 liquidation ' "$dir/run" || complain "$(<"$dir/run")"
    grep -Eq '^ +100 d 00:00:00.00 horizon ' "$dir/run" || complain "$(<"$dir/run")"
    no_complaints
}

# ---- words on standard error -----------------------------------------------------------------

@test "a drawn seed is said once nothing is wrong any more" {
    scenario "$dir/scenario.csv" target,103,usd
    mkdir "$dir/taken" && touch "$dir/taken/mine"
    fails 1 "$dir/taken" batch "$dir/scenario.csv" -n 9 -o "$dir/taken"
    [[ $said != *seed* ]] || complain "batch: $said"
    fails 1 "$dir/taken" compare "$dir/scenario.csv" "$dir/scenario.csv" -n 9 -o "$dir/taken"
    [[ $said != *seed* ]] || complain "compare: $said"
    fails 3 "price" sweep "$dir/scenario.csv" --vary price=1:2:2 -n 9
    [[ $said != *seed* ]] || complain "sweep: $said"
    squeeze run "$dir/scenario.csv" 2>&1 >/dev/null | grep -q "^squeeze: seed [0-9]*; repeat" || complain "run"
    no_complaints
}

@test "drawing is announced, and by default one format is drawn" {
    command -v gnuplot >/dev/null || skip "gnuplot is not installed"
    scenario "$dir/scenario.csv" target,103,usd
    squeeze batch "$dir/scenario.csv" -n 30 -s 1 -o "$dir/result" 2>"$dir/words" >/dev/null
    grep -qx "squeeze: drawing [0-9]* figures ..." "$dir/words" || complain "$(<"$dir/words")"
    [[ -s $dir/result/fan.svg && ! -e $dir/result/fan.png && ! -e $dir/result/fan.pdf ]] || complain "formats"
    squeeze plot "$dir/result" --format png -q
    [[ -s $dir/result/fan.png && ! -e $dir/result/fan.pdf ]] || complain "--format png"
    no_complaints
}

# ---- one key, and completion -----------------------------------------------------------------

@test "models KEY shows a key, a model or a family whole" {
    says "book.shape 1 1 exponent of cumulative depth: 1 flat, 2 square-root law range: from 0.1 to 10" models book.shape
    says "one of: last mark index" models trigger
    says "driver flow: " models flow
    says "venue.partial_share 1 0.2" models hyperliquid
    says "venue.fund usd 0" models venue.
    says "book.halflife s 20;900 resilience half-lives" models book
    squeeze models volatility | grep -q drift && complain "models volatility shows others"
    fails 2 "bok.depth: is no key, model or family of keys; did you mean 'book.depth'?" models bok.depth
    no_complaints
}

# completes WORDS LINE...: of the words, the last the one to be completed.
completes() {
    local expected=$1
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _squeeze || true
    [[ "${COMPREPLY[*]}" == "$expected" ]] || complain "${*}: '${COMPREPLY[*]}', expected '$expected'"
}

@test "completion knows commands, options, venues, keys, models and files that are scenarios" {
    scenario "$dir/mine.csv"
    mkdir "$dir/result"
    "$SQUEEZE" help --completion >"$dir/completion"
    source "$dir/completion"
    cd "$dir"
    completes "batch" squeeze ba
    completes "map margin merge models" squeeze m
    completes "--no-attribution --no-plot" squeeze batch --no
    completes "book.shape= book.shape_ask= book.shape_bid=" squeeze batch mine.csv --set book.sh
    completes "levels.scale=" squeeze sweep mine.csv --vary levels.sc
    completes "binance bybit" squeeze margin x.csv --venue b
    completes "up" squeeze ignite mine.csv --side u
    completes "pdf png svg" squeeze plot result --format ""
    completes "hyperliquid" squeeze models hy
    completes "calibrate check compare" squeeze help c
    completes "result" squeeze plot r
    completes "mine.csv" squeeze batch m
    completes "levels.csv" squeeze margin le
    completes "" squeeze batch le
    no_complaints
}
