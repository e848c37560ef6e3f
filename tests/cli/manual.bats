# SPDX-License-Identifier: GPL-3.0-or-later
# Manual pages and what `make install` puts beside them.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
}

@test "every command has a manual page that man reads without a word, with its own options" {
    local command option
    for command in $(squeeze --help | sed -n 's/^  squeeze \([a-z]*\) .*/\1/p' | grep -v help) help; do
        squeeze help --man "$command" >"$dir/page" || complain "$command: no page"
        head -n 1 "$dir/page" | grep -qx ".TH SQUEEZE-${command^^} 1 .*" || complain "$command: $(head -n 1 "$dir/page")"
        for option in $(squeeze help "$command" | sed -n 's/^ *\(-[a-z], \)\?--\([a-z-]*\).*/\2/p'); do
            grep -q -- "\\\\-\\\\-${option//-/.*-}" "$dir/page" || complain "$command: no --$option"
        done
        grep -qx '.BR squeeze (1),' "$dir/page" || complain "$command: no squeeze(1)"
        ! grep -qx ".BR squeeze.-$command (1).*" "$dir/page" || complain "$command: sends to itself"
        command -v man >/dev/null || continue
        man --warnings -E UTF-8 -l "$dir/page" >"$dir/text" 2>"$dir/warned"
        [[ ! -s $dir/warned ]] || complain "$command: $(<"$dir/warned")"
    done
    [[ $(squeeze help --man | sed -n 's/^.BR squeeze.-\([a-z-]*\) (1).*/\1/p' | wc -l) == 19 ]] || complain "see also"
    # No text is cut off.
    squeeze help --man sweep | tr -d '\\' | grep -q 'paired difference to it$' || complain "cut off"
    fails 2 "batsch: unknown command" help --man batsch
    no_complaints
}

@test "installed texts are all there, point at each other and at where they are, and no place else" {
    local build=${SQUEEZE%/squeeze} data=$dir/staged/opt/squeeze/share
    make -s -o "$build/squeeze" install-texts BUILD="$build" MAN_DIR="$dir/man" PREFIX=/opt/squeeze DESTDIR="$dir/staged"
    [[ $(ls "$data/man/man1" | wc -l) == 20 ]] || complain "$(ls "$data/man/man1")"
    scripts/check-readme --links "$data/doc/squeeze" || complain "links"
    diff -r scenarios "$data/doc/squeeze/scenarios" -x README.md || complain "scenarios differ"
    ! grep -rl 'build/squeeze\|PREFIX/share\|/staged/' "$data" || complain "another place"
    local example
    example=$(sed -n 's/.*compare \(.*\) \\-n.*/\1/p' "$data/man/man1/squeeze-compare.1" | tr -d '\\')
    [[ $(tr ' ' '\n' <<<"$example" | grep -c '^/opt/squeeze/share/doc/squeeze/scenarios/a-') == 2 ]] || complain "$example"
    squeeze check $(sed "s| */opt| $dir/staged/opt|g" <<<" $example") >/dev/null || complain "examples of the manual"
    no_complaints
}
