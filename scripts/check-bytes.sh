#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every number that a seed gives, as checksums: is a change of the code a change of the results?
#
# Usage: check-bytes.sh [PROGRAM]            compare with the stored list, tests/bytes.sha256
#        check-bytes.sh --list [PROGRAM]     print the list
#        check-bytes.sh --write [PROGRAM]    store the list: only where a number or a word was meant
#                                            to change, and the commit says which
#
# It runs all shipped scenarios through all commands, and each venue and each option that changes a
# path. The list is a golden file: it says that results are the same, not that they are right.
set -eu
cd "$(dirname "$0")/.."
stored=tests/bytes.sha256
mode=compare
case "${1:-}" in --list | --write) mode=${1#--} && shift ;; esac
program=${1:-build/squeeze}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
work_list=$work/list

# digest NAME FILE: one line of the list. What a result says of its version is not a number.
digest() {
    sed 's/"version": "[^"]*"/"version": ""/' "$2" | sha256sum | sed "s|-\$|$1|" >>"$work_list"
}

# run NAME COMMAND OPTIONS...: the JSON on standard output, and the exit status where it is not 0.
run() {
    name=$1 status=0
    shift
    "$program" "$@" -q --json >"$work/stdout" 2>/dev/null || status=$?
    [ $status -eq 0 ] || echo "exit $status" >>"$work/stdout"
    digest "$name" "$work/stdout"
}

# result NAME COMMAND OPTIONS...: every table of a result directory as well.
result() {
    whole=$1
    shift
    rm -rf "$work/result"
    run "$whole" "$@" -o "$work/result" --no-plot
    for table in $(cd "$work/result" 2>/dev/null && find . -name '*.csv' | sort); do
        digest "$whole/${table#./}" "$work/result/$table"
    done
}

a=scenarios/a-wall-14to1-discounted.csv
for scenario in scenarios/*.csv; do
    of=$(basename "$scenario" .csv)
    result "batch-$of" batch "$scenario" -n 40 -s 1 --outcomes
    run "run-$of" run "$scenario" -s 2 --path 3
    result "map-$of" map "$scenario"
    result "ignite-$of" ignite "$scenario"
    run "check-$of" check "$scenario"
done
for option in impact=off trigger=mark trigger=index latency=5s slice.rate=inf book.shape=2 \
    withdrawal.gamma=0 book.halflife=inf jumps.rate=0.3/d hunter.capital=50M peak.resolution=100bp; do
    batch_of=$option
    [ "$option" = jumps.rate=0.3/d ] && batch_of='jumps.rate=0.3 1/d'
    run "batch-a-$option" batch $a -n 40 -s 1 --set "$batch_of"
done
run batch-a-no-attribution batch $a -n 40 -s 1 --no-attribution
for venue in full binance bybit okx hyperliquid dydx; do
    result "batch-population-$venue" batch scenarios/f-population.csv -n 10 -s 1 --outcomes \
        --set venue=$venue --set volatility=0.1
    run "margin-$venue" margin tests/bytes-positions.csv --venue $venue
done
result compare-a compare $a scenarios/a-wall-14to1-claimed.csv -n 40 -s 1
result compare-e compare scenarios/e-collapse-*.csv -n 20 -s 1
result sweep-scale sweep $a --vary levels.scale=0.05:1:4:log -n 40 -s 1
result sweep-plane sweep $a --vary levels.scale=0.1:1:3 --vary book.depth=100M:1B:3:log -n 20 -s 1
result sweep-tornado sweep $a --tornado -n 20 -s 1

case $mode in
list) cat "$work_list" ;;
write) cp "$work_list" $stored ;;
compare)
    if ! diff $stored "$work_list" >"$work/diff"; then
        echo 'check-bytes: results differ from the stored list:' >&2
        awk '/^>/ {print "  " $3}' "$work/diff" >&2
        exit 1
    fi
    ;;
esac
