# SPDX-License-Identifier: GPL-3.0-or-later
# What exchanges do, through the whole program: the price that maintenance is taken at, what follows
# a part, and what nets.

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
CROSS=side,entry_usd,quantity,leverage,margin_mode,margin_usd,account,mmr

# ---- Bybit -----------------------------------------------------------------------------------

@test "bybit: maintenance is that at the mark, and at the entry where that is asked for" {
    positions $ISOLATED,mmr long,20000,1,2,isolated,0.05
    squeeze margin --csv "$dir/p.csv" -q --venue bybit >"$dir/answer"
    near "$(column liquidation_usd)" 10526.3157894737
    squeeze margin --csv "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=mark | cmp - "$dir/answer"
    squeeze margin --csv "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=entry >"$dir/answer"
    near "$(column liquidation_usd)" 11000
    positions $ISOLATED,contract,mmr,maintenance_deduction_usd long,400,10000,10,isolated,inverse,0.03,120
    squeeze margin --csv "$dir/p.csv" -q --venue bybit >"$dir/answer"
    near "$(column liquidation_usd)" 370.503597122302
    squeeze margin --csv "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=entry >"$dir/answer"
    near "$(column liquidation_usd)" 369.685767097967
    no_complaints
}

@test "bybit: the tier is that at the mark" {
    positions $ISOLATED short,60000,33,3,isolated
    squeeze margin --csv "$dir/p.csv" -q --venue bybit --set venue.tiers=scenarios/tiers/bybit-btcusdt.csv >"$dir/answer"
    near "$(column liquidation_usd)" 79590.0975370318
    [[ $(column tier) == 3 ]] || complain "tier $(column tier)"
    squeeze margin --csv "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=entry \
        --set venue.tiers=scenarios/tiers/bybit-btcusdt.csv >"$dir/answer"
    near "$(column liquidation_usd)" 79700
    [[ $(column tier) == 1 ]] || complain "tier $(column tier)"
    no_complaints
}

@test "bybit: a scenario forces the account where margin says" {
    positions $ISOLATED short,60000,33,3,isolated
    local rule price
    for rule in mark entry; do
        squeeze margin --csv "$dir/p.csv" -q --venue bybit --set venue.maintenance_price=$rule \
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
    squeeze models venue.maintenance_price >"$dir/models"
    grep -q "price at which maintenance" "$dir/models" || complain "$(<"$dir/models")"
    [[ $(squeeze models | grep -c "^    venue.maintenance_price .* mark$") == 1 ]] || complain models
    positions $ISOLATED long,20000,1,2,isolated
    fails 3 "--set: venue.maintenance_price: belongs to venue 'bybit', but the venue here is 'okx' (--venue)" \
        margin "$dir/p.csv" --venue okx --set venue.maintenance_price=entry
    fails 3 "--set: venue.maintenance_price: 'last' is not a choice; expected mark, entry" \
        margin "$dir/p.csv" --venue bybit --set venue.maintenance_price=last
    fails 3 "--set: venue.maintenanceprice: unknown key; did you mean 'venue.maintenance_price'?" \
        margin "$dir/p.csv" --venue bybit --set venue.maintenanceprice=mark
    fails 3 "--set: venue.freeze: -1 s is out of range" margin "$dir/p.csv" --venue okx --set venue.freeze=-1s
    squeeze margin --csv "$dir/p.csv" -q --venue okx --set venue.freeze=5s >"$dir/answer"
    printf '%s\n' key,value,unit price,20000,usd horizon,1,h volatility,0, book.depth,1e9,usd \
        positions,p.csv, venue,okx, venue.maintenance_price,mark, >"$dir/s.csv"
    fails 3 "s.csv:8: venue.maintenance_price: belongs to venue 'bybit'" check "$dir/s.csv"
    no_complaints
}

# ---- Hyperliquid -----------------------------------------------------------------------------

# At 95.8 a fifth is sold; ten seconds later 8,000 are worth 336 and need 9,484.
@test "hyperliquid: within 30 s of a part nothing is frozen" {
    positions $ISOLATED long,100,10000,20,isolated short,100,10000,20,isolated
    printf '%s\n' time_h,probability,jump_mean,jump_sd,volatility,depth 0,0,0,0,1,1 \
        1,1,-0.04290750101127655,0,1,1 1.0027778,1,-0.01005033585350145,0,1,1 \
        1.0055556,1,0.0769610411361284,0,1,1 >"$dir/c.csv"
    printf '%s\n' key,value,unit price,100,usd horizon,3,h positions,p.csv, venue,hyperliquid, \
        venue.maintenance,0.0125,1 volatility,0.000001,"1/sqrt(d)" book.depth,300M,usd impact,off, \
        calendar,c.csv, floor,95,usd >"$dir/s.csv"
    squeeze run "$dir/s.csv" -s 1 --path 0 -q --json >"$dir/run.json"
    python3 - "$dir/run.json" <<'END'
import json, sys
run = json.load(open(sys.argv[1]))
orders = [e for e in run["events"] if e["kind"] == "liquidation"]
assert len(orders) == 1 and orders[0]["time_s"] == 3600, orders
assert abs(orders[0]["notional_usd"] - 2000 * 95.8) < 1, orders
venue = run["drivers"]["venue"]
assert abs(venue["vault"] - 8000 * 94.842) < 1, venue
assert venue["accounts_liquidated"] == 1 and abs(venue["equity_lost"] - 50000) < 1, venue
END
    squeeze models venue.cooldown | tr -s '\n ' ' ' |
        grep -q "time after that part in which every further order is for the whole position"
}

# ---- netting ---------------------------------------------------------------------------------

@test "equal long and short of one account are flat where a venue nets" {
    local venue
    positions $CROSS long,100,1,100,cross,0.6,a,0.005 short,100,1,100,cross,0,a,0.005
    for venue in hyperliquid dydx; do
        squeeze margin --csv "$dir/p.csv" -q --venue $venue >"$dir/answer"
        [[ $(sed 1d "$dir/answer") == $'1,long,a,100,,,0,,,,\n2,short,a,100,,,0,,,,' ]] ||
            complain "$venue: $(<"$dir/answer")"
    done
    squeeze margin --csv "$dir/p.csv" --venue hyperliquid 2>"$dir/words" >/dev/null
    [[ $(<"$dir/words") == "squeeze: 2 positions in 1 margin account; no price liquidates 2;"* ]] ||
        complain "$(<"$dir/words")"
    positions $CROSS long,110,3,,cross,30,a,0.02 short,120,2,,cross,10,a,0.02
    squeeze margin --csv "$dir/p.csv" -q --venue hyperliquid >"$dir/answer"
    near "$(column liquidation_usd | head -n 1)" 51.0204081632653
    [[ -z $(column liquidation_usd | tail -n 1) ]] || complain "$(<"$dir/answer")"
    no_complaints
}

@test "nothing is forced of flat accounts, and every command bears a scenario of nothing else" {
    local venue
    positions ${CROSS%,mmr} long,100,1000,100,cross,1005,a short,100,1000,100,cross,0,a
    for venue in hyperliquid dydx; do
        printf '%s\n' key,value,unit price,100,usd horizon,1,d positions,p.csv, venue,$venue, \
            venue.maintenance,0.005, volatility,0.01,"1/sqrt(d)" book.depth,300M,usd target,110,usd >"$dir/s.csv"
        squeeze batch "$dir/s.csv" -n 200 -s 1 -q --json --outcomes --no-plot -o "$dir/$venue" >"$dir/batch.json"
        python3 - "$dir/batch.json" <<'END' || complain "$venue"
import json, sys
answer = json.load(open(sys.argv[1]))
assert answer["forced_usd"]["mean"]["value"] == 0, answer["forced_usd"]
assert answer["drivers"]["venue"]["accounts_liquidated"]["value"] == 0
assert answer["drivers"]["venue"]["equity_lost"]["value"] == 0
END
        squeeze check "$dir/s.csv" >"$dir/said"
        grep -q "^  2 positions in 0 accounts at $venue;" "$dir/said" || complain "$(<"$dir/said")"
        grep -q "^  long  0 accounts, 0 usd" "$dir/said" || complain "$(<"$dir/said")"
        squeeze map "$dir/s.csv" -q >"$dir/said" || complain "$venue: map"
        squeeze ignite "$dir/s.csv" -q >"$dir/said" || complain "$venue: ignite"
        squeeze run "$dir/s.csv" -s 1 -q >"$dir/said" || complain "$venue: run"
    done
    no_complaints
}
