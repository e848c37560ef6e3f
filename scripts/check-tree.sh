#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The tree holds sources only: nothing at the top level but what the architecture names, no build
# products, no machine's paths, no file that names a folder outside the project.
set -u
cd "$(dirname "$0")/.."
failed=0
complain() {
    [ -z "$2" ] && return
    echo "check-tree: $1" >&2
    echo "$2" >&2
    failed=1
}

complain 'unexpected at the top level' "$(git ls-files | cut -d/ -f1 | sort -u |
    grep -vE '^(Makefile|README\.md|CHANGELOG\.md|CITATION\.cff|LICENSE|\..*|sim|models|scenarios|scripts|tests)$')"
complain 'build products' "$(git ls-files | grep -E '\.(o|a|d|so|gch|gcda|gcno)$|^build/')"
complain 'larger than 1 MB' "$(git ls-files -z | xargs -0 -r -n 50 find 2>/dev/null -maxdepth 0 -size +1024k)"
complain 'paths of one machine, or of a folder beside the project' \
    "$(git grep -nE '(/(work|home|root|tmp/[a-z])/|\.\./shared)' -- . ':!scripts/check-tree.sh' | head)"
complain 'optimisation that changes results' \
    "$(git grep -nE -e '-f(fast-math|associative-math|unsafe-math)' -- Makefile scripts | grep -v check-tree)"
complain 'no line SPDX-License-Identifier at the head of a source file' "$(git ls-files -z |
    xargs -0 awk 'FNR == 1 {
        source = FILENAME ~ /(\.(c|h|gp|bats|bash|sh|py|map)|(^|\/)Makefile)$/ || /^#!/
        head = $0; if ((getline line) > 0) head = head line
        if (source && head !~ /SPDX-License-Identifier: GPL-3\.0-or-later/) print FILENAME
        nextfile }')"
complain 'CITATION.cff says another version than sim/core/version.h' \
    "$(grep '^version:' CITATION.cff | grep -vF "$(sed -n 's/.*SQZ_VERSION "\(.*\)"/\1/p' sim/core/version.h)")"
exit $failed
