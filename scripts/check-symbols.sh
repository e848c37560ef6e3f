#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every symbol that the library exports begins with sqz_. Usage: check-symbols.sh LIBRARY
set -eu
foreign=$(nm -g --defined-only "$1" | awk 'NF == 3 && $3 !~ /^(\.gomp_critical_user_)?sqz_/ {print $3}')
[ -z "$foreign" ] && exit 0
echo "check-symbols: exported without the prefix sqz_:" >&2
echo "$foreign" >&2
exit 1
