#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Run everything that must hold and end with one line "N passed, N failed".
#
# Usage: run-tests.sh PLAIN SANITIZED: two build folders whose programs are built. Jobs run two at a
# time; each writes TAP (or has only its exit status) and each TAP line counts as one test.
set -u
cd "$(dirname "$0")/.."

# One job: run-tests.sh --job RESULTS NUMBER NAME COMMAND...
if [ "$1" = --job ]; then
    result=$2/$3 name=$4
    shift 4
    CMOCKA_MESSAGE_OUTPUT=TAP "$@" >"$result.out" 2>"$result.err"
    status=$?
    cat "$result.out" "$result.err" | grep -E '^(ok|not ok) ' | grep -vi '# skip' >"$result.tap"
    # A skipped test counts as neither; cmocka writes it as "not ok ... # SKIP".
    if ! [ -s "$result.tap" ] && [ $status -eq 0 ]; then
        echo "ok 1 - $name" >"$result.tap"
    elif [ $status -ne 0 ] && ! grep -q '^not ok' "$result.tap"; then
        echo "not ok - $name ended with status $status" >>"$result.tap"
    fi
    echo "  $name: $(grep -c '^ok' "$result.tap") ok, $(grep -c '^not ok' "$result.tap") not ok"
    grep '^not ok' "$result.tap" && tail -n 40 "$result.out" "$result.err"
    exit 0
fi

plain=$1 sanitized=$2 results=$1/test-results
rm -rf "$results"
mkdir -p "$results"

# The interpreter itself: a python3 that only looks for one (as of pyenv) takes longer than it.
python=$(python3 -c 'import sys; print(sys.executable)') && export PATH="${python%/*}:$PATH"

# The sanitizers stop at the first fault and make everything several times slower. What gnuplot draws
# is no concern of theirs.
quiet='SQZ_TEST_DIVISOR=20 SQZ_NO_PICTURES=1 ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1'

# The longest jobs first, so that none begins when the other processor has nothing left to do.
list_jobs() {
    first='end_to_end sweep figures results scenarios compare positions'
    for name in $first; do
        echo "env SQUEEZE=$plain/squeeze bats --tap tests/cli/$name.bats"
    done
    for name in results bad_input contract failures; do
        echo "env $quiet SQUEEZE=$sanitized/squeeze bats --tap tests/cli/$name.bats"
    done
    for file in tests/cli/*.bats; do
        name=$(basename "$file" .bats)
        case " $first " in *" $name "*) ;; *) echo "env SQUEEZE=$plain/squeeze bats --tap $file" ;; esac
    done
    echo "env STAGED=$plain/staged SQUEEZE=$plain/squeeze bats --tap tests/install/install.bats"
    for source in tests/science/test_*.c tests/unit/test_*.c; do
        echo "$plain/${source%.c}"
        echo "env $quiet $sanitized/${source%.c}"
    done
    echo "scripts/check-layers.sh"
    echo "scripts/check-rooms $plain"
    echo "scripts/check-symbols.sh $plain/libsqueeze.a $plain/libsqueeze.so"
    if [ -e .git ]; then echo "scripts/check-tree.sh"; fi
    if command -v clang-format >/dev/null; then echo "scripts/check-format.sh"; fi
}

list_jobs | awk '{printf "%03d %s\n", NR, $0}' |
    while read -r number command; do
        name=$(echo "$command" | sed -e 's/^env //' -e 's/[A-Z_]*=[^ ]* //g' -e 's/bats --tap //' \
            -e "s|^$sanitized/|sanitized |" -e "s|^$plain/||")
        case $command in *"SQUEEZE=$sanitized"*) name="sanitized $name" ;; esac
        printf '%s\0%s\0%s\0' "$number" "$name" "$command"
    done |
    xargs -0 -n 3 -P 2 sh -c '"$0" --job "$1" "$2" "$3" $4' scripts/run-tests.sh "$results"

passed=$(cat "$results"/*.tap | grep -c '^ok')
failed=$(cat "$results"/*.tap | grep -c '^not ok')
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
