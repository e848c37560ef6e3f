#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Hostile conditions: signals, links, long names, closed files, memory and disks that fail.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario "$dir/scenario.csv"
    batch=(batch "$dir/scenario.csv" -s 1 -q --no-plot)
}

# A path of minutes: hundreds of thousands of child orders into a thin book.
slow_scenario() {
    levels "$dir/slow-levels.csv" short,100.1,1e14 long,99.9,1e14
    scenario "$dir/slow.csv" levels,slow-levels.csv, slice.rate,60M,usd/s flow.rate,800,1/h \
        flow.size,400,usd book.depth,2200,usd horizon,3,d volatility,0.08,1/sqrt\(d\) \
        book.halflife,1e-6,s
}

# signalled SIGNAL AFTER COMMAND...: the status of a command that SIGNAL is sent to after AFTER s, and
# how long it took from there. What signals do is put back first, as in a terminal.
signalled() {
    python3 - "$SQUEEZE" "$@" <<'END'
import signal, subprocess, sys, time
program, name, after, *words = sys.argv[1:]
def clean():
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU):
        signal.signal(s, signal.SIG_DFL)
process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=clean)
time.sleep(float(after))
begun = time.monotonic()
process.send_signal(getattr(signal, name))
try:
    words = process.communicate(timeout=5)[1].decode().strip()
except subprocess.TimeoutExpired:
    process.kill()
    words = "killed in the end"
print(process.returncode, int(time.monotonic() - begun), words)
END
}

@test "Ctrl-C is answered within a second in the middle of a slow path" {
    local said
    slow_scenario
    said=$(signalled SIGINT 0.5 batch "$dir/slow.csv" -n 1000 -s 1 -j 2 -q)
    [[ $said == "130 0 squeeze: interrupted after 0 of 1000 paths; path 0 was left unfinished" ]] ||
        complain "said $said"
    no_complaints
}

@test "a hang-up and the end of processor time are taken as SIGTERM is" {
    local name said
    for name in SIGHUP SIGXCPU SIGTERM; do
        said=$(signalled $name 0.5 "${batch[@]}" -n 100000000 -o "$dir/$name")
        [[ $said == "130 0 squeeze: interrupted after "* ]] || complain "$name: said $said"
        [[ -s $dir/$name/summary.json ]] || complain "$name: no result"
        leaves_nothing "$dir/$name.partial"
    done
    no_complaints
}

@test "what the parent ignores stays ignored, as under nohup" {
    (
        trap '' HUP
        "$SQUEEZE" "${batch[@]}" -n 20000 >"$dir/said" 2>"$dir/words" &
        sleep 0.1
        kill -HUP $!
        wait $!
    ) || complain "status $?: $(<"$dir/words")"
    [[ -s $dir/said ]] || complain "nothing is said"
    no_complaints
}

@test "too large a file and a closed standard output are exit 1, not a signal" {
    local status=0
    (
        ulimit -f 4
        squeeze "${batch[@]}" -n 300 -j 1 --outcomes -o "$dir/large" >"$dir/said" 2>"$dir/words"
    ) || status=$?
    ((status == 1)) || complain "too large: status $status"
    grep -q "File too large" "$dir/words" || complain "said $(<"$dir/words")"
    leaves_nothing "$dir/large.partial"
    status=0
    squeeze sweep "$dir/scenario.csv" --vary levels.scale=1:2:2 -n 5 -s 1 -q --no-plot -o "$dir/closed" \
        >&- 2>"$dir/words" || status=$?
    ((status == 1)) || complain "closed: status $status"
    grep -q "standard output cannot be written" "$dir/words" || complain "said $(<"$dir/words")"
    ! grep -q P\( "$dir/closed/points.csv" || complain "the answer is in a file of the result"
    no_complaints
}

@test "--force killed at any time leaves the old or the new result, whole" {
    squeeze "${batch[@]}" -n 300 -o "$dir/old" >"$dir/said"
    squeeze "${batch[@]}" -s 2 -n 300 -o "$dir/new" >"$dir/said"
    echo precious >"$dir/old/notes.txt"
    python3 - "$dir" "$SQUEEZE" "${batch[@]}" -s 2 -n 300 -o "$dir/k" --force <<'END' || complain "mixed"
import glob, os, shutil, subprocess, sys, time
folder, *command = sys.argv[1:]
os.chdir(folder)
read = lambda path: open(path, "rb").read()
for i in range(12):
    shutil.rmtree("k", ignore_errors=True)
    shutil.copytree("old", "k")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None and not glob.glob("k.partial*/map.gp"):
        time.sleep(0.0003)
    time.sleep(0.0003 * i)
    process.kill()
    process.wait()
    whose = {"new" if read("k/" + f) == read("new/" + f) else "old" if read("k/" + f) == read("old/" + f) else "none"
             for f in ("summary.json", "fan.csv", "paths.csv", "histograms.csv")}
    assert len(whose) == 1 and whose < {"old", "new"}, whose
    assert read("k/notes.txt") == b"precious\n"
subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
assert not glob.glob("k.partial*") and read("k/fan.csv") == read("new/fan.csv")
assert read("k/notes.txt") == b"precious\n"
END
    no_complaints
}

@test "sweep --force keeps the earlier result until the new one is whole" {
    local sweep=(sweep "$dir/scenario.csv" -q --no-plot -o "$dir/w")
    squeeze "${sweep[@]}" --vary levels.scale=0.5:1:2 -n 5 -s 1 >"$dir/said"
    cp -r "$dir/w" "$dir/before"
    signalled SIGKILL 0.3 "${sweep[@]}" --vary levels.scale=0.5:1:9 -n 10000000 -s 2 --force >"$dir/said"
    diff -r "$dir/before" "$dir/w" || complain "killed: the earlier result has changed"
    squeeze "${sweep[@]}" --vary levels.scale=0.5:1:3 -n 5 -s 2 --force >"$dir/said"
    [[ $(wc -l <"$dir/w/points.csv") -eq 4 || $(wc -l <"$dir/w/points.csv") -eq 5 ]] || complain "not replaced"
    no_complaints
}

@test "what a killed run left is removed, and no link is followed" {
    local left
    echo precious >"$dir/victim"
    mkdir "$dir/s"
    ln -s "$dir/victim" "$dir/s/.manifest.partial"
    squeeze sweep "$dir/scenario.csv" --vary levels.scale=1:2:2 -n 5 -s 1 -q -o "$dir/s" --no-plot >"$dir/said" ||
        complain "a stale manifest: status $?"
    [[ $(<"$dir/victim") == precious ]] || complain "a link was followed"
    mkdir "$dir/r.partial-abcdef"
    echo '{' >"$dir/r.partial-abcdef/summary.json"
    squeeze "${batch[@]}" -n 20 -o "$dir/r" >"$dir/said"
    leaves_nothing "$dir/r.partial"
    no_complaints
}

@test "a result may have as long a name as the file system allows" {
    local name
    name=$dir/$(printf 'x%.0s' {1..255})
    squeeze "${batch[@]}" -n 20 -o "$name" >"$dir/said" || complain "status $?"
    squeeze "${batch[@]}" -n 30 -o "$name" --force >"$dir/said" || complain "--force: status $?"
    grep -q '"paths": 30' "$name/summary.json" || complain "not replaced"
    no_complaints
}

@test "control characters of names and files are spelled out on the terminal" {
    local command
    local odd=$dir/$'odd\e[31m.csv'
    scenario "$odd" name,$'a\e[31mname',
    for command in "batch -n 20 -s 1" "run -s 1" map "check --show" "sweep --vary levels.scale=1:2:2 -n 5 -s 1"; do
        # shellcheck disable=SC2086 # words of the command
        squeeze ${command%% *} "$odd" $([[ $command == *" "* ]] && echo "${command#* }") >"$dir/said" 2>&1 || true
        ! grep -q $'\e' "$dir/said" || complain "$command: an escape character"
    done
    squeeze batch "$odd" -n 20 -s 1 -o "$dir/"$'o\e[31m' --no-plot >"$dir/said" 2>&1
    ! grep -q $'\e' "$dir/said" || complain "-o: an escape character"
    grep -qF 'a\x1b[31mname' "$dir/said" || complain "not spelled out"
    no_complaints
}

@test "figures are the same files at any time and from any folder" {
    mkdir "$dir/away"
    (cd "$dir" && squeeze batch scenario.csv -n 20 -s 1 -q --format pdf -o "$dir/one" >"$dir/said")
    sleep 1.1
    (cd "$dir/away" && squeeze batch ../scenario.csv -n 20 -s 1 -q --format pdf -o "$dir/two" >"$dir/said")
    local file
    for file in "$dir"/one/*.pdf "$dir"/one/*.gp; do
        cmp "$file" "$dir/two/${file##*/}" || complain "differs"
    done
    ! grep -qa CreationDate "$dir/one/fan.pdf" || complain "a date"
    squeeze plot "$dir/one" --format svg >"$dir/said" 2>&1
    grep -q "scripts are code" "$dir/said" || complain "said $(<"$dir/said")"
    no_complaints
}

@test "a glyph that the font has not costs the glyph, not the figure" {
    scenario "$dir/glyphs.csv" $'name,wall \xe6\x97\xa5\xe6\x9c\xac,'
    squeeze batch "$dir/glyphs.csv" -n 20 -s 1 -q --format svg -o "$dir/g" >"$dir/said"
    grep -q $'^scenario_name = "wall \xe6\x97\xa5\xe6\x9c\xac"$' "$dir/g/fan.gp" || complain "the name is lost"
    grep -q 'ne "svg") { scenario_name = "wall ??" }' "$dir/g/fan.gp" || complain "no replacement"
    grep -q $'\xe6\x97\xa5' "$dir/g/fan.svg" || complain "SVG has lost it"
    squeeze plot "$dir/g" -q --format png 2>"$dir/words" || complain "PNG: $(<"$dir/words")"
    no_complaints
}

@test "allocations and writes that fail are errors in one line, or the whole result" {
    "$BATS_TEST_DIRNAME/../../scripts/faults" --stride 997 "$SQUEEZE"
}
