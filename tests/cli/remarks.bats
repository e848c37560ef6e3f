# SPDX-License-Identifier: GPL-3.0-or-later
# Remarks: input that is legal but can hardly be meant is said once, with its place, on standard
# error and in every JSON; ordinary input gives none.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario "$dir/odd.csv" target,104.5,usd volatility,3,1/sqrt\(d\)
    scenario "$dir/ordinary.csv" target,104.5,usd
    place="$dir/odd.csv:$(line_of 'volatility,3,1/sqrt(d)' "$dir/odd.csv")"
    line="squeeze: remark: $place: volatility: 3 1/sqrt(d) means 300 % a day; if 3 % is meant write 0.03"
}

# expect_remarks COUNT ARGUMENT...: that many lines of standard error are remarks.
expect_remarks() {
    local count=$1 got
    shift
    got=$(squeeze "$@" 2>&1 >/dev/null </dev/null | grep -c '^squeeze: remark: ') || true
    ((got == count)) || complain "squeeze $*: $got remarks, expected $count"
}

@test "every command that reads a scenario says its remarks once, unless it is to be quiet" {
    local words
    while read -r words; do
        # shellcheck disable=SC2086
        set -- $words
        expect_remarks 0 "${@//SCENARIO/$dir/ordinary.csv}"
        expect_remarks 1 "${@//SCENARIO/$dir/odd.csv}"
        expect_remarks 0 "${@//SCENARIO/$dir/odd.csv}" -q
        squeeze "${@//SCENARIO/$dir/odd.csv}" 2>&1 >/dev/null </dev/null | grep -qxF -- "$line" ||
            complain "squeeze $words: not the line"
    done <<'ROWS'
check SCENARIO
run SCENARIO -s 1
batch SCENARIO -n 5 -s 1
map SCENARIO
ignite SCENARIO
sweep SCENARIO --vary book.depth=1M:2M:4 -n 5 -s 1
sweep SCENARIO --tornado -n 5 -s 1
ROWS
    expect_remarks 1 compare "$dir/ordinary.csv" "$dir/odd.csv" -n 5 -s 1
    expect_remarks 2 compare "$dir/odd.csv" "$dir/odd.csv" -n 5 -s 1
    expect_remarks 2 check "$dir/odd.csv" "$dir/ordinary.csv" "$dir/odd.csv"
    no_complaints
}

@test "every JSON has its remarks, an empty list where there is none" {
    local name words
    cat >"$dir/judge.py" <<'END'
import json, sys

answer, name, file, line = json.load(open(sys.argv[1])), *sys.argv[2:]
one = [{"code": "percent-as-number", "key": "volatility", "count": 1, "file": file, "line": int(line),
        "text": "3 1/sqrt(d) means 300 % a day; if 3 % is meant write 0.03"}]
assert answer["remarks"] == (one if name == "odd" else []), answer["remarks"]
for part in answer.get("scenarios", []):            # of a comparison
    assert part["summary"]["remarks"] == one or part["name"] != name
END
    while read -r words; do
        for name in ordinary odd; do
            # shellcheck disable=SC2086
            set -- $words
            squeeze "${@//SCENARIO/$dir/$name.csv}" -q --json >"$dir/answer.json" </dev/null
            python3 "$dir/judge.py" "$dir/answer.json" "$name" "$dir/odd.csv" "${place##*:}" || complain "$words: $name"
        done
    done <<'ROWS'
check SCENARIO
run SCENARIO -s 1
batch SCENARIO -n 5 -s 1
map SCENARIO
ignite SCENARIO
sweep SCENARIO --vary book.depth=1M:2M:4 -n 5 -s 1
ROWS
    squeeze compare "$dir/ordinary.csv" "$dir/odd.csv" -n 5 -s 1 -q --json >"$dir/answer.json"
    python3 "$dir/judge.py" "$dir/answer.json" odd "$dir/odd.csv" "${place##*:}" || complain compare
    no_complaints
}

@test "result directories carry the remarks" {
    squeeze batch "$dir/odd.csv" -n 5 -s 1 -q -o "$dir/batch" --no-plot >/dev/null
    squeeze map "$dir/odd.csv" -q -o "$dir/map" --no-plot >/dev/null
    squeeze ignite "$dir/odd.csv" -q -o "$dir/ignite" --no-plot >/dev/null
    squeeze compare "$dir/ordinary.csv" "$dir/odd.csv" -n 5 -s 1 -q -o "$dir/compare" --no-plot >/dev/null
    squeeze sweep "$dir/odd.csv" --vary book.depth=1M:2M:2 -n 5 -s 1 -q -o "$dir/sweep" --no-plot >/dev/null
    python3 - "$dir" <<'END'
import json, sys

def codes(file):
    return [remark["code"] for remark in json.load(open(f"{sys.argv[1]}/{file}"))["remarks"]]

for file in ("batch/summary.json", "map/map.json", "ignite/ignite.json", "compare/summary.json",
             "compare/scenario-2/summary.json", "sweep/summary.json"):
    assert codes(file) == ["percent-as-number"], file
assert codes("compare/scenario-1/summary.json") == []
END
}

@test "margin says and lists what is odd in its settings" {
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode long,90000,7,10,isolated >"$dir/positions.csv"
    expect_remarks 0 margin "$dir/positions.csv" --set venue.maintenance=0.005
    expect_remarks 1 margin "$dir/positions.csv" --set venue.maintenance=0.5
    squeeze margin "$dir/positions.csv" -q --json >"$dir/none.json"
    squeeze margin "$dir/positions.csv" -q --json --set venue.maintenance=0.5 >"$dir/one.json"
    python3 - "$dir" <<'END'
import json, sys
none, one = (json.load(open(f"{sys.argv[1]}/{name}.json"))["remarks"] for name in ("none", "one"))
assert none == []
assert [(r["code"], r["key"], r["file"]) for r in one] == [("percent-as-number", "venue.maintenance", "--set")]
END
    no_complaints
}

@test "check --strict fails where there is a remark, and only there" {
    squeeze check --strict "$dir/ordinary.csv"
    run --separate-stderr squeeze check --strict "$dir/odd.csv"
    [[ $status == 3 && $output == "$dir/odd.csv: valid"* ]]
    [[ $stderr == "$line"$'\n'"squeeze: $dir/odd.csv: 1 remark; expected none with --strict" ]]
    run --separate-stderr squeeze check --strict -q --json "$dir/odd.csv"
    [[ $status == 3 && $output == *'"percent-as-number"'* ]]
    run squeeze check --strict "$dir/ordinary.csv" "$dir/odd.csv" "$dir/ordinary.csv"
    [[ $status == 3 && $output == *"$line"* ]]
    [[ $(grep -c ': valid$' <<<"$output") == 3 ]]
    run squeeze check "$dir/odd.csv"
    [[ $status == 0 ]]
    run squeeze batch --strict "$dir/odd.csv"
    [[ $status == 2 ]]
}

@test "a remark of many rows is one line that counts them" {
    printf '%s\n' time_h,probability,jump_mean,jump_sd,volatility,depth 1,0,0,0,1,30 2,0,0,0,1,70 3,0,0,0,1,100 \
        4,0,0,0,1,1 >"$dir/calendar.csv"
    scenario "$dir/scenario.csv" calendar,calendar.csv,
    run --separate-stderr squeeze check "$dir/scenario.csv"
    [[ $stderr == "squeeze: remark: $dir/calendar.csv:2: depth: 30 means 3000 %; if 30 % is meant write 0.3 (and 2 more)" ]]
}

@test "what a file is called does not reach the terminal as control characters" {
    local name=$dir/$'od\e[31md.csv'
    scenario "$name" volatility,3,1/sqrt\(d\)
    run --separate-stderr squeeze check "$name"
    [[ $stderr == *'od\x1b[31md.csv:'* && $stderr != *$'\e'* ]]
}

@test "a missing bar of a record is said with its line" {
    printf '%s\n' side,price_usd,notional_usd,leverage short,34300,1000000,10 long,33750,1000000,10 >"$dir/l.csv"
    printf '%s\n' time_h,open_usd,high_usd,low_usd,close_usd 0,34151.66,34171.28,33972.39,34015.27 \
        1,34015.27,34054.48,33780,33848.47 3,34088.57,34301,34000,34100 >"$dir/k.csv"
    scenario "$dir/s.csv" price,34151.66,usd horizon,4,h levels,l.csv, book.depth,300M,usd replay,k.csv, impact,off,
    run --separate-stderr squeeze run "$dir/s.csv" -s 1 --path 0
    [[ $status == 0 ]]
    [[ $stderr == "squeeze: remark: $dir/k.csv:4: time_h: 3: 1 bar is missing before it; the bar at 1 h lasts 2 h instead of 1"* ]]
    [[ $(wc -l <<<"$stderr") == 1 ]]
    sed -i '4i2,33848.47,34088.57,33700,34088.57' "$dir/k.csv"
    run --separate-stderr squeeze run "$dir/s.csv" -s 1 --path 0
    [[ $status == 0 && -z $stderr ]]
    squeeze check --strict "$dir/s.csv"
}

@test "levels with swapped sides or columns are told what to swap" {
    scenario "$dir/scenario.csv"
    levels "$dir/levels.csv" short,98,1000000 long,103,1000000
    fails 3 "swap short and long" check "$dir/scenario.csv"
    [[ $said != *allow-crossed* ]] || complain "suggests --allow-crossed: $said"
    expect_remarks 1 check --allow-crossed "$dir/scenario.csv"
    levels "$dir/levels.csv" short,1000000,102 short,2000000,105
    expect_remarks 1 check "$dir/scenario.csv"
    levels "$dir/levels.csv" short,1000000,102 long,2000000,95
    fails 3 "price_usd and notional_usd look swapped" check "$dir/scenario.csv"
    no_complaints
}

@test "shipped scenarios have no remarks" {
    local file
    for file in scenarios/*.csv; do
        squeeze check -q --json "$file" | python3 -c '
import json, sys
for remark in json.load(sys.stdin)["remarks"]:
    print(remark["code"], remark["key"])' >"$dir/said"
        [[ ! -s $dir/said ]] || complain "$file: $(<"$dir/said")"
    done
    no_complaints
}

@test "every code of a remark is explained in the scenarios' README" {
    local code
    for code in $(grep -rhoE '"[a-z]+(-[a-z]+)+"' sim/analysis/examine.c sim/io/odd.c sim/io/levels.c \
        models/drivers/replay.c models/drivers/hunter.c | tr -d '"' | sort -u) supercritical; do
        [[ $code =~ ^(high-first|low-first)$ ]] || grep -q "^| \`$code\` |" scenarios/README.md || complain "$code"
    done
    no_complaints
}

# Inputs that a user can mean in two ways, at the command line: the remark's text, or none.
@test "ends of --vary are examined as --set is, once per axis" {
    local axis text
    while IFS='|' read -r axis text; do
        squeeze sweep "$dir/ordinary.csv" --set book.known=inf --vary "$axis" -n 2 -s 1 2>&1 >/dev/null | grep '^squeeze: remark: ' \
            >"$dir/said" || true
        [[ $(<"$dir/said") == "${text:+squeeze: remark: --vary: $text}" ]] || complain "$axis: $(<"$dir/said")"
    done <<'ROWS'
volatility=2:4:3|volatility: 2 1/sqrt(d) means 200 % a day; if 2 % is meant write 0.02, if 200 % a year write 2 1/sqrt(yr)
volatility=0.02:4:3|volatility: 4 1/sqrt(d) means 400 % a day; if 4 % is meant write 0.04
volatility=60%:80%:3|volatility: 60% means 60 % a day; if 60 % a year is meant write 60%/sqrt(yr)
levels.scale=20:100:3|levels.scale: 20 means 2000 %; if 20 % is meant write 0.2
volatility=0.02:0.04:3|
volatility=60 %/sqrt(yr):80 %/sqrt(yr):3|
levels.scale=0.5:2:3|
book.depth=100M:200M:3|
ROWS
    squeeze sweep "$dir/ordinary.csv" --set book.known=inf --vary levels.scale=20:100:2 -n 2 -s 1 -q --json >"$dir/answer.json"
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))["remarks"]
assert [(x["code"], x["key"], x["count"]) for x in r] == [("percent-as-number", "levels.scale", 1)], r' \
        "$dir/answer.json" || complain "not in JSON"
    no_complaints
}

# Maintenance and fees typed as percentages, where the tables and rows of margin are read.
@test "percentages typed as maintenance or fee of tiers and positions are said, with their place" {
    local said
    printf '%s\n' symbol,notional_floor,notional_cap,mmr,max_leverage \
        A,0,100,0.4, A,100,,0.5, B,0,,0.65,75 C,0,,0.004, D,0,,0.1666,3 E,0,,0.1,9 F,0,50,10%, F,50,,0.5, \
        >"$dir/tiers.csv"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,symbol,mmr,fee \
        long,100,1,5,isolated,C,,0.0005 long,100,1,5,isolated,C,0.5,0.06 long,100,1,5,isolated,C,0.49,0.02 \
        long,100,1,5,isolated,C,0.7,5% long,100,1,5,isolated,C,0.004,0.019 >"$dir/positions.csv"
    said=$(squeeze margin "$dir/positions.csv" --venue binance --set venue.tiers="$dir/tiers.csv" 2>&1 >/dev/null |
        grep '^squeeze: remark: .* means ') || true
    [[ $said == "squeeze: remark: $dir/tiers.csv:2: mmr: 0.4 means 40 %; if 0.4 % is meant write 0.004 (and 1 more)
squeeze: remark: $dir/positions.csv:3: mmr: 0.5 means 50 %; if 0.5 % is meant write 0.005 (and 1 more)
squeeze: remark: $dir/positions.csv:3: fee: 0.06 means 6 %; if 0.06 % is meant write 0.0006 (and 1 more)" ]] ||
        complain "margin: $said"
    printf '%s\n' key,value,unit price,100,usd horizon,1,d positions,positions.csv, venue,binance, \
        venue.tiers,tiers.csv, volatility,0.03,'1/sqrt(d)' book.depth,100M,usd >"$dir/scenario.csv"
    said=$(squeeze check "$dir/scenario.csv" --allow-crossed 2>&1 | grep -c 'percent\|remark: .* means ') || true
    [[ $said == 3 ]] || complain "check: $(squeeze check "$dir/scenario.csv" --allow-crossed 2>&1)"
    no_complaints
}

@test "no published table of tiers is taken for percentages" {
    local table
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,mmr long,100,1,5,isolated,0.01 >"$dir/positions.csv"
    for table in tests/oracles/tiers_binance*.csv tests/oracles/tiers_bybit*.csv tests/oracles/tiers_hyper*.csv; do
        squeeze margin "$dir/positions.csv" --venue binance --set venue.tiers="$table" >"$dir/said" 2>&1 ||
            complain "$table: $(<"$dir/said")"
        ! grep 'remark: .* means' "$dir/said" || complain "$table"
    done
    no_complaints
}

# Keys that were renamed. Both names give one answer; results and messages carry the new one.
@test "a former key is read as the new one in files, --set, --vary and models, with a remark" {
    local old new text
    for name in levels.survival,levels.topup population.spread,population.entry_sd; do
        old=${name%,*} new=${name#*,}
        text="is now called $new and is read as that; write $new"
        if [[ $new == levels.topup ]]; then
            scenario "$dir/old.csv" target,104.5,usd "$old,12,%"
            scenario "$dir/new.csv" target,104.5,usd "$new,12,%"
        else
            printf '%s\n' key,value,unit price,100,usd horizon,1,d volatility,0.03,'1/sqrt(d)' \
                book.depth,100M,usd population.accounts,40, population.notional,10M,usd "$old,0.07," >"$dir/old.csv"
            sed "s/$old/$new/" "$dir/old.csv" >"$dir/new.csv"
        fi
        place="$dir/old.csv:$(grep -n "^$old" "$dir/old.csv" | cut -d : -f 1)"
        expect_remarks 0 batch "$dir/new.csv" -n 20 -s 1
        [[ $(squeeze batch "$dir/old.csv" -n 20 -s 1 2>&1 >/dev/null | grep remark) == \
            "squeeze: remark: $place: $old: $text" ]] || complain "$old: not the remark of a file"
        squeeze check "$dir/old.csv" --json | python3 -c 'import json, sys; r = json.load(sys.stdin)["remarks"]
assert [(x["code"], x["key"], x["text"]) for x in r] == [("renamed-key", *sys.argv[1:])], r' "$old" "$text" ||
            complain "$old: not in JSON"
        ! squeeze check "$dir/old.csv" --strict >/dev/null 2>&1 || complain "$old: not so strict"
        squeeze batch "$dir/old.csv" -n 20 -s 1 -q -o "$dir/was" --set name=x --force --no-plot >"$dir/was.txt"
        squeeze batch "$dir/new.csv" -n 20 -s 1 -q -o "$dir/is" --set name=x --force --no-plot >"$dir/is.txt"
        for file in outcomes fan histograms paths; do
            [[ ! -e $dir/is/$file.csv ]] || cmp -s "$dir/was/$file.csv" "$dir/is/$file.csv" || complain "$old: $file"
        done
        cmp -s "$dir/was.txt" "$dir/is.txt" || complain "$old: another answer"
        grep -q "\"$new\"" "$dir/was/manifest.json" || complain "$old: not renamed in the manifest"
        # The command line replaces the row of a file, by whatever name, and takes its unit.
        for row in old new; do
            for key in "$old" "$new"; do
                squeeze check "$dir/$row.csv" --set "$key=0.5" --show -q | grep -q "^  $new *0.5 .*--set" ||
                    complain "$row.csv --set $key"
                squeeze check "$dir/$row.csv" --set "$key=0.5" --show -q | grep -q "$old" && complain "$old is shown"
            done
        done
        cat "$dir/old.csv" <(grep "^$new" "$dir/new.csv") >"$dir/both.csv"
        fails 3 "$new: given twice; first on line" check "$dir/both.csv"
        said=$(squeeze sweep "$dir/new.csv" --vary "$old=0:0.2:2" -n 5 -s 1 2>&1 >"$dir/table") || complain "$said"
        grep -qxF "squeeze: remark: --vary: $old: $text" <<<"$said" || complain "--vary $old: $said"
        grep -q "^  $new" "$dir/table" || complain "--vary $old: $(<"$dir/table")"
        [[ $(squeeze models "$old" 2>/dev/null) == "$(squeeze models "$new" 2>&1)" ]] || complain "models $old"
        [[ $(squeeze models "$old" 2>&1 >/dev/null) == "squeeze: remark: $old: $text" ]] || complain "models $old"
        grep -q "formerly: $old" <(squeeze models "$new") || complain "models $new does not say its former name"
    done
    no_complaints
}

@test "no file that is shipped has a former key" {
    squeeze models --json | python3 -c 'import json, sys
d = json.load(sys.stdin)
rows = d["scenario"] + d["book"] + d["venue"] + d["population"]
rows += [r for m in d["books"] + d["drivers"] + d["venues"] for r in m["parameters"]]
print(*[w for r in rows for w in r.get("aliases", [])], sep="\n")' >"$dir/former"
    [[ $(wc -l <"$dir/former") -ge 2 ]]
    ! grep -lwFf "$dir/former" scenarios/*.csv README.md models/README.md sim/README.md
}
