# SPDX-License-Identifier: GPL-3.0-or-later
# Inputs as people have them: words in any case, other names of columns, other separators, numbers
# as they are typed and as the program prints them, standard input, hints. What is refused of them
# is in bad_input.bats.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario "$dir/scenario.csv" target,104.5,usd
}

# resolved KEY VALUE UNIT [OPTION...]: what check says that the key resolves to.
resolved() {
    local key=$1 value=$2 unit=$3
    shift 3
    squeeze check "$dir/scenario.csv" --json "$@" >"$dir/check.json" 2>"$dir/words" ||
        complain "$key $*: $(<"$dir/words")"
    python3 - "$dir/check.json" "$key" "$value" "$unit" <<'PY' || complain "$key $*: not $value $unit"
import json, sys
told = {s["key"]: (s["value"], s["unit"]) for s in json.load(open(sys.argv[1]))["settings"]}
assert told[sys.argv[2]] == (sys.argv[3], sys.argv[4]), told[sys.argv[2]]
PY
}

# ---- numbers ---------------------------------------------------------------------------------

@test "numbers of a scenario carry units and suffixes, in its value column and in --set alike" {
    local key written value unit
    while IFS='|' read -r key written value unit; do
        scenario "$dir/scenario.csv" "$key,$written,"
        resolved "$key" "$value" "$unit"
        scenario "$dir/scenario.csv"
        resolved "$key" "$value" "$unit" --set "$key=${written//\"/}"
    done <<'CASES'
volatility|4%|4|%/sqrt(d)
volatility|65%/sqrt(yr)|65|%/sqrt(yr)
volatility|65 % / Sqrt(YR)|65|%/sqrt(yr)
drift|-0.2%|-0.2|%/d
drift|5%/yr|5|%/yr
horizon|1w|1|w
horizon|120m|120|min
horizon|7 D|7|d
latency|500ms|500|ms
book.depth|300k|300k|usd
book.depth|2K|2K|usd
book.depth|1bn|1bn|usd
book.depth|1.40 bn|1.40 bn|usd
book.depth|30.0 M usd|30.0 M|usd
book.depth|"1,400,000"|1,400,000|usd
book.depth|5MUSD|5M|usd
slice.rate|2.5 M USD/s|2.5 M|usd/s
levels.scale|10 %|10|%
peak.resolution|0.25%|0.25|%
book.halflife|20; 900 S|20; 900|s
CASES
    no_complaints
}

@test "another way to write a number changes no byte of an answer" {
    local row
    squeeze batch "$dir/scenario.csv" -n 100 -s 3 -q --json >"$dir/plain.json"
    while read -r row; do
        scenario "$dir/scenario.csv" target,104.5,usd "$row"
        squeeze batch "$dir/scenario.csv" -n 100 -s 3 -q --json | cmp - "$dir/plain.json" || complain "$row"
    done <<'CASES'
horizon,24h,
horizon,1440m,
volatility,3%,
volatility,3%,1/sqrt(d)
volatility,3,%/SQRT(D)
book.depth,1M,USD
book.depth,"1,000,000",usd
book.depth,0.001 bn,
impact,ON,
book,POWER,
trigger,Last,
calendar,OFF,
venue,Full,
CASES
    no_complaints
}

@test "target and floor may be told from the start price, and are shown as prices" {
    scenario "$dir/scenario.csv" price,84178.9,usd target,+10%, floor,-5%,usd
    levels "$dir/levels.csv" short,90000,1M long,80000,1M
    resolved target 92596.79 usd
    resolved floor 79969.955 usd
    resolved target 88387.845 usd --set target=+5%
    resolved target 102000 usd --set price=85000 --set 'target=+20 %'
    resolved target 95000 usd --set target=95000
    squeeze check "$dir/scenario.csv" --show | grep -q '^  target  *92596.79  *usd ' || complain "not shown"
    no_complaints
}

@test "what the program prints can be pasted back" {
    local printed
    scenario "$dir/scenario.csv" price,84178.9,usd target,100000,usd levels,wall.csv,
    levels "$dir/wall.csv" short,95000,1400000000 long,80000,30000000
    squeeze check "$dir/scenario.csv" >"$dir/said"
    for printed in "1.40 bn" "30.0 M"; do
        grep -q "$printed usd" "$dir/said" || complain "not printed: $printed"
        resolved book.depth "$printed" usd --set "book.depth=$printed usd"
        levels "$dir/pasted.csv" "short,\"95,000.00\",$printed"
        squeeze check "$dir/scenario.csv" --set levels="$dir/pasted.csv" | grep -q "$printed usd" ||
            complain "not read in a file: $printed"
    done
    squeeze batch "$dir/scenario.csv" -n 9 -s 1 -q >"$dir/said"
    printed=$(grep -o 'start [0-9,.]*' "$dir/said" | cut -d ' ' -f 2)
    [[ $printed == 84,179* ]] || complain "another start: $printed"
    resolved price "$printed" usd --set "price=$printed"
    no_complaints
}

@test "paths and events are counted as people count them" {
    local given count
    while read -r given count; do
        squeeze batch "$dir/scenario.csv" -n "$given" -s 1 -q --json >"$dir/answer.json" || complain "$given"
        grep -q "\"paths\": $count," "$dir/answer.json" || complain "$given is not $count"
    done <<'CASES'
1e2 100
0.2k 200
1,000 1000
CASES
    squeeze batch "$dir/scenario.csv" -n 10 --max-events 10M -s 1 -q >"$dir/said"
    for given in 1.5 1e-1 1.0001k k 1m; do
        fails 2 "--paths: '$given' is not a whole number" batch "$dir/scenario.csv" -n "$given"
    done
    fails 2 "--seed: '1e3' is not a whole number" batch "$dir/scenario.csv" -n 1 -s 1e3
    no_complaints
}

# ---- --vary ----------------------------------------------------------------------------------

# varied VARY TITLE FIRST LAST: the first column of the table, and the points at its ends.
varied() {
    squeeze sweep "$dir/scenario.csv" --vary "$1" -n 2 -s 1 -q -o "$dir/sweep" --force --no-plot >"$dir/table" ||
        complain "$1"
    grep -q "^ *$2  " "$dir/table" || complain "$1: not '$2': $(sed -n 3p "$dir/table")"
    [[ $(tail -n +3 "$dir/sweep/points.csv" | sed -n '1p;$p' | cut -d, -f2 | paste -sd' ') == "$3 $4" ]] ||
        complain "$1: $(cat "$dir/sweep/points.csv")"
}

@test "--vary has the unit of the scenario's row, as --set has, and prints it" {
    scenario "$dir/scenario.csv" 'volatility,0.6,1/sqrt(yr)' levels.scale,50,% horizon,90m, 'drift,3%,'
    varied volatility=0.5:0.7:2 'volatility 1/sqrt(yr)' 0.5 0.7
    varied volatility=50%:70%:2 'volatility %/sqrt(yr)' 50 70
    varied levels.scale=25:75:2 'levels.scale %' 25 75
    varied horizon=60:240:2 'horizon min' 60 240
    varied horizon=1d:1w:4 'horizon d' 1 7
    varied drift=1:2:2 'drift %/d' 1 2
    varied target=+5%:+20%:4 'target usd' 105 120
    varied 'book.depth=100M:1bn:5:LOG' 'book.depth usd' 100000000 1000000000
    varied latency=1:2:2 'latency s' 1 2
    squeeze sweep "$dir/scenario.csv" --vary volatility=0.5:0.7:2 -n 40 -s 1 -q --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'PY'
import sys
from results import load
answer = load(sys.argv[1])
assert [(v["unit"], v["lo"], v["hi"]) for v in answer["vary"]] == [("1/sqrt(yr)", 0.5, 0.7)]
assert answer["base"]["values"] == {"volatility": 0.6}
assert answer["points"][0]["settings"] == ["volatility=0.5 1/sqrt(yr)"]
PY
    fails 3 "--vary: target: '5 %' has no sign; expected +5% or -5% of the start price" \
        sweep "$dir/scenario.csv" --vary target=5%:20%:2 -n 2 -s 1
    no_complaints
}

@test "ends of a tornado are parts of what the scenario says, however it is written" {
    scenario "$dir/scenario.csv" 'book.depth,30.0 M,' 'horizon,36h,' name,x,
    squeeze sweep "$dir/scenario.csv" --tornado -n 2 -s 1 -q --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'PY'
import sys
from results import load
settings = [s for p in load(sys.argv[1])["points"] for s in p["settings"]]
assert "book.depth=10 M usd" in settings and "book.depth=60 M usd" in settings, settings
assert "horizon=18 h" in settings and "horizon=72 h" in settings, settings
PY
}

# ---- words, columns and separators -----------------------------------------------------------

@test "case does not matter in words of a closed set" {
    scenario "$dir/scenario.csv" target,104.5,usd impact,OFF, trigger,Mark, latency.law,Exponential, calendar,Off, book,Power,
    resolved impact off ''
    resolved trigger mark ''
    resolved latency.law exponential ''
    resolved calendar off ''
    resolved book power ''
    squeeze ignite "$dir/scenario.csv" --side UP -q --set impact=On >"$dir/said" || complain "--side UP"
    squeeze map "$dir/scenario.csv" --format SVG -q >"$dir/said" || complain "--format SVG"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,account,contract \
        LONG,100,0.5,50,Isolated,,Linear Short,100,0.5,5,CROSS,Ann, >"$dir/positions.csv"
    squeeze margin "$dir/positions.csv" --venue Binance -q >"$dir/loud"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,account,contract \
        long,100,0.5,50,isolated,,linear short,100,0.5,5,cross,Ann, >"$dir/positions.csv"
    squeeze margin "$dir/positions.csv" --venue binance -q | cmp - "$dir/loud" || complain "positions"
    sed -i '/^levels,/d' "$dir/scenario.csv"
    resolved venue binance '' --set positions="$dir/positions.csv" --set venue=BINANCE --set impact=on
    no_complaints
}

@test "columns are known by other names, in any case, and with other separators" {
    local name
    scenario "$dir/scenario.csv" target,104.5,usd name,x,
    squeeze batch "$dir/scenario.csv" -n 100 -s 3 -q --json >"$dir/plain.json"
    sed 's/side,price_usd,notional_usd/Side,Price,Notional/; s/short/SHORT/; s/long/Long/' "$dir/levels.csv" >"$dir/named.csv"
    sed 's/side,price_usd,notional_usd/side,liqPrice,Notional USD/; s/000$/k/' "$dir/levels.csv" >"$dir/suffix.csv"
    tr , '\t' <"$dir/levels.csv" >"$dir/tabs.csv"
    tr , ';' <"$dir/levels.csv" >"$dir/semicolons.csv"
    printf '\xef\xbb\xbf\n%s\r\n' "$(tr , ';' <"$dir/levels.csv")" >"$dir/marked.csv"
    for name in named suffix tabs semicolons marked; do
        squeeze batch "$dir/scenario.csv" --set levels="$dir/$name.csv" -n 100 -s 3 -q --json |
            cmp - "$dir/plain.json" || complain "$name"
    done
    for name in '\t' ';'; do
        tr , "$name" <"$dir/scenario.csv" >"$dir/other.csv"
        squeeze batch "$dir/other.csv" -n 100 -s 3 -q --json | cmp - "$dir/plain.json" || complain "scenario with $name"
    done
    printf '%s\n' Side,Entry,Size,Lev,margin_mode,mmr 'long,"1,000.5",0.5,50,isolated,0.4%' >"$dir/a.csv"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,mmr long,1000.5,0.5,50,isolated,0.004 >"$dir/b.csv"
    cmp <(squeeze margin "$dir/a.csv" -q) <(squeeze margin "$dir/b.csv" -q) || complain "positions"
    for name in 50x 50X "50 x"; do
        sed "s/,50,/,$name,/" "$dir/b.csv" >"$dir/c.csv"
        cmp <(squeeze margin "$dir/c.csv" -q) <(squeeze margin "$dir/b.csv" -q) || complain "leverage $name"
    done
    for name in x 50xx x50 50xy; do
        sed "s/,50,/,$name,/" "$dir/b.csv" >"$dir/c.csv"
        fails 3 "c.csv:2: leverage: '$name' is not a finite number" margin "$dir/c.csv"
    done
    sed 's/,0.5,50,/,0.5x,50,/' "$dir/b.csv" >"$dir/c.csv"
    fails 3 "c.csv:2: quantity: '0.5x' is not a finite number" margin "$dir/c.csv"
    printf '%s\n' side,price_usd,notional_usd,leverage short,104,1000,50x long,99,2000,10X >"$dir/lever.csv"
    squeeze check "$dir/scenario.csv" --set levels="$dir/lever.csv" >"$dir/said" || complain "leverage of levels"
    no_complaints
}

@test "a semicolon's commas are not guessed, and what is no table is called by its name" {
    local text words
    while IFS='|' read -r text words; do
        printf "$text" >"$dir/file.csv"
        fails 3 "squeeze: $dir/file.csv$words" check "$dir/scenario.csv" --set levels="$dir/file.csv"
        fails 3 "squeeze: $dir/file.csv$words" check "$dir/file.csv"
    done <<'CASES'
\xff\xfes\x00i\x00\n|: is UTF-16; expected UTF-8 (save it as "CSV UTF-8")
\xfe\xff\x00s\x00i\n|: is UTF-16; expected UTF-8
{"levels": [1, 2]}\n|: is JSON; expected a table of fields with commas between
[{"price": 1, "side": 2}]\n|: is JSON
\x1f\x8b\x08\x00\x00\n|: is compressed by gzip; expected text (gunzip it first)
PK\x03\x04\x14\n|: is a ZIP archive or a workbook; expected text (save it as CSV)
<!doctype html>\n|: is HTML or XML
CASES
    printf 'side;price_usd;notional_usd\nshort;104;12,500\n' >"$dir/file.csv"
    fails 3 "file.csv:2: notional_usd: '12,500' may have a decimal comma or one between thousands; expected a point or no comma" \
        check "$dir/scenario.csv" --set levels="$dir/file.csv"
    printf 'side\tprice_usd\tnotional_usd\nshort\t104\t12,500\n' >"$dir/file.csv"
    fails 3 "file.csv:2: notional_usd: '12,500' may have a decimal comma" check "$dir/scenario.csv" --set levels="$dir/file.csv"
    tr , ';' <"$dir/scenario.csv" | sed '1s/$/;note/; s/^horizon;.*/horizon;1,000;s;/' >"$dir/apart.csv"
    fails 3 "apart.csv:3: horizon: '1,000' may have a decimal comma" check "$dir/apart.csv"
    # Where no number is read a comma is a comma.
    tr , ';' <"$dir/scenario.csv" | sed '1s/$/;note/; s/^horizon;.*/horizon;1;d;1,400/' >"$dir/noted.csv"
    squeeze check "$dir/noted.csv" >/dev/null || complain "a note of 1,400"
    printf 'side;price_usd;notional_usd\nshort;104,5;12500\n' >"$dir/file.csv"
    fails 3 "file.csv:2: price_usd: '104,5' has a comma where none sets thousands apart; expected a decimal point" \
        check "$dir/scenario.csv" --set levels="$dir/file.csv"
    no_complaints
}

@test "epochs and dates in time_h are recognised" {
    local time words
    while read -r time words; do
        printf 'time_h,Open,High,Low,Close\n%s,100,101,99,100\n' "$time" >"$dir/record.csv"
        fails 3 "record.csv:2: time_h: '$time' $words; expected hours from the start" \
            check "$dir/scenario.csv" --set replay="$dir/record.csv"
    done <<'CASES'
1760054400 looks like seconds since 1970
1760054400000 looks like milliseconds since 1970
1760054400000000 looks like microseconds since 1970
2025-10-10T00:00:00Z is a date
2025-10-10 is a date
CASES
    printf 'time_h,Open,High,Low,Close\n0,100,101,99,100\n24,100,101,99,100\n' >"$dir/record.csv"
    squeeze check "$dir/scenario.csv" --set replay="$dir/record.csv" >"$dir/said" || complain "Open, High, Low, Close"
    no_complaints
}

# ---- standard input --------------------------------------------------------------------------

@test "- is standard input: a scenario, its levels or positions, one of them" {
    squeeze batch "$dir/scenario.csv" -n 100 -s 3 -q --json >"$dir/plain.json"
    squeeze batch "$dir/scenario.csv" --set levels=- -n 100 -s 3 -q --json <"$dir/levels.csv" |
        cmp - "$dir/plain.json" || complain "levels by --set"
    scenario "$dir/piped.csv" target,104.5,usd levels,-,
    squeeze batch "$dir/piped.csv" -n 100 -s 3 -q --json <"$dir/levels.csv" | sed 's/piped.csv/scenario.csv/' |
        cmp - "$dir/plain.json" || complain "levels of a row"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode long,100,0.5,50,isolated >"$dir/positions.csv"
    squeeze margin - -q <"$dir/positions.csv" | cmp - <(squeeze margin "$dir/positions.csv" -q) || complain "positions"
    cd "$dir"
    squeeze batch - -n 100 -s 3 -q --json <scenario.csv | sed "s|\"-\"|\"$dir/scenario.csv\"|" |
        cmp - plain.json || complain "a scenario, from its own directory"
    squeeze sweep - --vary horizon=1:2:2 -n 9 -s 1 -q <scenario.csv >said || complain "a sweep"
    local once="-: is standard input, which was read already; expected one file from it"
    squeeze check - --set levels=- <scenario.csv 2>words >said && complain "twice"
    grep -qF -- "$once (levels by --set)" words || complain "$(<words)"
    squeeze compare - - -n 9 -s 1 <scenario.csv 2>words >said && complain "twice"
    grep -qF -- "$once" words || complain "$(<words)"
    squeeze sweep piped.csv --vary horizon=1:2:2 -n 9 -s 1 <levels.csv 2>words >said && complain "levels of a sweep"
    grep -q "can be read but once" words || complain "$(<words)"
    printf 'key,value,unit\nprice,x,\n' | squeeze check - 2>words >said && complain "an error"
    grep -qx "squeeze: -:2: price: 'x' is not a number" words || complain "$(<words)"
    no_complaints
}

# ---- hints -----------------------------------------------------------------------------------

@test "a hint names what is near, and nothing else" {
    fails 2 "--out: unknown option; did you mean '--output'?" batch "$dir/scenario.csv" --out x
    fails 2 "--outp1t: unknown option; did you mean '--output'?" batch "$dir/scenario.csv" --outp1t x
    fails 2 "--dir: unknown option" batch "$dir/scenario.csv" --dir x
    [[ $said != *"did you mean"* ]] || complain "$said"
    printf '%s\n' side,entry_usd,quantity,leverage,mode long,1,1,1,isolated >"$dir/positions.csv"
    fails 3 "mode: unknown column; did you mean 'margin_mode'?" margin "$dir/positions.csv"
    printf '%s\n' side,mode,price_usd,notional_usd short,1,104,1 >"$dir/file.csv"
    fails 3 "mode: unknown column; expected side" check "$dir/scenario.csv" --set levels="$dir/file.csv"
    fails 3 "scale: unknown key; did you mean 'levels.scale'?" check "$dir/scenario.csv" --set scale=1
    fails 3 "drfit: unknown key; did you mean 'drift'?" check "$dir/scenario.csv" --set drfit=1
    no_complaints
}

@test "a file in the place of a command is asked about" {
    fails 2 "$dir/scenario.csv: is a file where a command is expected; did you mean 'squeeze batch $dir/scenario.csv'?" \
        "$dir/scenario.csv"
    fails 2 "$dir: is a directory where a command is expected; did you mean 'squeeze plot $dir'?" "$dir"
    fails 2 "my.csv: unknown command (see squeeze help)" my.csv
    no_complaints
}

# ---- --force ---------------------------------------------------------------------------------

@test "--force replaces results of this program, and touches nothing else" {
    local command manifest sum
    mkdir "$dir/own"
    echo '1,2' >"$dir/own/map.csv"
    echo thesis >"$dir/own/summary.json"
    for manifest in '' '{"name": "app", "schema": "web/1"}' '[]' '{'; do
        [[ -z $manifest ]] || echo "$manifest" >"$dir/own/manifest.json"
        sum=$(cat "$dir/own"/* | sha256sum)
        for command in batch compare sweep map ignite; do
            case $command in
            compare) set -- "$dir/scenario.csv" "$dir/scenario.csv" -n 2 -s 1 ;;
            sweep) set -- "$dir/scenario.csv" --vary horizon=1:2:2 -n 2 -s 1 ;;
            batch) set -- "$dir/scenario.csv" -n 2 -s 1 ;;
            *) set -- "$dir/scenario.csv" ;;
            esac
            fails 1 "$dir/own: exists and is not empty; expected a directory of its own for a result, as --force overwrites only results of squeeze, and here is none" \
                "$command" "$@" -q -o "$dir/own" --force --no-plot
            [[ $(cat "$dir/own"/* | sha256sum) == "$sum" ]] || complain "$command: touched"
            mkdir -p "$dir/$command"
            squeeze "$command" "$@" -q -o "$dir/$command" --force --no-plot >"$dir/said" || complain "$command: empty"
            squeeze "$command" "$@" -q -o "$dir/$command" --force --no-plot >"$dir/said" || complain "$command: own"
        done
    done
    [[ $(ls -A "$dir/own" | paste -sd ' ') == "manifest.json map.csv summary.json" ]] || complain "left something"
    no_complaints
}

@test "what a run that was killed was making is nothing to keep" {
    mkdir -p "$dir/result/.partial-Ab12cd"
    echo '{' >"$dir/result/.manifest.partial"
    squeeze sweep "$dir/scenario.csv" --vary horizon=1:2:2 -n 2 -s 1 -q -o "$dir/result" --no-plot >"$dir/said"
    [[ -s $dir/result/points.csv ]]
}

@test "empty lines of a spreadsheet are no rows, and Binance's word for cross is read" {
    printf '%s\n' side,price_usd,notional_usd short,105,1000000 ,, long,95,1000000 ,, >"$dir/levels.csv"
    printf '%s\n' key,value,unit price,100,usd ,, horizon,1,d levels,levels.csv, volatility,0.03, \
        book.depth,300M,usd ,, >"$dir/s.csv"
    squeeze check "$dir/s.csv" --json >"$dir/answer"
    grep -q '"short_levels": 1' "$dir/answer"
    grep -q '"long_levels": 1' "$dir/answer"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,account long,100,1,10,Crossed,a ,,,,, \
        short,100,1,10,CROSS,b >"$dir/p.csv"
    [[ $(squeeze margin "$dir/p.csv" --csv -q | wc -l) == 3 ]]
}
