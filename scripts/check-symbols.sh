#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every symbol that the library defines begins with sqz_, and the shared one exports the functions of
# the public header alone. Usage: check-symbols.sh ARCHIVE SHARED
set -eu
cd "$(dirname "$0")/.."
failed=0
complain() {
    [ -z "$2" ] && return
    echo "check-symbols: $1" >&2
    echo "$2" >&2
    failed=1
}

complain 'defined without the prefix sqz_' "$(nm -g --defined-only "$1" |
    awk 'NF == 3 && $3 !~ /^(\.gomp_critical_user_)?sqz_/ {print $3}')"

names=$(mktemp -d)
trap 'rm -rf "$names"' EXIT
grep -o '^SQZ_PUBLIC .*' sim/squeeze.h | grep -o 'sqz_[a-z_]*(' | tr -d '(' | sort >"$names/header"
grep -o 'sqz_[a-z_]*;' sim/squeeze.map | tr -d ';' | sort >"$names/map"
nm -D --defined-only "$2" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort >"$names/exported"
complain 'sim/squeeze.map (right) is not sim/squeeze.h (left)' \
    "$(comm -3 "$names/header" "$names/map")"
complain 'what is exported (right) is not what sim/squeeze.h declares (left)' \
    "$(comm -3 "$names/header" "$names/exported")"
[ -s "$names/header" ] || complain 'no function found' sim/squeeze.h
exit $failed
