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

@test "positions that leave their bracket are liquidated by the next one's rate" {
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
        squeeze margin "$dir/positions.csv" -q --venue "${file%%_*}" \
            --set venue.tiers="$oracles/tiers_$file.csv" >"$dir/answer" || complain "$file"
        [[ $(tail -n 1 "$dir/answer" | cut -d , -f 8) == 1 ]] || complain "$file: not tier 1"
    done
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode,symbol long,100,3,5,isolated,BTC \
        "long,100,3,5,isolated,ETH-USDT-SWAP (freqtrade test_okx.py fixture)" \
        "long,100,600,5,isolated,ETH-USDT-SWAP (freqtrade test_okx.py fixture)" >"$dir/named.csv"
    head -n 2 "$dir/named.csv" >"$dir/first.csv"
    squeeze margin "$dir/first.csv" -q --venue hyperliquid \
        --set venue.tiers="$oracles/tiers_hyperliquid.csv" >"$dir/answer"
    [[ $(tail -n 1 "$dir/answer" | cut -d , -f 8) == 0 ]] || complain "hyperliquid: not tier 0"
    sed 2d "$dir/named.csv" >"$dir/others.csv"
    squeeze margin "$dir/others.csv" -q --venue okx --set venue.contract_size=0.25 \
        --set venue.tiers="$oracles/tiers_okx_contracts.csv" >"$dir/answer"
    [[ $(cut -d , -f 8 "$dir/answer") == $'tier\n1\n2' ]] || complain "okx: $(<"$dir/answer")"
    no_complaints
}

# ---- what is printed -------------------------------------------------------------------------

@test "a CSV of a row per position, empty where there is no price" {
    squeeze margin "$dir/positions.csv" -q >"$dir/answer" 2>"$dir/words"
    [[ ! -s $dir/words ]]
    [[ $(head -n 1 "$dir/answer") == row,side,account,entry_usd,liquidation_usd,bankruptcy_usd,maintenance_usd,tier,distance_percent ]]
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
    squeeze margin "$dir/positions.csv" -q >"$dir/answer"
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

@test "a closing line on standard error, unless -q" {
    squeeze margin "$dir/positions.csv" 2>"$dir/words" >/dev/null
    [[ $(<"$dir/words") == "squeeze: 4 positions in 3 margin accounts; no price liquidates 1; the nearest liquidation is 16.36 % from its entry (row 2); no brackets: maintenance is 0.5 % where a row has no mmr" ]]
    positions "$dir/positions.csv" long,100,1,,isolated,0.2,
    squeeze margin "$dir/positions.csv" 2>"$dir/words" >/dev/null
    [[ $(<"$dir/words") == "squeeze: 1 position in 1 margin account; 1 entered beyond its liquidation price; no brackets: maintenance is 0.5 % where a row has no mmr" ]]
}

@test "the venue and its keys count, and full is the default" {
    local venue
    for venue in full binance bybit okx hyperliquid dydx; do
        squeeze margin "$dir/positions.csv" -q --venue "$venue" >"$dir/$venue"
    done
    squeeze margin "$dir/positions.csv" -q | cmp - "$dir/full"
    cmp "$dir/full" "$dir/binance"
    ! cmp -s "$dir/full" "$dir/okx"
    ! cmp -s "$dir/full" "$dir/bybit"
    squeeze margin "$dir/positions.csv" -q --set venue.fee=0.0005 | cmp - "$dir/okx"
    squeeze margin "$dir/positions.csv" -q --set venue.maintenance=0.5% | cmp - "$dir/full"
    squeeze margin "$dir/positions.csv" -q --set venue.maintenance=0.02 >"$dir/other"
    ! cmp -s "$dir/full" "$dir/other"
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
    fails 3 "$oracles/tiers_freqtrade_fixture.csv:20: notional_floor: the bracket begins at 10000000, but the one before it ends at 1000000" \
        margin "$dir/positions.csv" --set venue.tiers="$oracles/tiers_freqtrade_fixture.csv"
    positions "$dir/positions.csv" long,100,3,5,isolated,, long,100,3,5,cross,,
    fails 3 "$dir/positions.csv:3: account: is empty; expected the account" \
        margin "$dir/positions.csv"
    positions "$dir/positions.csv" long,100,3,5,isolated,, long,100,30000,101,isolated,,
    fails 3 "$dir/positions.csv:3: leverage: '101' is too high; expected up to 75" \
        margin "$dir/positions.csv" --set venue.tiers="$oracles/tiers_binance_btc.csv"
    head -n 1 "$dir/positions.csv" >"$dir/header.csv"
    fails 3 "$dir/header.csv: has no positions; expected at least one row after the header" \
        margin "$dir/header.csv"
    no_complaints
}

@test "a full disk is exit 1" {
    [[ -w /dev/full ]] || skip "no /dev/full"
    local status=0 option
    for option in -q --json; do
        status=0
        squeeze margin "$dir/positions.csv" "$option" >/dev/full 2>"$dir/words" || status=$?
        ((status == 1)) || complain "$option: status $status: $(<"$dir/words")"
        grep -q "cannot be written" "$dir/words" || complain "$option: $(<"$dir/words")"
    done
    no_complaints
}
