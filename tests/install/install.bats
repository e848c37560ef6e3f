#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs that embed the library, built against what `make install` puts in place and pkg-config
# says. STAGED is that tree (`make staged`).

bats_require_minimum_version 1.5.0

A=scenarios/a-wall-14to1-discounted.csv

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.."
    STAGED=$(realpath "${STAGED:-build/staged}")
    export STAGED SQUEEZE=${SQUEEZE:-build/squeeze} EMBED=$BATS_FILE_TMPDIR/embed
    export PKG_CONFIG_PATH=$STAGED/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$STAGED
    export LD_LIBRARY_PATH=$STAGED/usr/lib
    # Of the test, not of make: it may have been given a compiler of its own.
    cc -std=c17 -Wall -Wextra -Wpedantic -Werror -D_POSIX_C_SOURCE=200809L -o "$EMBED" \
        tests/install/embed.c $(pkg-config --cflags --libs squeeze) -lm -pthread
}

cli() {
    "$SQUEEZE" "$@" -q --json
}

@test "pkg-config names library and version" {
    [[ $(pkg-config --modversion squeeze) == "$("$SQUEEZE" --version | cut -d' ' -f2)" ]]
    [[ $(pkg-config --libs squeeze) == *-lsqueeze* && $(pkg-config --libs squeeze) != *gsl* ]]
    [[ $(pkg-config --static --libs squeeze) == *-lgsl* ]]
    read -r text numbers _ < <("$EMBED" version)
    [[ $text == "$numbers" && $text == "$(pkg-config --modversion squeeze)" ]]
}

@test "one header is installed; it compiles alone, as C17 and as C++17" {
    headers=$(find "$STAGED/usr/include" -type f)
    [[ $headers == "$STAGED/usr/include/squeeze/squeeze.h" ]]
    cc -std=c17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c "$headers"
    c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ "$headers"
}

@test "the shared library is linked by its soname" {
    readelf -d "$EMBED" | grep -q 'NEEDED.*\[libsqueeze\.so\.[0-9]*\]'
    [[ -e $STAGED/usr/lib/$(readelf -d "$EMBED" | grep -o 'libsqueeze\.so\.[0-9]*') ]]
}

@test "answers are those of the command line, at any number of threads" {
    expected=$(cli batch $A -n 300 -s 7 --set volatility=0.03)
    [[ $("$EMBED" json $A 300 7 1 volatility=0.03) == "$expected" ]]
    [[ $("$EMBED" json $A 300 7 3 volatility=0.03) == "$expected" ]]
    [[ $("$EMBED" json scenarios/f-population.csv 5 7 2) == \
        "$(cli batch scenarios/f-population.csv -n 5 -s 7)" ]]
}

@test "results are read by the names they have in JSON" {
    names='target.probability target.probability_without_impact target.uplift forced_usd.mean
        forced_usd.short peak_usd.p95 cascade.probability endogenous_share horizon_s'
    "$EMBED" value $A 300 7 $names >"$BATS_TEST_TMPDIR/values"
    cli batch $A -n 300 -s 7 >"$BATS_TEST_TMPDIR/json"
    python3 - "$BATS_TEST_TMPDIR/values" "$BATS_TEST_TMPDIR/json" $names <<'END'
import json, sys
answer = json.load(open(sys.argv[2]))
for name, line in zip(sys.argv[3:], open(sys.argv[1]), strict=True):
    told = [float(word) for word in line.split()]
    at = answer
    for part in name.split("."):
        at = at[part]
    whole = at if isinstance(at, dict) else {"value": at}
    for key, number in zip(("value", "se", "lo", "hi"), told):
        assert number == whole[key] if key in whole else number != number, (name, key, number)
END
}

@test "a path is that of the command line" {
    "$EMBED" path $A 2 3 >"$BATS_TEST_TMPDIR/path"
    cli run $A -s 2 --path 3 >"$BATS_TEST_TMPDIR/json"
    python3 - "$BATS_TEST_TMPDIR/path" "$BATS_TEST_TMPDIR/json" <<'END'
import json, sys
*liquidations, end = [line.split() for line in open(sys.argv[1])]
path = json.load(open(sys.argv[2]))
wanted = [e for e in path["events"] if e["kind"] == "liquidation"]
assert len(wanted) == len(liquidations) > 3
for event, (time, price, notional, side, generation) in zip(wanted, liquidations):
    assert event["time_s"] == float(time) and event["notional_usd"] == float(notional)
    assert event["price_usd"] == float(price) and event["side"] == side
    assert event["generation"] == int(generation)
ended = [path[key] for key in ("final_usd", "peak_usd", "forced_short_usd")]
assert ended == [float(word) for word in end]
END
}

@test "margin prices are those of the command line, and those by hand" {
    [[ $("$EMBED" margin tests/bytes-positions.csv okx) == \
        "$(cli margin tests/bytes-positions.csv --venue okx)" ]]
    "$EMBED" holdings
}

@test "scenarios, levels and tables may be in memory" {
    [[ $("$EMBED" memory) == *'"paths": 600,'* ]]
}

# The host leaves GSL's handler on, which would end it with status 134.
@test "levels that watch the mark of a table of depth end no host" {
    printf 'side,distance_bp,cumulative_usd\nask,50,4e5\nask,100,1e6\nbid,100,1e6\n' \
        >"$BATS_TEST_TMPDIR/depth.csv"
    printf 'side,price_usd,notional_usd\nshort,101.5,2e6\nshort,103,1.5e6\nlong,98.5,1e6\n' \
        >"$BATS_TEST_TMPDIR/map.csv"
    printf '%s\n' key,value,unit price,100,usd horizon,2,d 'volatility,0.03,1/sqrt(d)' \
        target,104,usd book,table, book.table,depth.csv, levels,map.csv, >"$BATS_TEST_TMPDIR/s.csv"
    cli batch "$BATS_TEST_TMPDIR/s.csv" -n 600 -s 5 --set trigger=mark --set 'mark.window=20 s' |
        sed '/"scenario":/d' >"$BATS_TEST_TMPDIR/expected"
    "$EMBED" table | sed '/"scenario":/d' >"$BATS_TEST_TMPDIR/got"
    grep -q '"cascade"' "$BATS_TEST_TMPDIR/got"
    sed -i "s|$BATS_TEST_TMPDIR/||" "$BATS_TEST_TMPDIR/expected"
    diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/got"
}

@test "errors have file, line, field and a sentence" {
    printf 'key,value,unit\nprice,80000,usd\nhorizn,2,d\n' >"$BATS_TEST_TMPDIR/s.csv"
    run -4 "$EMBED" json "$BATS_TEST_TMPDIR/s.csv" 10 1 1
    [[ ${lines[0]} == "file=$BATS_TEST_TMPDIR/s.csv line=3 field=horizn" ]]
    [[ ${lines[1]} == *"unknown key; did you mean 'horizon'?"* ]]
    run -4 "$EMBED" json $A 10 1 1 volatility=much
    [[ ${lines[0]} == 'file=settings line=0 field=volatility' ]]
    run -4 "$EMBED" json no-such.csv 10 1 1
    [[ ${lines[0]} == 'file=no-such.csv line=0 field=' ]]
    run -4 "$EMBED" array 1 99
    [[ ${lines[0]} == 'file=levels line=2 field=price_usd' ]]
    run -4 "$EMBED" array 2 nan
    [[ ${lines[0]} == 'file=levels line=3 field=price_usd' ]]
    run -3 "$EMBED" margin tests/bytes-positions.csv nowhere
    [[ ${lines[0]} == 'file= line=0 field=venue' ]]
    run -3 "$EMBED" value $A 10 1 target.probabilty
    [[ ${lines[1]} == *'target.probabilty'*'probability_without_impact'* ]]
    "$EMBED" refusals
}

@test "remarks are listed" {
    [[ $("$EMBED" remarks $A volatility=70) == 'percent-as-number settings:0 volatility 1' ]]
    [[ -z $("$EMBED" remarks $A) ]]
}

@test "two handles in two threads, and one in both" {
    "$EMBED" threads $A
}

@test "progress can cancel, and what is complete is an answer" {
    "$EMBED" cancel $A
}

@test "a host whose locale has decimal commas gets the same, and keeps it" {
    mkdir "$BATS_TEST_TMPDIR/locales"
    localedef -i de_DE -f UTF-8 "$BATS_TEST_TMPDIR/locales/de_DE.UTF-8" ||
        skip 'no locale could be made (package locales)'
    export LOCPATH=$BATS_TEST_TMPDIR/locales
    [[ $(LC_ALL=de_DE.UTF-8 "$EMBED" version) == *' ,' ]]
    [[ $(LC_ALL=de_DE.UTF-8 "$EMBED" json $A 100 7 2 volatility=0.03) == \
        "$("$EMBED" json $A 100 7 2 volatility=0.03)" ]]
    [[ $(LC_ALL=de_DE.UTF-8 "$EMBED" margin tests/bytes-positions.csv bybit) == \
        "$("$EMBED" margin tests/bytes-positions.csv bybit)" ]]
    for use in memory holdings refusals "path $A 2 3"; do
        LC_ALL=de_DE.UTF-8 "$EMBED" $use >/dev/null
    done
}

@test "a static host" {
    cc -std=c17 -static -D_POSIX_C_SOURCE=200809L -o "$BATS_TEST_TMPDIR/static" \
        tests/install/embed.c $(pkg-config --cflags squeeze) \
        $(pkg-config --static --libs squeeze) -pthread
    [[ $("$BATS_TEST_TMPDIR/static" json $A 50 7 2) == "$("$EMBED" json $A 50 7 1)" ]]
}

@test "a host in C++" {
    c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -o "$BATS_TEST_TMPDIR/host" \
        tests/install/embed.cpp $(pkg-config --cflags --libs squeeze)
    [[ $("$BATS_TEST_TMPDIR/host" $A 50 7 volatility=0.03) == \
        "$("$EMBED" json $A 50 7 1 volatility=0.03)" ]]
    run -1 "$BATS_TEST_TMPDIR/host" no-such.csv 10 1
    [[ $output == 'no-such.csv: cannot be opened: No such file or directory' ]]
}

@test "a host in Python" {
    [[ $(python3 tests/install/embed.py "$STAGED"/usr/lib/libsqueeze.so.0 $A 300 7) == \
        "$("$EMBED" value $A 300 7 target.probability | cut -d' ' -f1,3,4)" ]]
}

@test "the example of sim/README.md is a program" {
    sed -n '/^## Embedding/,/^## /p' sim/README.md | sed -n '/^```c$/,/^```$/p' | sed '/^```/d' \
        >"$BATS_TEST_TMPDIR/example.c"
    (($(wc -l <"$BATS_TEST_TMPDIR/example.c") > 10))
    cc -std=c17 -Wall -Wextra -Wpedantic -Werror -o "$BATS_TEST_TMPDIR/example" \
        "$BATS_TEST_TMPDIR/example.c" $(pkg-config --cflags --libs squeeze)
    run -0 "$BATS_TEST_TMPDIR/example" $A
    [[ $output =~ ^P\(target\)\ =\ 0\.[0-9]{3}\ \(0\.[0-9]{3}\ to\ 0\.[0-9]{3}\)$ ]]
    run -1 "$BATS_TEST_TMPDIR/example" no-such.csv
    [[ $output == 'no-such.csv: cannot be opened: No such file or directory' ]]
}

@test "uninstalling leaves nothing" {
    cp -r "$STAGED" "$BATS_TEST_TMPDIR/tree"
    make -s uninstall PREFIX=/usr LIBDIR=/usr/lib DESTDIR="$BATS_TEST_TMPDIR/tree"
    [[ -z $(find "$BATS_TEST_TMPDIR/tree" ! -type d) ]]
}
