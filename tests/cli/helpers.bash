# SPDX-License-Identifier: GPL-3.0-or-later
# What the command-line tests share. The working directory is the top of the project.
#
# SQUEEZE names the program under test (default build/squeeze). A test that goes through a table of
# cases calls `complain` for each that fails and ends with `no_complaints`, so that one run shows all.

bats_require_minimum_version 1.5.0

SQUEEZE=${SQUEEZE:-build/squeeze}
[[ $SQUEEZE == /* ]] || SQUEEZE=$PWD/$SQUEEZE
export SQUEEZE
# Modules of tests/cli, and no folder of compiled ones beside them.
export PYTHONPATH=$BATS_TEST_DIRNAME PYTHONDONTWRITEBYTECODE=1

squeeze() {
    "$SQUEEZE" "$@"
}

# ---- complaints ------------------------------------------------------------------------------

complaints=0

complain() {
    printf '%s\n' "$@"
    complaints=$((complaints + 1))
}

no_complaints() {
    ((complaints == 0))
}

# fails STATUS WORDS ARGUMENT...: squeeze must end with STATUS, print nothing on standard output and
# WORDS on standard error, all of which is kept in $said. Complains otherwise.
fails() {
    local status=$1 words=$2
    shift 2
    local got=0 printed=$BATS_TEST_TMPDIR/printed
    said=$(squeeze "$@" 2>&1 >"$printed" </dev/null) || got=$?
    ((got == status)) || complain "squeeze $*: status $got, expected $status: $said"
    [[ ! -s $printed ]] || complain "squeeze $*: printed on standard output: $(head -n 3 "$printed")"
    [[ $said == "squeeze: "* || $said == *$'\n'"squeeze: "* ]] ||
        complain "squeeze $*: does not say who speaks: $said"
    [[ $said == *"$words"* ]] || complain "squeeze $*: expected '$words', said: $said"
}

# leaves_nothing DIR: neither the result directory nor one in the making.
leaves_nothing() {
    local left
    left=$(compgen -G "$1*") || return 0
    complain "left behind: $left"
}

# ---- scenarios -------------------------------------------------------------------------------

# The keys that every scenario needs, and a small lopsided ladder of unlike notionals: a day is
# about three of its nearest distances long.
REQUIRED_ROWS=(price,100,usd horizon,1,d levels,levels.csv, volatility,0.03,1/sqrt\(d\)
    book.depth,1M,usd)
LEVEL_ROWS=(short,101,210000 short,102.5,330000 short,102.75,120000 short,104,510000
    long,99,130000 long,98.5,90000 long,97,170000)

# levels FILE [ROW...]: a levels file of these rows, by default LEVEL_ROWS.
levels() {
    local file=$1
    shift
    (($# > 0)) || set -- "${LEVEL_ROWS[@]}"
    printf '%s\n' side,price_usd,notional_usd "$@" >"$file"
}

# scenario FILE [ROW...]: a scenario, and beside it the levels.csv it names if there is none. A ROW
# stands in place of the required row of its key, or is added at the end.
scenario() {
    local file=$1 row rows=()
    local -A place=() # of a key in rows
    shift
    for row in "${REQUIRED_ROWS[@]}" "$@"; do
        rows[${place[${row%%,*}]:=${#rows[@]}}]=$row
    done
    printf '%s\n' key,value,unit "${rows[@]}" >"$file"
    [[ -e ${file%/*}/levels.csv ]] || levels "${file%/*}/levels.csv"
}

# flowing [FILE]: text with its paragraphs unbroken: every run of blanks and line breaks is one blank.
flowing() {
    cat "$@" | tr -s ' \n' ' '
}

# line_of TEXT FILE: number of the first line that is TEXT.
line_of() {
    grep -nxF -- "$1" "$2" | head -n 1 | cut -d : -f 1
}
