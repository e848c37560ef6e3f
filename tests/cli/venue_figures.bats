# SPDX-License-Identifier: GPL-3.0-or-later
# What tables and figures tell of the venue of open positions.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    cp -r "$BATS_TEST_DIRNAME/../../scenarios" .
}

setup() {
    cd "$BATS_FILE_TMPDIR"
    dir=$BATS_TEST_TMPDIR
    crash=(scenarios/f-crash-binance.csv -q -s 3 --set population.accounts=1500)
}

# texts FILE: the texts of a figure, one per line, after where they begin from the left.
texts() {
    python3 - "$1" <<'END'
import re, sys

svg = open(sys.argv[1]).read()
for x, text in re.findall(r'<g transform="translate\(([\d.]+),[\d.]+\)[^>]*>\s*<text>(.*?)</text>', svg, re.S):
    print(x, re.sub(r"<[^>]*>", "", text).strip())
END
}

needs_pictures() {
    [[ -z ${SQZ_NO_PICTURES-} ]] || skip "pictures are not looked at"
    command -v gnuplot >/dev/null || skip "no gnuplot"
}

@test "a comparison tells of each venue what a batch does, and no interval of a share leaves 0 to 100 %" {
    squeeze compare scenarios/f-crash-{binance,hyperliquid}.csv -q -s 11 -n 12 --set population.accounts=1500 >"$dir/table"
    squeeze compare scenarios/f-crash-{binance,hyperliquid}.csv -q -s 11 -n 12 --set population.accounts=1500 --json >"$dir/json"
    python3 - "$dir" <<'END'
import re, sys
from results import *

table, answer = open(sys.argv[1] + "/table").read(), load(sys.argv[1] + "/json")
unit = {"k": 1e3, "M": 1e6, "bn": 1e9}
told = table.split("  venues, means")[1].split("\n\n")[0].splitlines()[1:]
names = {"accounts liquidated": "accounts_liquidated", "equity lost": "equity_lost",
         "paid by the fund": "fund_drawn", "deleveraged (ADL)": "adl", "bad debt": "bad_debt"}
assert len(told) == 2 * len(names), told
for i, line in enumerate(told):
    label, scenario = list(names)[i // 2], answer["scenarios"][i % 2]
    head, number, value, power = re.match(r"(.*?) +(\d) +([\d.,]+)(?: (k|M|bn))?(?: usd)?  \[", line).groups()
    assert int(number) == 1 + i % 2 and (i % 2 or label in head), line
    e = scenario["summary"]["drivers"]["venue"][names[label]]
    value = float(value.replace(",", "")) * unit.get(power, 1)
    assert abs(value - e["value"]) <= 0.051 * (e["hi"] - e["lo"]), (line, e)
shares = re.findall(r"([\d.]+) % \+- ([\d.]+) %", table)
assert all(float(half) <= float(p) <= 100 - float(half) for p, half in shares), shares
never = answer["scenarios"][1]["summary"]["floor"]["probability"]
assert never["value"] == 0 and f" 0 % [0, {100 * never['hi']:.0f}]" in table, table
END
}

@test "every line of a comparison has its name, also where lines end at one place" {
    needs_pictures
    local name
    for name in Ann Bob; do
        sed "s/^name,[^,]*/name,$name/" scenarios/f-crash-hyperliquid.csv >scenarios/$name.csv
    done
    squeeze compare scenarios/Ann.csv scenarios/Bob.csv -q -s 3 -n 6 --set population.accounts=300 -o "$dir/result" --no-plot >"$dir/said"
    squeeze plot "$dir/result" -q --format svg
    texts "$dir/result/comparison.svg" >"$dir/texts"
    # Once in each panel of differences: of floor, forced notional and return; and at each line, near which there is room.
    [[ $(grep -cE '^[0-9.]+ Bob$' "$dir/texts") == 6 && $(grep -cE '^[0-9.]+ Ann$' "$dir/texts") == 3 ]] || complain "$(<"$dir/texts")"
    grep -q 'dotted: the median' "$dir/texts" || complain "what is dotted is not said"
    no_complaints
}

@test "minus signs and uneven intervals of differences" {
    needs_pictures
    squeeze compare scenarios/f-crash-{binance,hyperliquid}.csv -q -s 3 -n 12 --set population.accounts=1500 --set book.depth=100M -o "$dir/result" --no-plot >"$dir/said"
    squeeze plot "$dir/result" -q --format svg
    texts "$dir/result/comparison.svg" >"$dir/texts"
    python3 - "$dir" <<'END'
import sys
from results import *

words = [line.split(" ", 1)[1].strip() for line in open(sys.argv[1] + "/texts") if " " in line.strip()]
floor = load(sys.argv[1] + "/result/summary.json")["differences"][0]["floor_probability"]
lo, value, hi = (f"{100 * floor[k]:+.1f}".replace("-", "\u2212") for k in ("lo", "value", "hi"))
below, above = floor["value"] - floor["lo"], floor["hi"] - floor["value"]
assert max(below, above) > 1.4 * min(below, above), floor
assert any(f"Hyperliquid {value} pp ({lo} to {hi}) against Binance" in text for text in words), words
assert not any(text[0] == "-" for text in words if text), words
END
}

# Along the path of the figure the largest value of a measure of the venue, in millions.
largest_of() {
    python3 - "$1" "$2" <<'END'
import sys
from results import *

path = str(load(sys.argv[1] + "/manifest.json")["closeup_path"])
rows = [row for row in table(sys.argv[1] + "/drivers.csv") if row["path"] == path and row["kind"] == "output"]
print(f"{max(float(row[sys.argv[2]]) for row in rows) / 1e6:.3g}")
END
}

@test "a fund without end: what it paid is drawn and said, its balance told in words" {
    squeeze batch "${crash[@]}" -n 4 --set venue.fund=inf -o "$dir/result" --no-plot >"$dir/said"
    grep -qE '^  venue\.fund +unlimited$' "$dir/said" || complain "$(<"$dir/said")"
    squeeze run "${crash[@]}" --path 1 --set venue.fund=inf >"$dir/run"
    grep -qE '^  venue\.fund +unlimited$' "$dir/run" || complain "$(<"$dir/run")"
    needs_pictures
    squeeze plot "$dir/result" -q --format svg
    texts "$dir/result/drivers.svg" >"$dir/texts"
    local paid
    paid=$(largest_of "$dir/result" venue.fund_drawn)
    [[ $paid != 0 ]]
    grep -q " paid by the insurance fund, M USD$" "$dir/texts" || complain "no panel: $(<"$dir/texts")"
    grep -q "insurance fund paid $paid M USD" "$dir/texts" || complain "title, $paid: $(<"$dir/texts")"
    no_complaints
}

@test "a time that hardly varies has six digits, not those of the walk's steps" {
    squeeze batch scenarios/f-crash-hyperliquid.csv -q -s 3 --set population.accounts=1500 -n 5 --no-plot >"$dir/said"
    grep -qE '^  venue\.adl_after +[0-9.]+ h ' "$dir/said" || complain "no time: $(<"$dir/said")"
    ! grep -E '[0-9]\.[0-9]{6,}' "$dir/said" || complain "more digits than six"
    no_complaints
}

@test "bad debt stands in the panel of deleveraging; times are durations" {
    squeeze batch "${crash[@]}" -n 4 --set venue.fund=0usd --set population.short_share=0.02 -o "$dir/result" \
        --no-plot >"$dir/said"
    grep -qE '^  venue\.adl_after +[0-9.]+ (s|min|h)  \[[0-9.]+, [0-9.]+\]$' "$dir/said" ||
        complain "$(<"$dir/said")"
    needs_pictures
    squeeze plot "$dir/result" -q --format svg
    local owed
    owed=$(largest_of "$dir/result" venue.bad_debt)
    [[ $owed != 0 && $(largest_of "$dir/result" venue.adl) != 0 ]]
    texts "$dir/result/drivers.svg" >"$dir/texts"
    grep -q " bad debt$" "$dir/texts" || complain "no line: $(<"$dir/texts")"
    cut -d ' ' -f 2- "$dir/texts" | tr '\n' ' ' | grep -q "bad debt of $owed M USD" ||
        complain "title, $owed: $(<"$dir/texts")"
    grep -q " ADL$" "$dir/texts" || complain "no name at the other line: $(<"$dir/texts")"
    ! grep -q "[0-9] bad debt so far" "$dir/texts" || complain "a panel of its own"
    no_complaints
}

@test "a map of positions names venue and margin tiers; its labels keep clear of lines and axis" {
    needs_pictures
    squeeze map scenarios/f-crash-binance.csv -q -o "$dir/result" --no-plot --set target=98000usd --set floor=89000usd \
        --set "population.leverage=2;10;50" --set "population.leverage_weights=0.5;0.3;0.2" --set population.buffer=0.5 --set population.notional=1.4B >"$dir/said"
    squeeze plot "$dir/result" -q --format svg
    texts "$dir/result/map.svg" >"$dir/texts"
    grep -q 'venue binance, margin tiers tiers/binance-btcusdt.csv' "$dir/texts" || complain "footer: $(<"$dir/texts")"
    grep -q 'accounts × 1$' "$dir/texts" || complain "scale: $(<"$dir/texts")"
    python3 - "$dir" <<'END' || complain "$(<"$dir/texts")"
import re, sys
from results import *

place = {}
for line in open(sys.argv[1] + "/texts"):
    x, _, text = line.strip().partition(" ")
    place[text] = float(x)
# Of the ratios that the axis shows the largest is told, with what is larger further out.
rows = [{k: float(v) for k, v in row.items() if k != "side"} for row in table(sys.argv[1] + "/result/branching.csv")]
bins = table(sys.argv[1] + "/result/map.csv")
last = max(float(row["hi_usd"]) for row in bins)
ratio, price, beyond = re.search(r"^([\d.]+) at ([\d,]+); ([\d.]+) beyond$", "\n".join(place), re.M).groups()
price = float(price.replace(",", ""))
inside = max(rows, key=lambda row: row["ratio"] if row["price_lo_usd"] < last else 0)
assert inside["price_lo_usd"] <= price <= inside["price_hi_usd"], (price, inside)
assert f"{inside['ratio']:.2f}" == ratio and f"{max(row['ratio'] for row in rows):.2f}" == beyond, (ratio, beyond)
# At most 0.6 of its size wide, a letter of 8 pt leaves this much between where the flags begin.
assert place["target 98,000"] - place["floor 89,000"] > 0.55 * 8 * 96 / 72 * len("floor 89,000"), place
END
    no_complaints
}
