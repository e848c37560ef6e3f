# SPDX-License-Identifier: GPL-3.0-or-later
# squeeze import: other people's files, what is refused, what is written.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    files=$BATS_TEST_DIRNAME/../import
}

@test "every small file of a format gives what its text implies" {
    python3 "$BATS_TEST_DIRNAME/import_totals.py" "$dir"
}

# ---- the scale of a map ------------------------------------------------------------------------

@test "a modelled map is written by who says what its dollars are" {
    fails 2 "--scale-standstill (times" import auto "$files/coinank_map.json" -o "$dir/levels.csv"
    [[ $said == *--scale-oi*--scale-total*--raw-usd* ]] || complain "says no way out: $said"
    leaves_nothing "$dir/levels"
    fails 2 "expected one of --scale-total" import auto "$files/coinank_map.json" --raw-usd \
        --scale-standstill -o "$dir/levels.csv"
    fails 2 "is no amount above 0" import auto "$files/coinank_map.json" --scale-oi -5
    squeeze import auto "$files/coinank_map.json" >"$dir/said" # to look needs no scale
    grep -q 'modelled' "$dir/said" || complain "no coverage: $(<"$dir/said")"
    squeeze import auto "$files/hyperliquid_buckets.json" -q -o "$dir/measured.csv" >/dev/null
    no_complaints
}

@test "scales of a map: its total, its larger side, where it stands still" {
    python3 - "$files/coinank_map.json" "$dir" <<'END'
import csv, json, os, subprocess, sys
payload, folder = sys.argv[1:]

def run(*more):
    out = folder + "/levels.csv"
    command = [os.environ["SQUEEZE"], "import", "auto", payload, "-q", "--json", "--force", "-o", out]
    answer = json.loads(subprocess.run(command + list(more), check=True, stdout=subprocess.PIPE).stdout)
    usd = {"long": 0.0, "short": 0.0}
    for row in csv.DictReader(open(out)):
        usd[row["side"]] += float(row["notional_usd"])
    return answer, usd

raw, usd = run("--raw-usd")
assert abs(usd["short"] - 2068000) < 1e-6 and abs(usd["long"] - 444331.75) < 1e-6, usd
answer, usd = run("--scale-total", "7.5bn")
assert abs(sum(usd.values()) / 7.5e9 - 1) < 1e-12, usd
answer, usd = run("--scale-oi", "9M")
assert abs(max(usd.values()) / 9e6 - 1) < 1e-12, usd
assert abs(answer["scale"] * raw["short_usd"] / 9e6 - 1) < 1e-12
assert abs(answer["standstill_scale"] / raw["standstill_scale"] - 1) < 1e-12
# The fullest 50 bp hold 1.25 M + 818 k less what is 100 bp apart: 1.25 M alone; depth 300 M
# within 1 % moves 50 bp by 150 M.
assert abs(raw["standstill_scale"] - 150e6 / 1.25e6) < 1e-4, raw["standstill_scale"]
answer, usd = run("--scale-standstill", "--set", "book.depth=30M")
assert abs(answer["standstill_scale"] - 15e6 / 1.25e6) < 1e-5, answer
payload = payload.replace("coinank_map", "coinglass_heatmap_v4")  # its longs are the larger side
answer, usd = run("--scale-oi", "9M")
assert abs(usd["long"] / 9e6 - 1) < 1e-12 and usd["short"] < 9e6, usd
END
    # What is written at the standstill scale has no danger zone, and with a little more it has one.
    squeeze import auto "$files/coinank_map.json" -q --scale-standstill --set book.depth=1M \
        -o "$dir/still.csv" >/dev/null
    printf '%s\n' key,value,unit price,62480.5,usd horizon,1,d volatility,0.02,"1/sqrt(d)" \
        book.depth,1M,usd levels,still.csv, >"$dir/scenario.csv"
    squeeze map "$dir/scenario.csv" -q >"$dir/said"
    grep -q 'no danger zone' "$dir/said" || complain "at the standstill scale: $(<"$dir/said")"
    squeeze map "$dir/scenario.csv" -q --set levels.scale=1.001 --json >"$dir/map.json"
    python3 - "$dir/map.json" <<'END' || complain "no ratio of 1 above it"
import json, sys
assert json.load(open(sys.argv[1]))["branching"]["max"] > 1
END
    no_complaints
}

# ---- the price ---------------------------------------------------------------------------------

@test "the price of a map: given, its own, recorded, or asked for; a stale one is a remark" {
    fails 2 "says no price" import auto "$files/coinglass_pair.json"
    fails 2 "--record" import auto "$files/history.csv"
    fails 2 "one price for maps of 2 times" import auto "$files/history.csv" --price 62400 \
        --raw-usd -o "$dir/history"
    squeeze import auto "$files/coinank_map.json" --price 63200 >/dev/null 2>"$dir/said"
    grep -q 'remark:.*made at 62480.5, -1.14 %' "$dir/said" || complain "not stale: $(<"$dir/said")"
    squeeze import auto "$files/coinank_map.json" --price 63000 >/dev/null 2>"$dir/said"
    [[ ! -s $dir/said ]] || complain "0.8 % is no remark: $(<"$dir/said")"
    squeeze import auto "$files/coinank_map.json" --price 62550 --json >"$dir/answer" # 62502 fired
    grep -q '"dropped": 1,' "$dir/answer" || complain "not dropped: $(<"$dir/answer")"
    squeeze import auto "$files/hyperliquid_map.json" --price 2186 --side-from-price --json \
        >"$dir/answer" 2>&1
    grep -q '"dropped": 2,' "$dir/answer" || complain "sides not from the price: $(<"$dir/answer")"
    no_complaints
}

# ---- what is read back -------------------------------------------------------------------------

@test "the program reads what it wrote: levels, positions, tiers, depth" {
    local rows=(key,value,unit price,62480.5,usd horizon,1,d volatility,0.02,"1/sqrt(d)")
    squeeze import auto "$files/coinank_map.json" -q --raw-usd -o "$dir/levels.csv" >/dev/null
    squeeze import auto "$files/book_depth.csv" -q -o "$dir/depth.csv" >/dev/null
    printf '%s\n' "${rows[@]}" levels,levels.csv, book,table, book.table,depth.csv, \
        >"$dir/levels-scenario.csv"
    squeeze check "$dir/levels-scenario.csv" || complain "levels and depth"
    squeeze import auto "$files/hyperliquid_state.jsonl" --symbol BTC -o "$dir/positions.csv" \
        >/dev/null 2>"$dir/said"
    squeeze import auto "$files/ccxt_tiers.json" -q -o "$dir/tiers.csv" >/dev/null
    printf '%s\n' "${rows[@]}" book.depth,300M,usd positions,positions.csv, venue,hyperliquid, \
        symbol,BTC, >"$dir/positions-scenario.csv"
    squeeze check "$dir/positions-scenario.csv" || complain "positions"
    squeeze import auto "$files/binance_positions.json" -q -o "$dir/binance.csv" >/dev/null
    sed 's/BTCUSDT/BTC\/USDT:USDT/; s/ETHUSDT/ETH\/USDT:USDT/' "$dir/binance.csv" >"$dir/named.csv"
    squeeze margin "$dir/named.csv" --venue binance --set venue.tiers="$dir/tiers.csv" >/dev/null ||
        complain "positions with tiers"
    squeeze import auto "$dir/levels.csv" -q --price 62480.5 --raw-usd -o "$dir/again.csv" >/dev/null
    cmp "$dir/levels.csv" "$dir/again.csv" || complain "levels are not imported as they are"
    no_complaints
}

@test "a position's margin is its raw USD and what it cost; marks and equity come along" {
    squeeze import auto "$files/hyperliquid_state.jsonl" -q -o "$dir/positions.csv" >/dev/null
    squeeze margin "$dir/positions.csv" -q --csv --venue hyperliquid --set venue.maintenance=0.02 \
        >"$dir/margins"
    # Isolated, 10 ETH on 2,100 of margin: M - Q E (1 - mmr) at 0, so (E - M/Q) / (1 - mmr).
    python3 - "$dir/margins" <<'END'
import csv, sys
row = list(csv.DictReader(open(sys.argv[1])))[1]
assert abs(float(row["liquidation_usd"]) - (2100 - 210) / 0.98) < 1e-8, row
END
}

# ---- what is refused ---------------------------------------------------------------------------

@test "errors of providers and encrypted answers are refused with advice" {
    fails 3 "is encrypted" import auto "$files/encrypted.json" --price 1
    [[ $said == *"with a key"* ]] || complain "no advice: $said"
    fails 3 "40001, API key missing" import auto "$files/error.json" --price 1
    echo '{"code":"0","msg":"success","data":[]}' >"$dir/empty.json"
    fails 3 "is empty" import auto "$dir/empty.json" --price 1
    echo '<html>Attention required</html>' >"$dir/page.json"
    fails 3 "HTML" import auto "$dir/page.json" --price 1
    echo '{"hello":[1,2]}' >"$dir/other.json"
    fails 3 "an object of hello" import auto "$dir/other.json" --price 1
    squeeze import coinank "$files/coinank_map.json" >/dev/null || complain "coinank"
    squeeze import levels "$files/wide.csv" --price 62480 >/dev/null || complain "levels"
    fails 3 "it looks like coinank-map" import coinglass-map "$files/coinank_map.json"
    fails 2 "did you mean 'coinank-map'" import coinank-mop "$files/coinank_map.json"
    echo '[5,6]' >"$dir/list.json"
    fails 3 "a list of JSON; expected" import auto "$dir/list.json" --price 1
    fails 3 "cannot be opened" import auto "$dir/none.json"
    fails 3 "expected one kind" import auto "$files/levels.csv" "$files/klines_us.csv" --price 62480
    no_complaints
}

# broken NAME TEXT WORDS: a file of that text must be refused so, and leave nothing behind.
broken() {
    printf '%s' "$2" >"$dir/$1"
    fails 3 "$3" import auto "$dir/$1" --price 62480.5 --raw-usd -o "$dir/out.csv"
    [[ $said == *"$1"* ]] || complain "$1: names no file: $said"
    [[ $(wc -l <<<"$said") == 1 ]] || complain "$1: more than a line: $said"
    leaves_nothing "$dir/out"
}

@test "what is malformed gets one line with its place" {
    broken truncated.json '{"data":{"prices":[1,2],' "truncated.json:1: is not valid JSON"
    broken nan.json '{"data":{"x1":[NaN],"prices":[1],"lastPrice":2}}' "is not valid JSON"
    broken huge.json '{"data":{"x1":[1e999],"prices":[1],"lastPrice":2}}' "is not valid JSON"
    broken latin.json $'{"data":{"x\xe91":[1],"prices":[1],"lastPrice":2}}' "is not valid JSON"
    broken twice.json '{"long_distribution":{"61200":1,"61200":2}}' "is not valid JSON"
    broken large.json '{"data":{"x1":[1e300],"prices":[61000],"lastPrice":62480}}' "expected 0 to 1e15"
    broken text.json '{"data":{"x1":["0x10"],"prices":[61000],"lastPrice":62480}}' "x1[0]: '0x10' is not"
    broken object.json '{"data":{"x1":[{}],"prices":[61000],"lastPrice":62480}}' "x1[0]: is not a number"
    broken short.json '{"data":{"x1":[1],"prices":[61000,1],"lastPrice":62480}}' "has 1 values; expected 2"
    broken zeros.json '{"data":{"x1":[0,0],"prices":[61000,63000],"lastPrice":62480}}' "2 hold nothing"
    broken minus.json '{"data":{"x1":[-3],"prices":[61000],"lastPrice":62480}}' "-3 usd"
    broken cell.json '{"data":{"y":[61000],"liq":[[0,7,5]],"prices":[]}}' "the price number 7"
    broken side.csv $'side,price,usd\nbuy,61200,5\n' "side.csv:2: side: 'buy'"
    broken ragged.csv $'side,price,usd\nlong,61200\n' "ragged.csv:2: 2 fields"
    broken word.csv $'price,usd\n61200,many\n' "word.csv:2: usd: 'many'"
    broken bar.csv $'time,open,high,low,close\n2025-12-01,5,4,3,4\n' "bar.csv:2: open 5 or close 4 lies"
    broken prices.csv $'time,open,high,low,close\n2025-12-01,,,,\n' "1 row without a price"
    broken when.csv $'time,open,high,low,close\n1.12.2025,4,4,3,4\n' "'1.12.2025' is not a time"
    broken book.json '{"bids":[["5","1"]],"asks":[["4","1"]]}' "a bid lies above an ask"
    broken okx.json '{"code":"0","data":[{"bids":[["5","1","0","1"]],"asks":[["6","1","0","1"]]}]}' "count contracts"
    broken nothing.csv '' "is empty"
    no_complaints
}

@test "hostile JSON ends at once: nested deep, endless brackets, endless lists" {
    python3 - "$dir" <<'END'
import sys
open(sys.argv[1] + "/deep.json", "w").write("[" * 100_000_000)
open(sys.argv[1] + "/wide.json", "w").write("[" + "[]," * 5_000_000 + "[]]")
END
    fails 3 "deep.json:1: is nested more than 64 deep" import auto "$dir/deep.json" --price 1
    fails 3 "wide.json:1: has more than 4000000 lists" import auto "$dir/wide.json" --price 1
    rm "$dir"/*.json
    no_complaints
}

@test "control characters of a file do not reach the terminal" {
    printf '{"code":"7","msg":"\\u001b[31mred"}' >"$dir/red.json"
    fails 3 '\x1b[31mred' import auto "$dir/red.json"
    no_complaints
}

# ---- what is written ---------------------------------------------------------------------------

@test "nothing is overwritten without --force, and no half file is left" {
    echo mine >"$dir/out.csv"
    fails 1 "exists; --force" import auto "$files/book_depth.csv" -o "$dir/out.csv"
    [[ $(<"$dir/out.csv") == mine ]] || complain "overwritten"
    squeeze import auto "$files/book_depth.csv" -q --force -o "$dir/out.csv" >/dev/null
    fails 1 "cannot be created" import auto "$files/book_depth.csv" -o "$dir/none/out.csv"
    fails 1 "no plain file" import auto "$files/book_depth.csv" --force -o /dev/full
    rm "$dir/printed"
    [[ $(ls "$dir") == out.csv ]] || complain "left behind: $(ls "$dir")"
    no_complaints
}

@test "a history is a folder of its own" {
    local ask=(import auto "$files/history.csv" -q --raw-usd --record "$files/price_bars.csv")
    squeeze "${ask[@]}" -o "$dir/maps" >/dev/null
    [[ $(ls "$dir/maps") == $'index.csv\nlevels-00001.csv\nlevels-00002.csv' ]] ||
        complain "holds $(ls "$dir/maps")"
    fails 1 "--force overwrites the history" "${ask[@]}" -o "$dir/maps"
    squeeze "${ask[@]}" --force -o "$dir/maps/" >/dev/null
    touch "$dir/maps/mine"
    fails 1 "a folder of its own" "${ask[@]}" --force -o "$dir/maps"
    squeeze "${ask[@]}" -o "$dir/last.csv" >"$dir/said" # a file takes the last map
    grep -q '1 of earlier times' "$dir/said" || complain "not the last: $(<"$dir/said")"
    fails 2 "a folder's name" import auto "$files/levels.csv" --price 62480 --raw-usd -o "$dir/new"
    no_complaints
}

# ---- what is said ------------------------------------------------------------------------------

@test "files of several times are a history, parts of one map are added up" {
    sed 's/62480.5/62400.5/' "$files/coinank_map.json" >"$dir/map_20251201T0000Z.json"
    cp "$files/coinank_map.json" "$dir/map_20251201T020000Z.json"
    squeeze import coinank "$dir"/map_*Z.json -q --raw-usd -o "$dir/maps" >/dev/null
    [[ $(<"$dir/maps/index.csv") == $'time,price_usd,levels\n2025-12-01T00:00:00Z,62400.5,levels-00001.csv\n2025-12-01T02:00:00Z,62480.5,levels-00002.csv' ]] ||
        complain "index: $(<"$dir/maps/index.csv")"
    fails 3 "coinank_map.json: 3 maps, of which not all say their time" import auto "$files/coinank_map.json" "$dir"/map_*Z.json
    cp "$files/coinank_map.json" "$dir/other_20251201T0200Z.json"
    fails 3 "two maps of 2025-12-01T02:00:00Z" import auto "$dir"/*_*Z.json
    cp "$files/py_25x_sell.csv" "$dir/py_50x_sell.csv"
    squeeze import auto "$files/py_25x_sell.csv" "$dir/py_50x_sell.csv" --price 62480 --json |
        grep -q '"short_usd": 540251.0' || complain "not added up"
    no_complaints
}

@test "columns that a table calls otherwise are named" {
    printf '%s\n' strike,sz,dir 61200,5,long 64100,7,short >"$dir/odd.csv"
    fails 3 "--columns" import auto "$dir/odd.csv" --price 62480
    squeeze import auto "$dir/odd.csv" --price 62480 --columns price=strike,notional=sz,side=dir \
        --json >"$dir/answer"
    grep -q '"short_usd": 7.0' "$dir/answer" || complain "not read: $(<"$dir/answer")"
    fails 2 "'prize=strike' names no column; did you mean 'price'" import auto "$dir/odd.csv" \
        --price 62480 --columns prize=strike
    no_complaints
}

@test "of several markets one is named" {
    sed 's/"BTC":{/"ETH":{},"BTC":{/' "$files/hyperliquid_buckets.json" >"$dir/two.json"
    sed 's/"data":{"ETH":{},"BTC":\({.*}\),"tradersCount"/"data":{"BTC":\1,"tradersCount"/; s/"data":{"BTC"/"data":{"ETH":{"currentPrice":1,"longLiquidations":[]},"BTC"/' \
        "$dir/two.json" >"$dir/both.json"
    fails 3 "expected --symbol" import auto "$dir/both.json"
    squeeze import auto "$dir/both.json" --symbol BTC --json | grep -q '"levels": 3' ||
        complain "not BTC"
    no_complaints
}

@test "positions in several markets: which are meant, and what is left out" {
    squeeze import auto "$files/positions.csv" >/dev/null 2>"$dir/said"
    grep -q 'positions in 2 markets.*--symbol' "$dir/said" || complain "several: $(<"$dir/said")"
    squeeze import auto "$files/positions.csv" --symbol BTC >/dev/null 2>"$dir/said"
    grep -q '1 cross positions in other markets' "$dir/said" || complain "others: $(<"$dir/said")"
    fails 3 "has no open positions" import auto "$files/positions.csv" --symbol XRP
    no_complaints
}

@test "standard input is a file; help lists the formats" {
    squeeze import auto - --json <"$files/coinank_map.json" | grep -q '"format": "coinank-map"' ||
        complain "JSON from a pipe"
    squeeze import auto - --json --price 62480 <"$files/wide.csv" | grep -q '"levels-wide"' ||
        complain "a table from a pipe"
    squeeze help import | grep -q 'coinglass-heatmap .*last' || complain "no formats in the help"
    no_complaints
}
