# What exchanges do, through the whole program: the price that maintenance is taken at.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
}

# positions COLUMNS ROW...: a file of positions.
positions() {
    printf '%s\n' "$@" >"$dir/p.csv"
}

# column NAME: of what margin printed to answer, one per line.
column() {
    python3 -c 'import csv, sys; [print(row[sys.argv[2]]) for row in csv.DictReader(open(sys.argv[1]))]' \
        "$dir/answer" "$1"
}

# near TEXT EXPECTED: to a millionth of a percent.
near() {
    python3 -c 'import sys; a, b = map(float, sys.argv[1:]); sys.exit(not abs(a / b - 1) < 1e-8)' "$1" "$2" ||
        complain "'$1', expected $2"
}

ISOLATED=side,entry_usd,quantity,leverage,margin_mode

# ---- Bybit -----------------------------------------------------------------------------------

@test "bybit: maintenance is that at the mark, and at the entry where that is asked for" {
    positions $ISOLATED,mmr long,20000,1,2,isolated,0.05
    squeeze margin "$dir/p.csv" -q --venue bybit >"$dir/answer"
    near "$(column liquidation_usd)" 10526.3157894737
    squeeze margin "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=mark | cmp - "$dir/answer"
    squeeze margin "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=entry >"$dir/answer"
    near "$(column liquidation_usd)" 11000
    positions $ISOLATED,contract,mmr,maintenance_deduction_usd long,400,10000,10,isolated,inverse,0.03,120
    squeeze margin "$dir/p.csv" -q --venue bybit >"$dir/answer"
    near "$(column liquidation_usd)" 370.503597122302
    squeeze margin "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=entry >"$dir/answer"
    near "$(column liquidation_usd)" 369.685767097967
    no_complaints
}

@test "bybit: the tier is that at the mark" {
    positions $ISOLATED short,60000,33,3,isolated
    squeeze margin "$dir/p.csv" -q --venue bybit --set venue.tiers=scenarios/tiers/bybit-btcusdt.csv >"$dir/answer"
    near "$(column liquidation_usd)" 79590.0975370318
    [[ $(column tier) == 3 ]] || complain "tier $(column tier)"
    squeeze margin "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=entry \
        --set venue.tiers=scenarios/tiers/bybit-btcusdt.csv >"$dir/answer"
    near "$(column liquidation_usd)" 79700
    [[ $(column tier) == 1 ]] || complain "tier $(column tier)"
    no_complaints
}

@test "bybit: a scenario forces the account where margin says" {
    positions $ISOLATED short,60000,33,3,isolated
    local rule price
    for rule in mark entry; do
        squeeze margin "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=$rule \
            --set venue.tiers=scenarios/tiers/bybit-btcusdt.csv >"$dir/answer"
        price=$(column liquidation_usd)
        printf '%s\n' key,value,unit price,60000,usd horizon,1,h volatility,0, book.depth,1e15,usd \
            positions,p.csv, venue,bybit, "venue.tiers,$PWD/scenarios/tiers/bybit-btcusdt.csv," \
            venue.fund,inf,usd drift,12,1/d >"$dir/s.csv"
        squeeze run "$dir/s.csv" -s 1 -q --json --set venue.maintenance_price=$rule >"$dir/run.json"
        python3 - "$dir/run.json" "$price" <<'END' || complain "$rule"
import json, math, sys
orders = [e for e in json.load(open(sys.argv[1]))["events"] if e["kind"] == "liquidation"]
assert math.isclose(orders[0]["fill_usd"], float(sys.argv[2]), rel_tol=1e-8), (orders, sys.argv[2])
END
    done
    no_complaints
}

@test "bybit's key is in models, and no other venue's" {
    squeeze models >"$dir/models"
    grep -q "^    venue.maintenance_price .* mark  *price at which maintenance" "$dir/models" || complain models
    positions $ISOLATED long,20000,1,2,isolated
    fails 3 "--set: venue.maintenance_price: belongs to venue 'bybit', but the venue here is 'okx' (--venue)" \
        margin "$dir/p.csv" --venue okx --set venue.maintenance_price=entry
    fails 3 "--set: venue.maintenance_price: 'last' is not a choice; expected mark, entry" \
        margin "$dir/p.csv" --venue bybit --set venue.maintenance_price=last
    fails 3 "--set: venue.maintenanceprice: unknown key; did you mean 'venue.maintenance_price'?" \
        margin "$dir/p.csv" --venue bybit --set venue.maintenanceprice=mark
    fails 3 "--set: venue.freeze: -1 s is out of range" margin "$dir/p.csv" --venue okx --set venue.freeze=-1s
    squeeze margin "$dir/p.csv" -q --venue okx --set venue.freeze=5s >"$dir/answer"
    printf '%s\n' key,value,unit price,20000,usd horizon,1,h volatility,0, book.depth,1e9,usd \
        positions,p.csv, venue,okx, venue.maintenance_price,mark, >"$dir/s.csv"
    fails 3 "s.csv:8: venue.maintenance_price: belongs to venue 'bybit'" check "$dir/s.csv"
    no_complaints
}
