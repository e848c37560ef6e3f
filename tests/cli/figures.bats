# SPDX-License-Identifier: GPL-3.0-or-later
# What figures show and say, as far as a program can look at them: windows, names of lines, signs, widths.

load helpers

setup_file() {
    [[ -z ${SQZ_NO_PICTURES-} ]] || skip "pictures are not looked at"
    command -v gnuplot >/dev/null || skip "no gnuplot"
    cd "$BATS_FILE_TMPDIR"
    cp -r "$BATS_TEST_DIRNAME/../../scenarios" .
    local name
    for name in claimed discounted; do
        squeeze batch scenarios/a-wall-14to1-$name.csv -n 40 -s 2 -q --outcomes --no-plot -o $name >said
        squeeze plot $name -q --format svg
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    dir=$BATS_TEST_TMPDIR
}

# texts FILE...: the texts of figures, one per line, no-break spaces as blanks.
texts() {
    python3 - "$@" <<'END'
import sys
import xml.etree.ElementTree as tree

for name in sys.argv[1:]:
    for text in tree.parse(name).iter("{http://www.w3.org/2000/svg}text"):
        print("".join(text.itertext()).replace("\u00a0", " ").strip())
END
}

# joined FILE: the texts of a figure in one line.
joined() {
    texts "$1" | tr '\n' ' '
}

# asked DIR FIGURE EXPRESSION...: what gnuplot has for them once the figure is drawn.
asked() {
    local where=$1 figure=$2
    shift 2
    (cd "$where" && gnuplot $figure.gp -e "$(printf "print sprintf('%%.17g', real(%s)); " "$@")" 2>&1) | tr '\n' ' '
}

@test "the close-up shows the whole of the largest cascade, and nothing in it is cut off" {
    local name
    for name in claimed discounted; do
        asked $name closeup from_s to_s zero_s lo hi bin_s >"$dir/asked"
        python3 - "$dir" $name <<'END' || complain "$name: $(<"$dir/asked")"
import sys
from results import *

start, end, zero, lo, hi, bin_s = map(float, open(sys.argv[1] + "/asked").read().split())
manifest = load(sys.argv[2] + "/manifest.json")
path, cascade = str(manifest["closeup_path"]), manifest["closeup_cascade"]
outcome, = [row for row in table(sys.argv[2] + "/outcomes.csv") if row["path"] == path]
assert math.isclose(cascade["forced_usd"], float(outcome["largest_cascade_usd"]), rel_tol=1e-12)
rows = [row for row in table(sys.argv[2] + "/paths.csv") if row["path"] == path]
liquidations = [row for row in rows if row["kind"] == "liquidation"]
inside = [row for row in liquidations if cascade["begin_s"] <= float(row["time_s"]) <= cascade["end_s"]]
assert float(inside[0]["generation"]) == 0 and len(inside) >= cascade["liquidations"]
assert max(float(row["generation"]) for row in inside) >= cascade["generations"] > 0
assert sum(float(row["notional_usd"]) for row in inside) >= cascade["forced_usd"]
assert start < cascade["begin_s"] == zero and cascade["end_s"] < end
assert 1.5 * (cascade["end_s"] - zero) <= end - start <= 3 * (cascade["end_s"] - zero)
shown = [row for row in rows if start <= float(row["time_s"]) <= end]
for row in shown:
    for price in (row["price_usd"], row["exogenous_usd"]):
        assert lo < float(price) < hi, (lo, price, hi)
END
    done
    joined claimed/closeup.svg >"$dir/texts"
    grep -q 'minutes from the first liquidation, [0-9.]* [a-z]* after the start' "$dir/texts" || complain "axis: $(<"$dir/texts")"
    grep -q 'The largest cascade: [0-9,]* liquidations of [0-9.]* bn USD within [0-9.]* [a-z]* move the price by +[0-9]* %' \
        "$dir/texts" || complain "title: $(<"$dir/texts")"
    grep -q 'seconds from the first liquidation' <(joined discounted/closeup.svg) || complain "unit of seconds"
    no_complaints
}

@test "the largest cascade is the family with most notional, of liquidations by its own first" {
    # One short sets off the next (a million dollars move 1 %); the long stands by itself.
    levels "$dir/levels.csv" short,101,2000000 short,101.5,3000000 short,103.5,4000000 long,99,7000000
    scenario "$dir/scenario.csv" book.permanent,1,1 book.halflife,inf,s
    squeeze batch "$dir/scenario.csv" -n 20 -s 3 -q -o "$dir/result" --no-plot >"$dir/said"
    python3 - "$dir/result" <<'END'
import sys
from results import *
manifest = load(sys.argv[1] + "/manifest.json")
rows = [row for row in table(sys.argv[1] + "/paths.csv") if row["path"] == str(manifest["closeup_path"])]
shorts = [row for row in rows if row["kind"] == "liquidation" and row["side"] == "short"]
assert [row["generation"] for row in shorts] == ["0", "1", "2"], shorts
cascade = manifest["closeup_cascade"]
assert (cascade["liquidations"], cascade["generations"], cascade["forced_usd"]) == (3, 2, 9e6), cascade
assert cascade["begin_s"] == float(shorts[0]["time_s"]) and cascade["end_s"] == float(shorts[2]["time_s"])
END
    squeeze plot "$dir/result" -q --format svg
    grep -q 'The largest cascade: 3 liquidations of 9 M USD at once move the price by' <(joined "$dir/result/closeup.svg")
    # Without a cascade there is none to zoom to.
    squeeze batch "$dir/scenario.csv" -n 20 -s 3 -q -o "$dir/none" --set impact=off --no-plot >"$dir/said"
    ! grep -q closeup_cascade "$dir/none/manifest.json" || complain "a cascade where there is none"
    squeeze plot "$dir/none" -q --format svg
    grep -q 'Path [0-9]*: [0-9]* liquidations, .* no cascade' <(joined "$dir/none/closeup.svg")
    no_complaints
}

@test "no figure has a hyphen for a minus sign" {
    squeeze sweep scenarios/a-wall-14to1-discounted.csv --tornado -n 20 -s 2 -q -o "$dir/tornado" --no-plot >"$dir/said"
    squeeze sweep scenarios/a-wall-14to1-discounted.csv --vary drift=-0.02:0.02:3 -n 20 -s 2 -q -o "$dir/drift" --no-plot >"$dir/said"
    squeeze sweep scenarios/a-wall-14to1-discounted.csv --vary drift=-0.02:0.02:3 --vary jumps.mean=-0.1:0:2 --set jumps.rate=1 \
        -n 4 -s 2 -q -o "$dir/plane" --no-plot >"$dir/said"
    squeeze ignite scenarios/a-wall-14to1-claimed.csv --side down -q -o "$dir/ignite" --no-plot >"$dir/said"
    squeeze compare scenarios/a-wall-14to1-{claimed,discounted}.csv -n 40 -s 2 -q -o "$dir/compare" --no-plot >"$dir/said"
    squeeze batch scenarios/f-crash-binance.csv -n 4 -s 3 -q --set population.accounts=1500 -o "$dir/crash" --no-plot >"$dir/said"
    local result
    for result in tornado drift plane ignite compare crash; do squeeze plot "$dir/$result" -q --format svg; done
    # A hyphen between letters or digits joins words, and stands in dates and names of files.
    texts "$dir"/*/*.svg claimed/*.svg | grep -vE '^scenarios/' | grep -P '(?<![\w])-[\d.]' >"$dir/hyphens" &&
        complain "$(<"$dir/hyphens")"
    local expected
    for expected in 'tornado/tornado −0.5 % a day' 'drift/sweep −0.02 to 0.02 per day' 'plane/phase −0.02' 'compare/comparison −[0-9]' \
        'crash/drivers jump of −3.9 %'; do
        grep -q -- "${expected#* }" <(joined "$(ls "$dir/${expected%% *}.svg" 2>/dev/null || echo ${expected%% *}.svg)") ||
            complain "missing: $expected"
    done
    no_complaints
}

@test "the fan says what liquidations add, names its lines and keeps time 0 off the axis" {
    local name
    for name in claimed discounted; do
        joined $name/fan.svg >"$dir/texts"
        python3 - "$dir" $name <<'END' || complain "$name: $(<"$dir/texts")"
import re, sys
from results import *
told, uplift = open(sys.argv[1] + "/texts").read(), load(sys.argv[2] + "/summary.json")["target"]["uplift"]
value, half = re.search(r"P\(touch 100,000\) . .*? %.*?; uplift by liquidations \+([\d.]+) ± ([\d.]+) pp", told).groups() \
    if "±" in told.split(" pp")[0].split("uplift")[-1] else re.search(r"liquidations \+([\d.]+) pp \(\+([\d.]+) to", told).groups()
assert abs(float(value) - 100 * uplift["value"]) < 0.051, (value, uplift)
END
        grep -q 'dark line: their median' "$dir/texts" || complain "$name: the median is not explained"
        grep -q 'grey outline: 90 % without the impact of liquidations' "$dir/texts" || complain "$name: the outline"
        grep -q 'thin lines: 8 paths' "$dir/texts" || complain "$name: thin lines"
        asked $name fan 'GPVAL_X_MIN < 0' >"$dir/left"
        [[ $(<"$dir/left") == "1 " ]] || complain "$name: time 0 is on the axis: $(<"$dir/left")"
    done
    # Where some impact is left at the end there is room for both names.
    squeeze batch scenarios/a-wall-14to1-claimed.csv -n 40 -s 2 -q --no-plot -o "$dir/apart" --set target=90000 \
        --set book.permanent=0.5 >"$dir/said"
    squeeze plot "$dir/apart" -q --format svg
    texts "$dir/apart/fan.svg" >"$dir/texts"
    grep -qE '^95 % 1[0-9]{2},[0-9]{3}$' "$dir/texts" || complain "the band is not named"
    grep -qx '95 % without' "$dir/texts" || complain "the outline is not named"
    squeeze batch scenarios/a-wall-14to1-discounted.csv -n 20 -s 2 -q --no-attribution -o "$dir/alone" --no-plot >"$dir/said"
    squeeze plot "$dir/alone" -q --format svg
    ! grep -q uplift <(joined "$dir/alone/fan.svg") || complain "an uplift that was not computed"
    no_complaints
}

@test "no title leaves one word alone on its last line" {
    # Of 23 and 27 characters; a number and its unit are one word.
    local text width expected
    while IFS='|' read -r text width expected; do
        [[ $(cd claimed && gnuplot fan.gp -e "print fill('$text', $width)" 2>&1 | sed 's/ $//' | paste -sd /) == "$expected" ]] ||
            complain "$text, $width: $(cd claimed && gnuplot fan.gp -e "print fill('$text', $width)" 2>&1)"
    done <<'END'
one two three four five six|23|one two three four/five six
one two three four five six|27|one two three four five six
the price moves by at most +84 %|28|the price moves by at/most +84 %
a b c d e f g h i j k l m|9|a b c d e/f g h i j/k l m
one immeasurablylongword|21|one/immeasurablylongword
END
    no_complaints
}

@test "a figure is as wide as it is asked to be" {
    local given expected
    cp -r discounted "$dir/wide"
    while read -r given expected; do
        squeeze plot "$dir/wide" -q --format svg --width "$given"
        grep -q "<svg[^>]*width=\"$expected\"" <(tr '\n' ' ' <"$dir/wide/fan.svg") || complain "$given: $(grep -m 1 -A 1 '<svg' "$dir/wide/fan.svg")"
    done <<'END'
85mm 321
85 321
390px 390
175mm 661
END
    for given in 39px 85in 10 1e9 "" x nan; do
        fails 2 "--width: '$given' is no width of a figure; expected 60 to 600 mm, or px" plot "$dir/wide" --width "$given"
    done
    squeeze ignite scenarios/a-wall-14to1-claimed.csv -q -o "$dir/ignite" --format svg --width 390px >"$dir/said"
    grep -q 'width="390"' "$dir/ignite/ignition.svg" || complain "not of ignite"
    no_complaints
}

@test "a sweep speaks in words and plain dollars" {
    squeeze sweep scenarios/a-wall-14to1-discounted.csv --vary target=85000:110000:3 -n 60 -s 2 -q -o "$dir/target" --no-plot >"$dir/said"
    squeeze sweep scenarios/a-wall-14to1-discounted.csv --vary levels.scale=0.1:1:3:log -n 60 -s 2 -q -o "$dir/scale" --no-plot >"$dir/said"
    squeeze sweep scenarios/a-wall-14to1-discounted.csv --vary withdrawal.gamma=0:1:2 -n 20 -s 2 -q -o "$dir/same" --no-plot >"$dir/said"
    squeeze sweep scenarios/a-wall-14to1-discounted.csv --vary levels.scale=0.1:1:3:log --vary book.depth=100M:400M:2 -n 10 -s 2 -q \
        -o "$dir/plane" --no-plot >"$dir/said"
    local result
    for result in target scale same plane; do
        squeeze plot "$dir/$result" -q --format svg
        joined "$(ls "$dir/$result"/*.svg)" >"$dir/$result.texts"
    done
    grep -q 'P(touch the target) falls from [0-9]* % to [0-9]* % as the target price goes from 85,000 to 110,000 USD' "$dir/target.texts" ||
        complain "$(<"$dir/target.texts")"
    ! grep -q 'M USD ' <(sed 's/a-wall.*squeeze//' "$dir/target.texts") || complain "millions of a price"
    texts "$dir/target/sweep.svg" | grep -qx '100,000' || complain "no tick in plain dollars"
    grep -q 'P(touch 100,000) rises from [0-9]* % to [0-9]* % as the scale of the map goes from 0.1 to 1' "$dir/scale.texts" || complain "$(<"$dir/scale.texts")"
    grep -q 'scale of the map (levels.scale)' "$dir/scale.texts" || complain "axis: $(<"$dir/scale.texts")"
    grep -q 'as the withdrawal of depth under stress goes from 0 to 1' "$dir/same.texts" || complain "$(<"$dir/same.texts")"
    grep -q 'P(touch 100,000) ranges from .* over scale of the map and depth of the book within 1 %' "$dir/plane.texts" || complain "$(<"$dir/plane.texts")"
    no_complaints
}

@test "the phase figure has whole tiles at its edges and the colours of its data" {
    squeeze sweep scenarios/a-wall-14to1-discounted.csv --vary levels.scale=0.1:1:4:log --vary book.depth=100M:400M:3 -n 60 -s 2 -q \
        -o "$dir/plane" --no-plot --json >"$dir/plane.json"
    asked "$dir/plane" phase GPVAL_X_MIN GPVAL_X_MAX GPVAL_Y_MIN GPVAL_Y_MAX GPVAL_CB_MIN GPVAL_CB_MAX >"$dir/asked"
    python3 - "$dir" <<'END'
import sys
from results import *
x0, x1, y0, y1, c0, c1 = map(float, open(sys.argv[1] + "/asked").read().split())
shares = [100 * p["target_probability"]["value"] for p in load(sys.argv[1] + "/plane.json")["points"]]
assert math.isclose(x0, -1 - 1 / 6) and math.isclose(x1, 1 / 6), (x0, x1)      # half a third of a decade
assert math.isclose(y0, 25) and math.isclose(y1, 475), (y0, y1)                # half of 150 M
assert math.isclose(c0, min(shares)) and math.isclose(c1, max(shares)), (c0, c1)
END
}

@test "exceedance is a sentence; ignition names slippage and its jumps" {
    squeeze compare scenarios/a-wall-14to1-{discounted,claimed}.csv -n 40 -s 2 -q -o "$dir/compare" --no-plot >"$dir/said"
    squeeze ignite scenarios/a-wall-14to1-claimed.csv -q -o "$dir/ignite" --no-plot >"$dir/said"
    squeeze plot "$dir/compare" -q --format svg
    squeeze plot "$dir/ignite" -q --format svg
    joined "$dir/compare/exceedance.svg" >"$dir/texts"
    grep -qE 'One path in 20 peaks above [0-9,]+ \(discounted\) or [0-9,]+ \(claimed\), and one in 20 forces more than [0-9.]+ bn USD \(discounted\) or [0-9.]+ bn USD \(claimed\)' \
        "$dir/texts" || complain "$(<"$dir/texts")"
    local name
    for name in discounted claimed; do # beside both of its curves
        [[ $(texts "$dir/compare/exceedance.svg" | grep -cx $name) == 2 ]] || complain "$name: $(texts "$dir/compare/exceedance.svg")"
    done
    ! grep -qE 'discounted: .*, discounted' "$dir/texts" || complain "a name that repeats itself"
    joined "$dir/ignite/ignition.svg" >"$dir/texts"
    grep -qE 'slippage [0-9,.]+( M)? USD, [0-9.]+ %' "$dir/texts" || complain "slippage: $(<"$dir/texts")"
    grep -qE 'without liquidations it takes [0-9.]+ bn USD' "$dir/texts" || complain "without: $(<"$dir/texts")"
    grep -q '<title>.*jump' "$dir/ignite/ignition.svg" || complain "no jump"
    ! grep -qE 'empty map|push' "$dir/texts" || complain "words: $(<"$dir/texts")"
    no_complaints
}
