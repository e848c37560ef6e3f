# Bad input is refused with its place and a sentence, and leaves nothing behind; what only looks
# unusual is accepted.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario "$dir/scenario.csv" target,104.5,usd
}

# refused FILE LINE FIELD WORDS [OPTION...]: the data error FILE:LINE: FIELD: ..WORDS.. of a batch of
# scenario.csv that was to write a result. LINE 0: none; FIELD -: none.
refused() {
    local place=$1 field=$3 words=$4
    (($2 > 0)) && place+=:$2
    [[ $field == - ]] && field= || field="$field: "
    shift 4
    fails 3 "$words" batch "$dir/scenario.csv" -n 10 -s 1 -q -o "$dir/result" "$@"
    [[ $said == "squeeze: $place: $field"* ]] || complain "expected $place: $field, said: $said"
    leaves_nothing "$dir/result"
}

# ---- scenario files --------------------------------------------------------------------------

@test "a wrong row of a scenario is refused with its line, its key and what was expected" {
    local row words
    while IFS='|' read -r row words; do
        scenario "$dir/scenario.csv" "$row"
        refused "$dir/scenario.csv" "$(line_of "$row" "$dir/scenario.csv")" "${row%%,*}" "$words"
    done <<'END'
price,-5,usd|out of range; expected above 0
price,0,usd|out of range
price,inf,usd|out of range
price,1e999,usd|out of range
price,nan,usd|'nan' is not a number
price,nan(1),usd|is not a number
price,hundred,usd|'hundred' is not a number
price,1O0,usd|'1O0' is not a number
price,0x64,usd|'0x64' is not a number
price,100 eur,|unit 'eur' does not fit; expected usd
price,100 usd,eur|'100 usd' has a unit; the unit belongs in the unit column, which says 'eur'
price,100T,usd|'100T' is not a number; expected digits, then k, M, B
price,,usd|is empty
price,100,eur|unit 'eur' does not fit; expected usd
price,100m,|unit 'm' does not fit; expected usd (a million is M)
price,1_000,|'1_000' is not a number
price,1 000,usd|'1 000' is not a number
price,"100,5",usd|'100,5' has a comma where none sets thousands apart; expected a decimal point
price,"0,100",usd|'0,100' has a comma
price,"1,0000",usd|'1,0000' has a comma
price,+10%,|unit '%' does not fit; expected usd
horizon,1,day|unit 'day' does not fit; expected s, min, h, d
horizon,1,1/d|unit '1/d' does not fit; expected s, min, h, d
horizon,0,d|out of range
horizon,inf,d|out of range
horizon,24h,d|'24h' has a unit; the unit belongs in the unit column, which says 'd', or behind the number
horizon,1M,|unit 'M' does not fit; expected s, min, h, d, w, ms (a minute is min or m)
volatility,-0.03,1/sqrt(d)|out of range
volatility,3,%|unit '%' does not fit; expected
volatility,3%,d|'3%' is not a number; the unit belongs in the unit column
volatility,0.03,1/d|unit '1/d' does not fit; expected
drift,1,d|unit 'd' does not fit; expected
drift,inf,1/d|out of range
book.depth,0,usd|out of range
book.depth,-1M,usd|out of range
book.depth_ask,0,usd|out of range
book.shape,0.09,1|out of range; expected 0.1 to 10
book.shape,10.1,1|out of range
book.shape_bid,0,1|out of range
book.permanent,1.01,1|out of range; expected 0 to 1
book.permanent,101,%|out of range
book.permanent,-0.01,1|out of range
book.halflife,0,s|out of range
book.halflife,20;-3,s|out of range
book.halflife,20;x,s|'x' is not a number
book.halflife,20;;900,s|'' is not a number
book.halflife,20;900;,s|'' is not a number
book.halflife,1;2;3;4;5;6;7;8;9,s|more than 8 values
book.weights,0.5;0.4,1|weights sum to 0.9, expected 1
book.weights,0.7;0.7,1|weights sum to 1.4, expected 1
book.weights,1.5;-0.5,1|out of range
book.weights,1,1|1 weights for 2 half-lives
book.weights,0.5;0.3;0.2,1|3 weights for 2 half-lives
withdrawal.gamma,-1,1|out of range
withdrawal.halflife,0,s|out of range
levels.scale,-1,1|out of range
peak.resolution,0,bp|out of range
peak.resolution,25,1|unit '1' does not fit; expected bp
target,100,usd|equals the start price
floor,100.0,usd|equals the start price
target,-3,usd|out of range
target,4.5%,|'4.5 %' has no sign; expected +4.5% or -4.5% of the start price, or usd
floor,-100%,|out of range; expected above 0
floor,+0%,|equals the start price
book.depth,+10%,|unit '%' does not fit; expected usd
impact,maybe,|'maybe' is not a choice; expected on, off
impact,on,1|takes no unit
name,small,usd|takes no unit
book,pwoer,|unknown model 'pwoer'; did you mean 'power'?
book,wishful-thinking,|unknown model 'wishful-thinking' (see squeeze models)
book.table,book.csv,|belongs to book 'table', but this scenario's book is 'power'
book.detph,1M,usd|unknown key; did you mean 'book.depth'?
levels.attrition,-1,1/d|out of range
levels.topup,101,%|out of range; expected 0 to 1
trigger,spot,|'spot' is not a choice; expected last, mark, index
mark.window,0,s|out of range; expected above 0
latency,-1,s|out of range
latency,3,1/s|unit '1/s' does not fit; expected s, min, h, d
latency.law,gamma,|'gamma' is not a choice; expected fixed, exponential
slice.rate,0,usd/s|out of range; expected above 0
slice.rate,1M,usd|unit 'usd' does not fit; expected usd/s
slice.interval,0,s|out of range
jumps.rate,-1,1/d|out of range
jumps.rate,4,d|unit 'd' does not fit; expected 1/s
jumps.rat,4,1/d|unknown key; did you mean 'jumps.rate'?
calendr,off,|unknown key; did you mean 'calendar'?
calendar,off,d|takes no unit
regimes.star,calm,|unknown key; did you mean 'regimes.start'?
flow.rate,-1,1/h|out of range
hunter.capital,-1,usd|out of range
funding.rate,2,1|out of range
replay.ordr,auto,|unknown key; did you mean 'replay.order'?
volatilty,0.03,1|unknown key; did you mean 'volatility'?
Price,100,usd|unknown key; did you mean 'price'?
frobnication,1,1|unknown key
END
    no_complaints
}

@test "keys of venues want positions, and positions no levels" {
    local row said key
    while IFS='|' read -r row key said; do
        scenario "$dir/scenario.csv" "$row"
        refused "$dir/scenario.csv" "$(grep -n "^$key," "$dir/scenario.csv" | cut -d : -f 1)" \
            "$key" "$said"
    done <<'END'
venue,tiers,|venue|unknown venue 'tiers'
venue,bybit,|venue|expected a scenario with positions
venue.tiers,tiers.csv,|venue.tiers|expected a scenario with positions
positions,positions.csv,|levels|stands beside positions
END
    while read -r row; do
        scenario "$dir/scenario.csv" "$row"
        squeeze check "$dir/scenario.csv" >"$dir/said" || complain "$row: refused"
    done <<'END'
venue,full,
END
    no_complaints
}

@test "a missing required key is named, and a misspelt one is called misspelt" {
    local key row
    for key in price horizon levels volatility book.depth; do
        scenario "$dir/scenario.csv"
        sed -i "/^$key,/d" "$dir/scenario.csv"
        refused "$dir/scenario.csv" 0 "$key" "is missing"
    done
    scenario "$dir/scenario.csv" book,table,
    sed -i "/^book.depth,/d" "$dir/scenario.csv"
    refused "$dir/scenario.csv" 0 book.table "is missing"
    while IFS='|' read -r key row; do
        scenario "$dir/scenario.csv" "$row"
        refused "$dir/scenario.csv" 0 "$key" "is missing"
    done <<'END'
jumps.rate|jumps.sd,0.01,1
calendar|calendar.period,1,d
regimes|regimes.start,calm,
flow.rate|flow.size,10k,usd
flow.size|flow.rate,1,1/h
hunter.capital|hunter.hold,5,s
funding.rate|funding.interval,8,h
replay|replay.order,auto,
END
    scenario "$dir/scenario.csv" horizn,1,d
    sed -i "/^horizon,/d" "$dir/scenario.csv"
    refused "$dir/scenario.csv" 6 horizn "did you mean 'horizon'?"
    no_complaints
}

@test "a key given twice is refused, with both lines" {
    scenario "$dir/scenario.csv"
    printf '%s\n' '' target,104,usd price,100,usd >>"$dir/scenario.csv"
    refused "$dir/scenario.csv" 9 price "given twice; first on line 2"
    no_complaints
}

# The same faults of form, for each kind of file: TEXT|LINE|FIELD|WORDS, \n for a line end.
@test "files that are no CSV of the expected form are refused" {
    local text line field words
    while IFS='|' read -r text line field words; do
        printf "$text" >"$dir/scenario.csv"
        refused "$dir/scenario.csv" "$line" "$field" "$words"
    done <<'END'
|0|-|is empty; expected a scenario
\n\n|0|-|is empty
key,value,unit\n|0|price|is missing
key,value\nprice,100\n|1|unit|missing column; expected a header line key,value,unit[,note]
value,unit\n100,usd\n|1|key|missing column
key,value,unit,remark\n|1|remark|unknown column
key,vlaue,unit\n|1|vlaue|unknown column; did you mean 'value'?
key,value,unit,key\n|1|key|column given twice
price,100,usd\n|1|price|unknown column
key,value,unit\nprice\n|2|-|1 field; expected
key,value,unit,note\nprice,100,usd,a note, with a comma\n|2|-|5 fields; expected key,value,unit[,note] (quote
key,value,unit\n,100,usd\n|2|key|is empty
key,value,unit\nname,"BTC "now"",\n|2|-|broken quoting
key,value,unit\nname,"BTC"x,\n|2|-|broken quoting
key,value,unit\nprice,100,usd\nname,"BTC\nhorizon,1,d\n|3|-|a quoted field is never closed
key,value,unit\nprice,1\00000,usd\n|2|-|a NUL byte
END
    scenario "$dir/scenario.csv"
    while IFS='|' read -r text line field words; do
        printf "$text" >"$dir/levels.csv"
        refused "$dir/levels.csv" "$line" "$field" "$words"
    done <<'END'
|0|-|is empty; expected levels
side,price_usd\nshort,101\n|1|notional_usd|missing column; expected a header line side,price_usd,notional_usd[,leverage][,accounts]
side,price_usd,notional_usd\n|0|-|has no levels; expected at least one row after the header (levels in
price_usd,notional_usd\n101,5\n|1|side|missing column
side,price_usd,notional_usd,levrage\n|1|levrage|unknown column; did you mean 'leverage'? expected side,price_usd,notional_usd[,leverage][,accounts]
side,cost,notional_usd\n|1|cost|unknown column; expected side
side,size,price_usd\n|1|size|unknown column: it may mean notional_usd, or coins; expected side
side,price,price_usd,notional_usd\n|1|price_usd|column given twice
side,price_usd,Price,notional_usd\n|1|Price|column given twice: it means price_usd
side,side,price_usd,notional_usd\n|1|side|column given twice
short,101,5\n|1|short|unknown column; expected side,price_usd,notional_usd[,leverage][,accounts]
side,price_usd,notional_usd\nshort,101\n|2|-|2 fields; expected 3
side,price_usd,notional_usd\nshort,101,1,5\n|2|-|4 fields; expected 3
side,price_usd,notional_usd\nshort,101,1\n\nshort,"102"3,1\n|4|-|broken quoting
side,price_usd,notional_usd\nshort,101,1\nshort,102,"1\n|3|-|a quoted field is never closed
END
    no_complaints
}

@test "files that cannot be read are refused" {
    fails 3 "squeeze: $dir/absent.csv: cannot be opened: No such file" check "$dir/absent.csv"
    fails 3 "squeeze: $dir: cannot be read: Is a directory" check "$dir"
    fails 3 "squeeze: $dir/scenario.csv/x: cannot be opened" check "$dir/scenario.csv/x"
    scenario "$dir/scenario.csv" levels,absent.csv,
    refused "$dir/absent.csv" 0 - "cannot be opened: No such file"
    scenario "$dir/scenario.csv" levels,.,
    refused "$dir/." 0 - "cannot be read: Is a directory (levels in $dir/scenario.csv:4)"
    no_complaints
}

@test "a file that is not there is named together with the row that asks for it" {
    local row asker
    for row in levels,absent.csv, calendar,absent.csv, regimes,absent.csv, replay,absent.csv,; do
        scenario "$dir/scenario.csv" "$row"
        asker="${row%%,*} in $dir/scenario.csv:$(line_of "$row" "$dir/scenario.csv")"
        refused "$dir/absent.csv" 0 - "cannot be opened: No such file or directory ($asker)"
    done
    scenario "$dir/scenario.csv"
    refused absent.csv 0 - "No such file or directory (levels by --set)" --set levels=absent.csv
    refused absent.csv 0 - "No such file or directory (calendar by --set)" --set calendar=absent.csv
    no_complaints
}

@test "a label that is no UTF-8 is refused before anything is simulated" {
    scenario "$dir/scenario.csv" $'name,caf\xe9,'
    refused "$dir/scenario.csv" 7 name "UTF-8"
    no_complaints
}

# ---- levels ----------------------------------------------------------------------------------

@test "a wrong level is refused with its line and column" {
    local row field words
    while IFS='|' read -r row field words; do
        levels "$dir/levels.csv" short,101,5 "" long,99,5 "$row" short,103,7
        refused "$dir/levels.csv" 5 "$field" "$words"
    done <<'END'
short,103,-1|notional_usd|'-1' is negative
short,103,nan|notional_usd|'nan' is not a finite number
short,103,inf|notional_usd|'inf' is not a finite number
short,103,-inf|notional_usd|'-inf' is not a finite number
short,103,1e999|notional_usd|'1e999' is not a finite number
short,103,|notional_usd|'' is not a finite number
short,103,much|notional_usd|'much' is not a finite number
short,103,800t|notional_usd|'800t' is not a finite number; expected plain digits or k, M, B, bn behind them
short,103,5m|notional_usd|'5m' is not a finite number
short,103,5%|notional_usd|'5%' is not a finite number
short,103,"0,5"|notional_usd|'0,5' has a comma where none sets thousands apart
short,103,1 000|notional_usd|'1 000' is not a finite number
short,103,0x10|notional_usd|'0x10' is not a finite number
short,-103,5|price_usd|'-103' is not a price; expected above 0
long,0,5|price_usd|'0' is not a price
short,nan,5|price_usd|'nan' is not a finite number
short,inf,5|price_usd|'inf' is not a finite number
short,high,5|price_usd|'high' is not a finite number
buy,103,5|side|'buy' is not a side; expected short or long, the position that gets closed (a buy opens a long, and closes a short: it could mean either)
SELL,103,5|side|'SELL' is not a side; expected short or long, the position that gets closed (a buy
shorts,103,5|side|'shorts' is not a side
,103,5|side|'' is not a side
short,100,5|price_usd|short level at 100 is not above the start price 100
short,99.5,5|price_usd|short level at 99.5 is not above the start price 100 (--allow-crossed
long,100,5|price_usd|long level at 100 is not below the start price 100
long,100.5,5|price_usd|long level at 100.5 is not below the start price 100 (--allow-crossed
END
    while IFS='|' read -r row field words; do
        printf '%s\n' side,price_usd,notional_usd,leverage,accounts "$row" >"$dir/levels.csv"
        refused "$dir/levels.csv" 2 "$field" "$words"
    done <<'END'
short,103,5,-3,1|leverage|'-3' is negative
short,103,5,x,1|leverage|'x' is not a finite number
short,103,5,nan,1|leverage|'nan' is not a finite number
short,103,5,3k,1|leverage|'3k' is not a finite number; expected plain digits
short,103,5,3,-1|accounts|'-1' is negative
short,103,5,3,some|accounts|'some' is not a finite number
END
    no_complaints
}

@test "--allow-crossed fires levels on the wrong side of the price at time zero" {
    levels "$dir/levels.csv" short,99.5,70000 short,100,30000 long,100.5,20000 short,150,5 long,50,5
    fails 3 "--allow-crossed" check "$dir/scenario.csv"
    no_complaints
    squeeze check "$dir/scenario.csv" --allow-crossed >"$dir/said"
    squeeze run "$dir/scenario.csv" --allow-crossed -s 1 --json -q --set volatility=0 >"$dir/run.json"
    squeeze batch "$dir/scenario.csv" --allow-crossed -s 1 -n 50 --json -q >"$dir/answer.json"
    python3 - "$dir/run.json" "$dir/answer.json" <<'END'
import sys
from results import *

run, answer = load(sys.argv[1]), load(sys.argv[2])
fired = [e for e in run["events"] if e["kind"] == "liquidation"]
assert sorted(e["notional_usd"] for e in fired) == [20000, 30000, 70000]
assert {e["time_s"] for e in fired} == {0}
assert answer["forced_usd"]["mean"]["value"] == 120000 and answer["forced_usd"]["unforced_paths"] == 0
END
}

# ---- tables of the book ----------------------------------------------------------------------

@test "a wrong table of the book is refused with its line and column" {
    local text line field words
    scenario "$dir/scenario.csv" book,table, book.table,book.csv,
    sed -i '/^book.depth,/d' "$dir/scenario.csv"
    while IFS='|' read -r text line field words; do
        printf "side,distance_bp,cumulative_usd\n$text" >"$dir/book.csv"
        refused "$dir/book.csv" "$line" "$field" "$words"
    done <<'END'
|0|-|has no rows
ask,10,100\n|0|side|no rows for side 'bid'
ask,10,100\nbid,10,x\n|3|cumulative_usd|'x' is not a finite number
ask,10,100\nbid,nan,100\n|3|distance_bp|'nan' is not a finite number
ask,10,100\nsell,10,100\n|3|side|'sell' is unknown; expected ask or bid
ask,10,100\nask,10,200\nbid,10,100\n|3|distance_bp|10 does not increase
ask,10,100\nask,20,99\nbid,10,100\n|3|cumulative_usd|99 decreases
ask,10,100\nask,0,100\nbid,10,100\n|3|distance_bp|0 does not increase
ask,0,100\nbid,10,100\n|0|cumulative_usd|no depth on side 'ask' beyond distance 0
ask,10,0\nbid,10,100\n|0|cumulative_usd|no depth on side 'ask' beyond distance 0
ask,10,-5\nbid,10,100\n|2|cumulative_usd|-5 decreases
ask,10\n|2|-|2 fields; expected 3
END
    rm "$dir/book.csv"
    refused "$dir/book.csv" 0 - "cannot be opened"
    no_complaints
}

# ---- tables of drivers -----------------------------------------------------------------------

@test "a wrong table of a driver is refused with its line and column" {
    local driver text line field words
    declare -A header=([calendar]=time_h,probability,jump_mean,jump_sd,volatility,depth
        [regimes]=state,drift_per_d,volatility,depth,to_calm_per_d,to_fear_per_d
        [replay]=time_h,open_usd,high_usd,low_usd,close_usd)
    while IFS='|' read -r driver text line field words; do
        scenario "$dir/scenario.csv" "$driver,table.csv,"
        printf "${header[$driver]}\n$text" >"$dir/table.csv"
        refused "$dir/table.csv" "$line" "$field" "$words"
    done <<'END'
calendar||0|-|has no rows
calendar|3,0.5,0.01,0,1,1\n3,0.5,0.01,0,1,1\n|3|time_h|3 does not increase
calendar|3,1.5,0.01,0,1,1\n|2|probability|1.5 is out of range; expected 0 to 1
calendar|3,0.5,0.01,-1,1,1\n|2|jump_sd|-1 is out of range
calendar|3,0.5,0.01,0,-1,1\n|2|volatility|-1 is out of range
calendar|3,0.5,0.01,0,1,0\n|2|depth|0 is out of range
calendar|3,0.5,big,0,1,1\n|2|jump_mean|'big' is not a finite number
calendar|3,0.5,0.01,0,1\n|2|-|5 fields; expected 6
regimes|calm,0,1,1,0,3\ncalm,0,2,1,4,0\n|3|state|'calm' is given twice; first on line 2
regimes|calm,0,1,1,0,-3\nfear,0,2,1,4,0\n|2|to_fear_per_d|-3 is out of range
regimes|calm,0,1,1,0,3\nfear,0,2,1,4,7\n|3|to_fear_per_d|from 'fear' to itself
regimes|calm,0,1,1,0,3\ngreed,0,2,1,4,0\n|1|to_fear_per_d|unknown column; did you mean 'to_greed_per_d'? expected state,drift_per_d,volatility,depth and to_STATE_per_d for every state
replay|1,100,101,99,100\n25,100,101,99,100\n|2|time_h|1 is not the start
replay|0,100,101,99,102\n24,100,101,99,100\n|2|close_usd|102 lies above the bar's high_usd
replay|0,90,101,89,100\n24,100,101,99,100\n|2|open_usd|90 is not the scenario's price
replay|0,100,101,99,100\n9,100,101,99,100\n|3|time_h|before the horizon
END
    no_complaints
}

@test "a table with another header is refused with the columns that were expected" {
    local driver
    declare -A header=([calendar]=time_h,probability,jump_mean,jump_sd,volatility,depth
        [regimes]="state,drift_per_d,volatility,depth and to_STATE_per_d for every state"
        [replay]=time_h,open_usd,high_usd,low_usd,close_usd)
    for driver in "${!header[@]}"; do
        scenario "$dir/scenario.csv" "$driver,table.csv,"
        printf '1,2,3\n' >"$dir/table.csv"
        refused "$dir/table.csv" 1 1 "unknown column; expected ${header[$driver]}"
        printf '%s\n' "${header[$driver]/,*/}" 0 >"$dir/table.csv"
        refused "$dir/table.csv" 1 "$(cut -d , -f 2 <<<"${header[$driver]}")" \
            "missing column; expected a header line ${header[$driver]}"
        : >"$dir/table.csv"
        refused "$dir/table.csv" 0 - "is empty; expected a table, ${header[$driver]} ($driver in $dir/"
    done
    no_complaints
}

# ---- --set -----------------------------------------------------------------------------------

@test "--set takes values with and without a unit, repeatedly, and the last one counts" {
    local key wanted_value wanted_unit options
    while IFS='|' read -r key wanted_value wanted_unit options; do
        eval "set -- $options"
        squeeze check "$dir/scenario.csv" --json "$@" >"$dir/check.json" ||
            complain "$options: refused"
        grep -A 3 "\"key\": \"$key\"" "$dir/check.json" >"$dir/setting" ||
            complain "$options: no $key"
        grep -q "\"value\": \"$wanted_value\"" "$dir/setting" &&
            grep -q "\"unit\": \"$wanted_unit\"" "$dir/setting" &&
            grep -q '"origin": "--set"' "$dir/setting" || complain "$options: $(<"$dir/setting")"
    done <<'END'
horizon|36|h|--set horizon=36h
horizon|36|h|--set 'horizon=36 h'
horizon|36|d|--set horizon=36
horizon|36|d|--set horizon=2h --set horizon=36
latency|36|s|--set latency=36
horizon|90|min|--set horizon=2h --set volatility=0.1 --set horizon=90min
price|100.5|usd|--set price=100.5
book.depth|2M|usd|--set book.depth=2Musd
book.depth|2k|usd|--set book.depth=2k
book.permanent|12.5|%|--set book.permanent=12.5%
book.halflife|20;inf|s|--set 'book.halflife=20;inf'
book.halflife|1;2.5|min|--set 'book.halflife=1;2.5min'
volatility|0.9|1/sqrt(yr)|--set 'volatility=0.9 1/sqrt(yr)'
drift|-0.002|1/d|--set 'drift=-0.002 1/d'
name|3d and more||--set 'name=3d and more'
impact|off||--set impact=off
END
    no_complaints
}

@test "the help and the manual say which unit a --set without one has" {
    local words="a number without a unit has that of the scenario's row for the key, or the key's own"
    squeeze help batch | flowing | grep -q -- "--set .*$words" || complain "help"
    squeeze help --man | sed 's/\\//g' | grep -q "$words" || complain "manual"
    no_complaints
}

@test "a wrong --set is refused and said to come from there" {
    local field words options
    while IFS='|' read -r field words options; do
        eval "set -- $options"
        refused --set 0 "$field" "$words" "$@"
    done <<'END'
price|out of range|--set price=-1
price|'x' is not a number|--set price=x
price|is empty|--set price=
price|unit 'eur' does not fit; expected usd|--set price=100eur
horizon|unit 'fortnights' does not fit|--set horizon=3fortnights
horizon|1e12 d is out of range|--set horizon=1e12
volatility|unit '/sqrt(yr)' does not fit|--set 'volatility=0.91/sqrt(yr)'
target|equals the start price|--set target=100
target|equals the start price|--set target=101 --set price=101
volatilty|did you mean 'volatility'?|--set volatilty=3
venue|unknown venue 'tiers'|--set venue=tiers
book.weights|weights sum to|--set 'book.weights=0.5;0.4'
book.halflife|more than 8 values|--set 'book.halflife=1;2;3;4;5;6;7;8;9'
book|unknown model|--set book=wall
END
    no_complaints
}

# ---- what must be accepted -------------------------------------------------------------------

@test "unusual but valid files mean the same as plain ones" {
    local name
    scenario "$dir/scenario.csv" name,"two  words", target,104.5,usd
    squeeze batch "$dir/scenario.csv" -n 400 -s 3 -q --json >"$dir/plain.json"
    mkdir "$dir/crlf" "$dir/bom" "$dir/quoted" "$dir/blank" "$dir/order" "$dir/no-newline" "$dir/units"
    for name in scenario levels; do
        sed 's/$/\r/' "$dir/$name.csv" >"$dir/crlf/$name.csv"
        printf '\xef\xbb\xbf%s\n' "$(<"$dir/$name.csv")" >"$dir/bom/$name.csv"
        sed 's/[^,]*/"&"/g' "$dir/$name.csv" >"$dir/quoted/$name.csv"
        sed 's/$/\n  \n\n/; 1s/^/\n/' "$dir/$name.csv" >"$dir/blank/$name.csv"
        printf %s "$(<"$dir/$name.csv")" >"$dir/no-newline/$name.csv"
    done
    # Columns in another order, a note with commas, quotes and a line end, and keys shuffled.
    {
        echo unit,note,key,value
        sed 1d "$dir/scenario.csv" | sort | awk -F, '{print $3 ",\"a, \"\"b\"\"\nc\"," $1 "," $2}'
    } >"$dir/order/scenario.csv"
    awk -F, '{print $3 "," $1 "," $2}' "$dir/levels.csv" >"$dir/order/levels.csv"
    # Every unit and suffix another.
    printf '%s\n' key,value,unit "name,two  words," price,0.1k,usd horizon,1440,min \
        levels,levels.csv, volatility,0.03, book.depth,0.001B,usd target,0.1045k, \
        book.permanent,20,% book.halflife,20\;900, book.weights,70\;30,% impact,on, \
        levels.scale,100,% drift,0,1/yr withdrawal.halflife,10,min >"$dir/units/scenario.csv"
    cp "$dir/levels.csv" "$dir/units/"
    for name in crlf bom quoted blank order no-newline units; do
        squeeze batch "$dir/$name/scenario.csv" -n 400 -s 3 -q --json >"$dir/$name.json" ||
            complain "$name: refused"
        cmp "$dir/$name.json" "$dir/plain.json" || complain "$name: another answer"
    done
    no_complaints
}

@test "inf never recovers, never forgets, and records extremes at events only" {
    scenario "$dir/scenario.csv" book.halflife,inf,s withdrawal.halflife,inf,s peak.resolution,inf,bp
    squeeze run "$dir/scenario.csv" -s 2 -q --json >"$dir/run.json"
    python3 - "$dir/run.json" <<'END'
import sys
from results import *

events = load(sys.argv[1])["events"]
moved = [e["displacement_log"] for e in events if e["kind"] == "liquidation"]
assert moved and events[-1]["kind"] == "horizon"
assert events[-1]["displacement_log"] == moved[-1] != 0
END
}

@test "levels are found beside the scenario, from any directory; --set and / mean what they say" {
    mkdir -p "$dir/deep/ladders" "$dir/elsewhere"
    scenario "$dir/deep/scenario.csv" levels,ladders/levels.csv,
    mv "$dir/deep/levels.csv" "$dir/deep/ladders/"
    levels "$dir/elsewhere/levels.csv" short,150,77777
    squeeze check "$dir/deep/scenario.csv" | grep -q "7 levels\|4 levels"
    cd "$dir/elsewhere"
    squeeze check ../deep/scenario.csv | grep -q "4 levels"
    squeeze check ../deep/scenario.csv --set levels=levels.csv | grep -q "1 level,"
    scenario "$dir/deep/scenario.csv" "levels,$dir/elsewhere/levels.csv,"
    squeeze check ../deep/scenario.csv | grep -q "1 level,"
    cd ../deep
    squeeze check scenario.csv --set levels=ladders/levels.csv | grep -q "4 levels"
}

@test "a ladder of one side, or without weight, is a valid ladder" {
    local row sides set
    while read -r row sides set; do
        levels "$dir/levels.csv" "$row"
        squeeze batch "$dir/scenario.csv" -n 50 -s 1 -q -o "$dir/result" --no-plot --force $set \
            >"$dir/table" || complain "$row $set: refused"
        [[ $(tail -n +2 "$dir/result/map.csv" | cut -d , -f 1) == "${sides#-}" ]] ||
            complain "$row $set: the map is $(<"$dir/result/map.csv")"
    done <<'END'
short,103,1000 short
long,97,1000 long
short,103,0 -
short,103,1000 - --set levels.scale=0
END
    no_complaints
}
