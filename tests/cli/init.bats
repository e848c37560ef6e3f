# SPDX-License-Identifier: GPL-3.0-or-later
# From exported files to a scenario: rows taken in from other files, and a draft that says where each is from.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    cd "$dir"
    mkdir sub
    printf '%s\n' side,price_usd,notional_usd,leverage short,101,2M,50 short,105,1M,25 long,99,3M,10 >levels.csv
    printf '%s\n' key,value,unit,note 'volatility,2.5%,1/sqrt(d),measured' book.depth,300M,usd,measured >market.csv
    printf '%s\n' key,value,unit price,100,usd horizon,1,d levels,levels.csv, include,market.csv, >my.csv
}

# shows KEY VALUE ORIGIN FILE: what check --show says of a key.
shows() {
    local line
    line=$(squeeze check --show "$4" -q | grep -E "^  $1 ") || line=none
    [[ $line =~ ^\ \ $1\ +$2\ .*\ $3$ ]] || complain "$1: expected $2 from $3: $line"
}

# ---- include ---------------------------------------------------------------------------------

@test "rows of an included file count as the scenario's own, and say where they are from" {
    shows volatility 2.5 market.csv:2 my.csv
    shows book.depth 300M market.csv:3 my.csv
    printf '%s\n' key,value,unit price,100,usd horizon,1,d levels,levels.csv, 'volatility,2.5%,1/sqrt(d)' \
        book.depth,300M,usd >plain.csv
    squeeze batch plain.csv -n 300 -s 1 -q --json | grep -v '"scenario"' >plain.json
    squeeze batch my.csv -n 300 -s 1 -q --json | grep -v '"scenario"' >my.json
    cmp plain.json my.json || complain "other results"
    no_complaints
}

@test "a file's own row replaces one that it takes in; --set replaces both" {
    printf 'book.depth,100M,usd\n' >>my.csv
    shows book.depth 100M my.csv:6 my.csv
    [[ $(squeeze check --show my.csv -q --set book.depth=50M | grep -E '^  book.depth ') == *50M*--set ]] || complain "--set"
    no_complaints
}

@test "included files include others, named from where they are" {
    printf '%s\n' key,value,unit include,deep.csv, jumps.rate,0.3,1/d >sub/jumps.csv
    printf '%s\n' key,value,unit jumps.sd,0.02,1 jumps.rate,9,1/d >sub/deep.csv
    printf 'include,sub/jumps.csv,\n' >>my.csv
    shows jumps.sd 0.02 sub/deep.csv:2 my.csv
    shows jumps.rate 0.3 sub/jumps.csv:3 my.csv
    squeeze batch my.csv -n 20 -s 1 -q --no-plot -o result >said
    [[ $(grep -c '"sha256"' result/manifest.json) == 5 ]] || complain "hashes: scenario, three files, levels"
    printf 'key,value,unit\ntorn,"' >sub/deep.csv
    fails 3 "sub/deep.csv" check my.csv
    no_complaints
}

@test "files that cannot be included are refused by name" {
    printf '%s\n' key,value,unit book.depth,1M,usd >other.csv
    printf 'include,other.csv,\n' >>my.csv
    fails 3 "other.csv:2: book.depth: is in another included file too, market.csv:3" check my.csv
    printf '%s\n' key,value,unit include,my.csv, >other.csv
    fails 3 "other.csv:2: include: 'my.csv' includes itself" check my.csv
    printf '%s\n' key,value,unit include,nowhere.csv, >other.csv
    fails 3 "nowhere.csv: cannot be opened: No such file or directory (include in other.csv:2)" check my.csv
    printf '%s\n' key,value,unit book.deph,1,usd >other.csv
    fails 3 "other.csv:2: book.deph: unknown key; did you mean 'book.depth'?" check my.csv
    printf '%s\n' key,value,unit include,, >other.csv
    fails 3 "other.csv:2: include: names no file" check my.csv
    : >other.csv
    fails 3 "other.csv: is empty" check my.csv
    sed -i '/other/d' my.csv
    fails 2 "include: is a row of a scenario file" check my.csv --set include=other.csv
    no_complaints
}

@test "a scenario from standard input finds what it includes from the working directory" {
    squeeze check - <my.csv >said
    grep -q valid said
}

# ---- init ------------------------------------------------------------------------------------

@test "init writes a scenario whose every row says where it is from" {
    squeeze init --levels levels.csv --include market.csv --target +10% --floor=-5% --horizon 7d -q -o new.csv
    python3 - <<'END' || complain "rows"
import csv
rows = {row["key"]: row for row in csv.DictReader(open("new.csv"))}
assert all(row["note"] for row in rows.values()), rows
assert rows["levels"]["value"] == "levels.csv" and "2 short levels, 3.00 M usd; 1 long level" in rows["levels"]["note"].replace("levels, 3.00 M usd; 1 long levels", "levels, 3.00 M usd; 1 long level")
assert abs(float(rows["price"]["value"]) - (99 * 101) ** 0.5) < 1e-4, rows["price"]
assert "volatility" in rows["include"]["note"] and "book.depth" in rows["include"]["note"]
assert rows["target"]["value"] == "+10%" and rows["floor"]["value"] == "-5%"
assert "volatility" not in rows and "book.depth" not in rows
END
    squeeze batch new.csv -n 50 -s 1 -q >said || complain "it does not run"
    fails 1 "new.csv: exists; --force overwrites it" init --levels levels.csv --include market.csv --target +10% --horizon 7d -o new.csv
    squeeze init --levels levels.csv --include market.csv --target +10% --horizon 7d --price 100 --name 'A, "B"' -q --force -o new.csv
    shows price 100 new.csv:3 new.csv
    no_complaints
}

@test "files are named from where the scenario will be" {
    mkdir -p sub/deeper
    cp levels.csv sub/
    squeeze init --levels sub/levels.csv --include market.csv --target +10% --horizon 7d -q -o sub/deeper/new.csv
    grep -q '^levels,../levels.csv,' sub/deeper/new.csv || complain "levels: $(grep levels, sub/deeper/new.csv)"
    grep -q '^include,../../market.csv,' sub/deeper/new.csv || complain "include: $(grep include sub/deeper/new.csv)"
    squeeze check sub/deeper/new.csv -q >said || complain "it is not valid"
    squeeze init --levels sub/levels.csv --include market.csv --target +10% --horizon 7d >new.csv
    squeeze check new.csv -q >said || complain "standard output is not valid"
    no_complaints
}

@test "what nobody said is asked for, and never made up" {
    local given=(--levels levels.csv --target +10% --horizon 7d)
    fails 2 "volatility: is in no file given" init "${given[@]}"
    fails 2 "book.depth: is in no file given" init "${given[@]}" --set 'volatility=2%/sqrt(d)'
    fails 2 "--target: is needed" init --levels levels.csv --include market.csv --horizon 7d
    fails 2 "--horizon: is needed" init --levels levels.csv --include market.csv --target +10%
    fails 2 "expected one of --levels FILE and --positions FILE" init --include market.csv --target +10% --horizon 7d
    fails 2 "goes with --positions" init "${given[@]}" --include market.csv --venue binance
    fails 3 "levels.csv:2: price_usd: short level at 101 is not above the start price 110" \
        init "${given[@]}" --include market.csv --price 110
    printf '%s\n' side,price_usd,notional_usd short,101,2M >levels.csv
    fails 2 "--price: is needed: no file says it" init "${given[@]}" --include market.csv
    printf '%s\n' side,price_usd,notional_usd short,101,2M long,103,1M >levels.csv
    fails 2 "long levels stand above short ones" init "${given[@]}" --include market.csv
    printf '%s\n' 'price,100,usd,last close' >>market.csv
    printf '%s\n' side,price_usd,notional_usd short,101,2M >levels.csv
    squeeze init "${given[@]}" --include market.csv -q -o new.csv
    shows price 100 market.csv:4 new.csv
    no_complaints
}

@test "positions make a scenario too" {
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode short,100,10,20,isolated >positions.csv
    squeeze init --positions positions.csv --venue okx --price 100 --include market.csv --target +10% --horizon 7d -q -o new.csv \
        --set venue.maintenance=0.4%
    shows venue okx new.csv:5 new.csv
    no_complaints
}

@test "a price that stands for one that nobody gave is said aloud" {
    printf '%s\n' side,price_usd,notional_usd short,103,1000 long,100,1000 >near.csv
    given=(--levels near.csv --set 'volatility=2%/sqrt(d)' --set book.depth=1M --target +10% --horizon 1d)
    squeeze init "${given[@]}" >middle.csv 2>said
    grep -q "^price,101.4889," middle.csv # the root of 100 x 103
    flowing said | grep -q "remark: price 101.4889 is taken from the middle between levels"
    squeeze init "${given[@]}" --price 101 >given.csv 2>said
    [[ ! -s said ]]
    squeeze init "${given[@]}" -q 2>&1 >/dev/null | cmp - /dev/null
}
