# SPDX-License-Identifier: GPL-3.0-or-later
# squeeze margin: where positions are liquidated, by the rules of a venue.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    oracles=$BATS_TEST_DIRNAME/../oracles
    positions "$dir/positions.csv"
}

# positions FILE [ROW...]: positions of these rows, by default an isolated one, two of one account, and
# one that nothing liquidates.
positions() {
    local file=$1
    shift
    (($# > 0)) || set -- long,100,3,5,isolated,, short,120,2,4,cross,,ann short,90,1,,cross,31,ann \
        long,70,1.5,1,isolated,,
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,margin_usd,account "$@" >"$file"
}

# ---- prices ----------------------------------------------------------------------------------

@test "every published price of a venue, alone and as an account" {
    python3 "$BATS_TEST_DIRNAME/margin_vectors.py" "$oracles/liquidation_vectors.csv" "$dir"
}

@test "positions that leave their tier are liquidated by the next one's rate" {
    python3 - "$oracles" "$dir" <<'END'
import csv, os, subprocess, sys
from results import *

oracles, folder = sys.argv[1:]
rows = table(oracles + "/derived_tier_crossing_vectors.csv")
for name in {row["table"] for row in rows}:
    mine = [row for row in rows if row["table"] == name]
    with open(folder + "/positions.csv", "w") as file:
        file.write("side,entry_usd,quantity,leverage,margin_mode,margin_usd\n")
        for row in mine:
            file.write(f"{row['side']},{row['entry_price']},{row['amount']},{row['leverage']},"
                       f"isolated,{row['wallet_balance']}\n")
    command = [os.environ["SQUEEZE"], "margin", folder + "/positions.csv", "-q", "--venue",
               "binance", "--set", f"venue.tiers={oracles}/{name}", "--json"]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    tiers = table(f"{oracles}/{name}")
    assert len(answer["positions"]) == len(mine)
    for row, is_ in zip(mine, answer["positions"]):
        price = float(row["expected_liq_using_liq_tier"])
        assert abs(is_["liquidation_usd"] - price) <= 1e-11 * price, (row, is_)
        assert is_["tier"] == int(row["liq_tier"]), (row, is_)
        tier = tiers[is_["tier"] - 1]
        keep = float(row["amount"]) * price * float(tier["mmr"]) - float(tier["maint_amount"])
        assert abs(is_["maintenance_usd"] - keep) <= 1e-6 * keep, (row, is_)
END
}

@test "published tables of margin tiers load, and number their tiers as they do" {
    local file
    positions "$dir/positions.csv" long,100,3,5,isolated,,
    for file in binance_1000pepe binance_btc binance_eth binance_smallalt_blz binance_sol \
        bybit_btcusdt; do
        squeeze margin "$dir/positions.csv" -q --csv --venue "${file%%_*}" \
            --set venue.tiers="$oracles/tiers_$file.csv" >"$dir/answer" || complain "$file"
        [[ $(tail -n 1 "$dir/answer" | cut -d , -f 8) == 1 ]] || complain "$file: not tier 1"
    done
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,symbol long,100,3,5,isolated,BTC \
        "long,100,3,5,isolated,ETH-USDT-SWAP (freqtrade test_okx.py fixture)" \
        "long,100,600,5,isolated,ETH-USDT-SWAP (freqtrade test_okx.py fixture)" >"$dir/named.csv"
    head -n 2 "$dir/named.csv" >"$dir/first.csv"
    squeeze margin "$dir/first.csv" -q --csv --venue hyperliquid \
        --set venue.tiers="$oracles/tiers_hyperliquid.csv" >"$dir/answer"
    [[ $(tail -n 1 "$dir/answer" | cut -d , -f 8) == 0 ]] || complain "hyperliquid: not tier 0"
    sed 2d "$dir/named.csv" >"$dir/others.csv"
    squeeze margin "$dir/others.csv" -q --csv --venue okx --set venue.contract_size=0.25 \
        --set venue.tiers="$oracles/tiers_okx_contracts.csv" >"$dir/answer"
    [[ $(cut -d , -f 8 "$dir/answer") == $'tier\n1\n2' ]] || complain "okx: $(<"$dir/answer")"
    no_complaints
}

# ---- what is printed -------------------------------------------------------------------------

@test "--csv: a row per position, empty where there is no price" {
    squeeze margin "$dir/positions.csv" -q --csv >"$dir/answer" 2>"$dir/words"
    [[ ! -s $dir/words ]]
    [[ $(head -n 1 "$dir/answer") == row,side,account,entry_usd,liquidation_usd,bankruptcy_usd,maintenance_usd,tier,distance_percent,mark_usd,distance_from_mark_percent ]]
    python3 - "$dir/answer" <<'END'
import sys
from results import *

rows = table(sys.argv[1])
assert [row["row"] for row in rows] == ["1", "2", "3", "4"]
assert [row["side"] for row in rows] == ["long", "short", "short", "long"]
assert [row["account"] for row in rows] == ["", "ann", "ann", ""]
assert all(row["tier"] == "" for row in rows)
near = lambda row, column, value: abs(float(rows[row][column]) / value - 1) < 1e-12
assert near(0, "liquidation_usd", (100 - 20) / 0.995) and near(0, "bankruptcy_usd", 80)
assert near(0, "distance_percent", 100 - 80 / 0.995)
assert near(0, "maintenance_usd", 3 * 0.005 * 80 / 0.995)
account = (60 + 31 + 240 + 90) / 3
for row in 1, 2:
    assert near(row, "liquidation_usd", account / 1.005) and near(row, "bankruptcy_usd", account)
assert rows[3]["liquidation_usd"] == rows[3]["bankruptcy_usd"] == rows[3]["distance_percent"] == ""
assert near(3, "maintenance_usd", 1.5 * 70 * 0.005)
END
}

@test "--json says the same as the CSV, null where there is no price" {
    printf '%s\n' "long,100,3,5,isolated,,\"Doe, \"\"J\"\"\"" >>"$dir/positions.csv"
    squeeze margin "$dir/positions.csv" -q --csv >"$dir/answer"
    squeeze margin "$dir/positions.csv" -q --json >"$dir/answer.json"
    python3 - "$dir/answer" "$dir/answer.json" <<'END'
import sys
from results import *

rows, answer = table(sys.argv[1]), load(sys.argv[2])
assert answer["schema"] == "squeeze/margin-1" and len(answer["positions"]) == len(rows) == 5
for row, position in zip(rows, answer["positions"]):
    assert set(position) == set(row)
    for key, text in row.items():
        value = position[key]
        if key in ("side", "account"):
            assert value == text, (key, value, text)
        else:
            assert value is None and text == "" or value == float(text), (key, value, text)
assert rows[4]["account"] == 'Doe, "J"' and type(answer["positions"][0]["row"]) is int
END
}

@test "data have a closing line on standard error, unless -q" {
    squeeze margin "$dir/positions.csv" --csv 2>"$dir/words" >/dev/null
    [[ $(<"$dir/words") == "squeeze: 4 positions in 3 margin accounts; no price liquidates 1; the nearest liquidation is 16.36 % from its entry (row 2); no margin tiers: maintenance is 0.5 % where a row has no mmr" ]]
    positions "$dir/positions.csv" long,100,1,,isolated,0.2,
    squeeze margin "$dir/positions.csv" --json 2>"$dir/words" >/dev/null
    [[ $(tail -n 1 "$dir/words") == "squeeze: 1 position in 1 margin account; 1 past its liquidation price already; no margin tiers: maintenance is 0.5 % where a row has no mmr" ]]
}

# ---- marks, equity, odd rows -----------------------------------------------------------------

# Binance FAQ b3c689c1f50a44cabb3a84e663b81d93: a wallet of 1,535,443.01 holds ETH and BTC, whose marks
# are 1,335.18 and 31,967.27: 1,153.26 and 26,316.89. The chain of dYdX (v4-abacus, V4TradeInputTests,
# testAdjustedMarginFraction): 5,772.436277 in all, short 3 ETH and 0.1 BTC, whose oracle prices are
# 1,000 and 10,000: 2,829.267403559871. The last rows are the wallet again, as it is worth at its marks.
@test "published examples of two symbols in one account, from one file with marks" {
    cat >"$dir/two.csv" <<'END'
side,entry_usd,quantity,leverage,margin_mode,account,symbol,mmr,maintenance_deduction_usd,mark_usd,margin_usd,equity_usd
long,1456.84,3683.979,,cross,binance,ETHUSDT,0.1,135365,1335.18,1535443.01,
long,32481.98,109.488,,cross,binance,BTCUSDT,0.025,16300,31967.27,0,
short,1000,3,,cross,dydx,ETH-USD,0.03,,1000,,5772.436277
short,10000,0.1,,cross,dydx,BTC-USD,0.03,,10000,,
long,1456.84,3683.979,,cross,export,ETHUSDT,0.1,135365,,,1030895.55638
long,32481.98,109.488,,cross,export,BTCUSDT,0.025,16300,,,1030895.55638
END
    squeeze margin "$dir/two.csv" -q --csv --venue binance >"$dir/answer"
    python3 - "$dir/answer" <<'END'
import sys
from results import *

rows = table(sys.argv[1])
assert len(rows) == 6
for row, price in ((0, 1153.26), (1, 26316.89), (4, 1153.26), (5, 26316.89)):
    assert abs(float(rows[row]["liquidation_usd"]) - price) <= 0.005, rows[row]
assert abs(float(rows[2]["liquidation_usd"]) - 2829.267403559871) <= 1e-8
assert abs(float(rows[0]["distance_from_mark_percent"]) - 100 * (1 - 1153.26 / 1335.18)) < 1e-3
assert abs(float(rows[1]["mark_usd"]) - 31967.27) < 1e-9
END
}

@test "equity at the mark is margin and profit: 25,000 less 6,000 over 10 times 0.98" {
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,account,mmr,mark_usd,equity_usd \
        long,2000,10,10,cross,a,0.02,2500,6000 >"$dir/export.csv"
    squeeze margin "$dir/export.csv" --venue hyperliquid >"$dir/answer"
    grep -q "at 1,938.78, 22.45 % from its mark" "$dir/answer" || complain "$(<"$dir/answer")"
    no_complaints
}

@test "odd rows are said and do not stop the file" {
    cat >"$dir/odd.csv" <<'END'
side,entry_usd,quantity,leverage,margin_mode,symbol
both,0.0,0.000,20,isolated,ETHUSDT
long,60000,5,75,isolated,BTCUSDT
long,60000,60,100,isolated,BTCUSDT
END
    printf '%s\n' symbol,notional_floor,notional_cap,mmr,max_leverage BTCUSDT,0,1000000,0.004,100 \
        BTCUSDT,1000000,inf,0.01,50 >"$dir/tiers.csv"
    squeeze margin "$dir/odd.csv" --csv --venue binance --set venue.tiers="$dir/tiers.csv" \
        >"$dir/answer" 2>"$dir/words"
    [[ $(cut -d , -f 1 "$dir/answer") == $'row\n2\n3' ]] || complain "$(<"$dir/answer")"
    grep -qF "squeeze: remark: $dir/odd.csv:2: quantity: is 0: no position, and left out" \
        "$dir/words" || complain "$(<"$dir/words")"
    grep -qF "squeeze: remark: $dir/odd.csv:4: leverage: 100 is above the 50" "$dir/words" ||
        complain "$(<"$dir/words")"
    squeeze margin "$dir/odd.csv" -q --json --venue binance --set venue.tiers="$dir/tiers.csv" \
        >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import *

answer = load(sys.argv[1])
assert [row["row"] for row in answer["positions"]] == [2, 3]
assert [remark["code"] for remark in answer["remarks"]] == ["empty-position", "leverage-above-tier"]
# 60 (P - 60000) + 36000 = 60 * 0.01 P - 6000
price = answer["positions"][1]["liquidation_usd"]
assert abs(price - (3600000 - 36000 - 6000) / (60 * 0.99)) < 1e-8, price
END
    no_complaints
}

@test "margin tiers in coins, and a rate that rises with each coin" {
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,contract \
        long,400,10000,10,isolated,inverse >"$dir/coins.csv"
    printf '%s\n' notional_floor,notional_cap,mmr 0,10,0.01 10,20,0.02 20,30,0.03 30,40,0.04 \
        >"$dir/tiers.csv"
    squeeze margin "$dir/coins.csv" -q --set venue.tiers="$dir/tiers.csv" >"$dir/answer"
    grep -q " 370.50 " "$dir/answer" || complain "coins: $(<"$dir/answer")"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,margin_usd,contract,mmr,mmr_slope \
        long,50000,5000000,,isolated,500000,inverse,0.01,0.00005 >"$dir/own.csv"
    printf '%s\n' notional_floor,mmr,mmr_slope,unit 0,0.01,0.00005,coin >"$dir/tiers.csv"
    cut -d , -f 1-7 "$dir/own.csv" >"$dir/table.csv"
    squeeze margin "$dir/own.csv" -q >"$dir/own"
    squeeze margin "$dir/table.csv" -q --set venue.tiers="$dir/tiers.csv" >"$dir/table"
    grep -q " 46,155.30 " "$dir/own" || complain "own: $(<"$dir/own")"
    grep -q " 46,155.30 " "$dir/table" || complain "table: $(<"$dir/table")"
    no_complaints
}

# ---- the table -------------------------------------------------------------------------------

@test "a sentence, then a table for people, and no words on standard error" {
    squeeze margin "$dir/positions.csv" >"$dir/answer" 2>"$dir/words"
    [[ ! -s $dir/words ]] || complain "$(<"$dir/words")"
    diff - "$dir/answer" <<'END' || complain "another table"
Nearest liquidation: row 2, a short, at 139.64, 16.36 % from its entry.
4 positions in 3 margin accounts; no price liquidates 1.

row  account  side   size   entry  liquidation     away  bankruptcy  maint.
  1           long      3  100.00       80.402  19.60 %      80.000    1.21
  2  ann      short     2  120.00       139.64  16.36 %      140.33    1.40
  3  ann      short     1  90.000       139.64  55.15 %      140.33    0.70
  4           long    1.5  70.000         none        -        none    0.53

Prices and maintenance are in usd.
away: from the entry to the liquidation price
maint.: maintenance margin there, or at the entry where no price liquidates
No margin tiers: maintenance is 0.5 % where a row has no mmr.
END
    no_complaints
}

@test "the table fits 80 columns, and says what it leaves out for that" {
    cat >"$dir/wide.csv" <<'END'
side,entry_usd,quantity,leverage,margin_mode,account,symbol,mark_usd
long,123456.78,1234.5678,20,cross,a holder with a long name,1000000BABYDOGEUSDT,131234.56
short,123456.78,1234.5678,20,cross,another,1000000BABYDOGEUSDT,131234.56
END
    squeeze margin "$dir/wide.csv" --venue okx >"$dir/answer"
    (($(wc -L <"$dir/answer") <= 80)) || complain "$(wc -L <"$dir/answer") columns"
    grep -q "^Left out to fit 80 columns: account, " "$dir/answer" || complain "$(<"$dir/answer")"
    grep -q "131,234.56" "$dir/answer" || complain "$(<"$dir/answer")"
    no_complaints
}

@test "control bytes of a file are not let loose on the terminal, in tables and in errors" {
    printf 'side,entry_usd,quantity,leverage,margin_mode,account\nlong,100,3,5,isolated,a\e[31m\n' >"$dir/red.csv"
    squeeze margin "$dir/red.csv" >"$dir/answer"
    grep -qF 'a\x1b[31m' "$dir/answer" || complain "table: $(cat -v "$dir/answer")"
    sed -i 's/100/1\x1b[31m00/' "$dir/red.csv"
    fails 3 "red.csv:2: entry_usd: '1\x1b[31m00' is not a finite number" margin "$dir/red.csv"
    no_complaints
}

@test "the venue and its keys count, and full is the default" {
    local venue
    for venue in full binance bybit okx hyperliquid dydx; do
        squeeze margin "$dir/positions.csv" -q --csv --venue "$venue" >"$dir/$venue"
    done
    squeeze margin "$dir/positions.csv" -q --csv | cmp - "$dir/full"
    cmp "$dir/full" "$dir/binance"
    ! cmp -s "$dir/full" "$dir/okx" || complain "okx is as full"
    cmp "$dir/full" "$dir/bybit" # maintenance at the mark, no counted fee
    squeeze margin "$dir/positions.csv" -q --csv --venue bybit --set venue.maintenance_price=entry >"$dir/entry"
    ! cmp -s "$dir/full" "$dir/entry" || complain "bybit before September 2025 is as full"
    squeeze margin "$dir/positions.csv" -q --csv --set venue.fee=0.0005 | cmp - "$dir/okx"
    squeeze margin "$dir/positions.csv" -q --csv --set venue.maintenance=0.5% | cmp - "$dir/full"
    squeeze margin "$dir/positions.csv" -q --csv --set venue.maintenance=0.02 >"$dir/other"
    ! cmp -s "$dir/full" "$dir/other" || complain "the rate changes nothing"
    no_complaints
}

@test "models lists every venue with its source, and the keys" {
    squeeze models >"$dir/models"
    squeeze models --json >"$dir/models.json"
    python3 - "$dir/models.json" "$dir/models" <<'END'
import sys
from results import *

models, text = load(sys.argv[1]), open(sys.argv[2]).read()
flat = " ".join(text.split())
names = [venue["name"] for venue in models["venues"]]
assert names == "full binance bybit okx hyperliquid dydx".split()
for venue in models["venues"]:
    assert f" venue {venue['name']}: {venue['doc']} source: {venue['citation']} " in flat
for key in models["venue"]:
    assert f"\n    {key['key']} " in text and key["doc"] in flat
assert {"venue.tiers", "venue.maintenance", "venue.fee"} <= {key["key"] for key in models["venue"]}
END
}

# ---- refusals --------------------------------------------------------------------------------

@test "wrong command lines exit 2" {
    fails 2 "--venue: unknown venue 'bianace'; did you mean 'binance'?" \
        margin "$dir/positions.csv" --venue bianace
    fails 2 "--venue: unknown venue 'kraken' (see squeeze models)" \
        margin "$dir/positions.csv" --venue kraken
    fails 2 "squeeze margin needs POSITIONS" margin
    fails 2 "--csv: given with --json; expected one of them" \
        margin "$dir/positions.csv" --json --csv
    fails 2 "--venue: is not an option of squeeze map; it belongs to: margin" \
        map "$dir/positions.csv" --venue okx
    fails 2 "is not key=value" margin "$dir/positions.csv" --set venue.fee
    no_complaints
}

@test "wrong keys and files exit 3 with their place" {
    fails 3 "--set: venue.teirs: unknown key; did you mean 'venue.tiers'?" \
        margin "$dir/positions.csv" --set venue.teirs=x
    fails 3 "--set: volatility: unknown key; expected one of venue.*" \
        margin "$dir/positions.csv" --set volatility=0.03
    fails 3 "--set: venue.fee: -1 is out of range" margin "$dir/positions.csv" --set venue.fee=-1
    fails 3 "nowhere.csv: cannot be opened" margin "$dir/nowhere.csv"
    fails 3 "nowhere.csv: cannot be opened: No such file or directory (venue.tiers by --set)" \
        margin "$dir/positions.csv" --set venue.tiers="$dir/nowhere.csv"
    fails 3 "$oracles/tiers_freqtrade_fixture.csv:20: notional_floor: the tier begins at 10000000, but the one before it ends at 1000000" \
        margin "$dir/positions.csv" --set venue.tiers="$oracles/tiers_freqtrade_fixture.csv"
    positions "$dir/positions.csv" long,100,3,5,isolated,, long,100,3,5,cross,,
    fails 3 "$dir/positions.csv:3: account: is empty; expected the account" \
        margin "$dir/positions.csv"
    head -n 1 "$dir/positions.csv" >"$dir/header.csv"
    fails 3 "$dir/header.csv: has no positions; expected at least one row after the header" \
        margin "$dir/header.csv"
    no_complaints
}

@test "a full disk is exit 1" {
    [[ -w /dev/full ]] || skip "no /dev/full"
    local status=0 option
    for option in -q --csv --json; do
        status=0
        squeeze margin "$dir/positions.csv" "$option" >/dev/full 2>"$dir/words" || status=$?
        ((status == 1)) || complain "$option: status $status: $(<"$dir/words")"
        grep -q "cannot be written" "$dir/words" || complain "$option: $(<"$dir/words")"
    done
    no_complaints
}
