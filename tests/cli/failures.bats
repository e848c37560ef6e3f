# SPDX-License-Identifier: GPL-3.0-or-later
# When the machine or the user stops a run: exit 1, 4 or 130, and never half a result.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario "$dir/scenario.csv" target,104.5,usd
    batch=(batch "$dir/scenario.csv" -s 1 -q)
    # Enough paths for hours.
    endless=(batch "$dir/scenario.csv" -s 1 -n 10000000000)
}

teardown() {
    # A test that failed may have left its file system behind.
    if mountpoint -q "$dir/disk" 2>/dev/null; then umount "$dir/disk"; fi
}

# tiny_disk KILOBYTES: a file system of this size at $dir/disk.
tiny_disk() {
    mkdir -p "$dir/disk"
    mount -t tmpfs -o size="$1"k tmpfs "$dir/disk" 2>/dev/null || skip "no file system can be mounted"
}

# ---- standard output and the result directory ------------------------------------------------

@test "a full disk behind standard output is exit 1" {
    local command status
    while read -r command; do
        status=0
        squeeze $command "$dir/scenario.csv" >/dev/full 2>"$dir/words" || status=$?
        ((status == 1)) || complain "$command: status $status"
        grep -q "standard output cannot be written: No space left" "$dir/words" ||
            complain "$command: said $(<"$dir/words")"
    done <<'END'
batch -s 1 -n 20
batch -s 1 -n 20 --json
run -s 1
run -s 1 --json
check
check --show
check --json
END
    for command in models "models --json" help "help batch" --version; do
        status=0
        squeeze $command >/dev/full 2>"$dir/words" || status=$?
        ((status == 1)) || complain "$command: status $status"
    done
    no_complaints
}

@test "a result that cannot be created is exit 1, before anything is simulated" {
    : >"$dir/file"
    ln -s nowhere "$dir/dangling"
    local place words
    while IFS='|' read -r place words; do
        timeout 5 "$SQUEEZE" "${endless[@]}" -q -o "$place" >"$dir/said" 2>"$dir/words" || status=$?
        ((status == 1)) || complain "$place: status $status"
        grep -qF "squeeze: $place: $words" "$dir/words" || complain "$place: said $(<"$dir/words")"
        [[ ! -s $dir/said ]] || complain "$place: printed $(<"$dir/said")"
    done <<END
$dir/file|cannot be used as a result directory: Not a directory
$dir/file/result|cannot be used as a result directory: Not a directory
$dir/absent/result|cannot be created: No such file or directory
/proc/result|cannot be created
END
    if [[ ! -w /proc/1/ ]] && ((EUID != 0)); then # root may write anywhere
        mkdir -m 555 "$dir/closed"
        fails 1 "cannot be created: Permission denied" "${batch[@]}" -o "$dir/closed/result"
    fi
    leaves_nothing "$dir/file."
    leaves_nothing "$dir/absent"
    no_complaints
}

@test "an empty name of the result is refused before anything is simulated" {
    local status=0
    cd "$dir"
    timeout 5 "$SQUEEZE" "${endless[@]}" -q -o "" 2>"$dir/words" || status=$?
    ((status == 1 || status == 2))
    [[ -z $(compgen -G ".partial-*") ]]
}

@test "a result may go to an empty directory, by any of its names" {
    mkdir "$dir/empty" "$dir/here" "$dir/real"
    ln -s real "$dir/link"
    squeeze "${batch[@]}" -n 20 -o "$dir/empty" --no-plot >"$dir/said"
    [[ -s $dir/empty/summary.json ]]
    squeeze "${batch[@]}" -n 20 -o "$dir/slash/" --no-plot >"$dir/said"
    [[ -s $dir/slash/summary.json ]]
    (cd "$dir/here" && squeeze "${batch[@]}" -n 20 -o . --no-plot) >"$dir/said" ||
        complain "the working directory is refused"
    squeeze "${batch[@]}" -n 20 -o "$dir/link" --no-plot >"$dir/said" ||
        complain "a link to a directory is refused"
    [[ -s $dir/here/summary.json && -s $dir/real/summary.json ]] || complain "and not filled"
    squeeze "${batch[@]}" -n 20 -o "$dir/link" --no-plot --force >"$dir/said" ||
        complain "a link to an earlier result is refused"
    [[ -L $dir/link ]]
    no_complaints
}

@test "a result may go to an empty file system of its own" {
    tiny_disk 2000
    squeeze "${batch[@]}" -n 20 -o "$dir/disk" --no-plot >"$dir/said"
    [[ -s $dir/disk/summary.json ]]
    squeeze "${batch[@]}" -n 30 -o "$dir/disk" --no-plot --force >"$dir/said"
    grep -q '"paths": 30' "$dir/disk/summary.json"
}

# ---- an earlier result -----------------------------------------------------------------------

@test "a directory that is not empty is refused without --force, before anything is simulated" {
    local status=0
    mkdir "$dir/result"
    echo precious >"$dir/result/notes.txt"
    timeout 5 "$SQUEEZE" "${endless[@]}" -q -o "$dir/result" >"$dir/said" 2>"$dir/words" || status=$?
    ((status == 1))
    grep -q "result: exists and is not empty; expected a directory of its own for a result" "$dir/words"
    [[ ! -s $dir/said && $(ls -A "$dir/result") == notes.txt ]]
}

@test "--force replaces a result, removes its stale files and nothing else" {
    squeeze "${batch[@]}" -n 30 -o "$dir/result" --outcomes --no-plot >"$dir/said"
    echo precious >"$dir/result/notes.txt"
    echo edited >"$dir/result/fan.gp"
    touch "$dir/result/fan.svg" "$dir/result/map.pdf" "$dir/result/closeup.png"
    squeeze "${batch[@]}" -n 20 -o "$dir/fresh" --no-plot >"$dir/said"
    squeeze "${batch[@]}" -n 20 -o "$dir/result" --no-plot --force >"$dir/said"
    [[ $(diff -rq --exclude manifest.json "$dir/result" "$dir/fresh") == \
        "Only in $dir/result: notes.txt" ]]
    [[ $(<"$dir/result/notes.txt") == precious ]]
    leaves_nothing "$dir/result.partial"
    no_complaints
}

@test "a run that fails leaves the earlier result as it was" {
    squeeze "${batch[@]}" -n 20 -o "$dir/result" --outcomes --no-plot >"$dir/said"
    cp -r "$dir/result" "$dir/before"
    (
        trap '' XFSZ
        ulimit -f 8
        fails 1 "cannot be written" "${batch[@]}" -n 3000 -o "$dir/result" --outcomes --force
        no_complaints
    )
    diff -r "$dir/result" "$dir/before"
    leaves_nothing "$dir/result.partial"
    no_complaints
}

# ---- full disks ------------------------------------------------------------------------------

# With a limit on the size of a file instead of a full disk, every result file can be made to fail
# in turn: the error is "File too large".
@test "a result file that cannot be completed is exit 1, named, and nothing is left" {
    squeeze "${batch[@]}" -n 300 -o "$dir/whole" --outcomes --no-plot >"$dir/said"
    local file kilobytes seen=
    # Each limit is below the size of another file, smallest limit last.
    for file in paths.csv outcomes.csv fan.csv; do
        kilobytes=$((($(stat -c %s "$dir/whole/$file") - 1) / 1024))
        ((kilobytes > 0))
        (
            trap '' XFSZ
            ulimit -f "$kilobytes"
            fails 1 "cannot be written: File too large" "${batch[@]}" -n 300 -o "$dir/result" --outcomes
            no_complaints
        ) >"$dir/complaints" || complain "$file: $(<"$dir/complaints")"
        leaves_nothing "$dir/result"
    done
    no_complaints
}

@test "outcomes that fill the disk end the run at once" {
    (
        trap '' XFSZ
        ulimit -f 64
        local status=0
        timeout 20 "$SQUEEZE" "${endless[@]}" -q -o "$dir/result" --outcomes 2>"$dir/words" || status=$?
        ((status == 1))
    )
    grep -q "result.resume: cannot be written: File too large" "$dir/words"
    leaves_nothing "$dir/result"
    no_complaints
}

@test "a full file system is exit 1 and left as it was" {
    squeeze "${batch[@]}" -n 300 -o "$dir/whole" --outcomes --no-plot >"$dir/said"
    # Room for next to nothing, for part of the outcomes, for the outcomes and part of the paths.
    local room outcomes paths
    outcomes=$(($(stat -c %s "$dir/whole/outcomes.csv") / 1024))
    paths=$(($(stat -c %s "$dir/whole/paths.csv") / 1024))
    for room in 4 $((outcomes / 2)) $((outcomes + paths / 2)); do
        tiny_disk "$room"
        local status=0
        squeeze "${batch[@]}" -n 300 -o "$dir/disk/result" --outcomes --no-plot >"$dir/said" \
            2>"$dir/words" || status=$?
        ((status == 1)) || complain "$room kB: status $status"
        grep -q "No space left on device" "$dir/words" || complain "$room kB: said $(<"$dir/words")"
        [[ ! -s $dir/said ]] || complain "$room kB: printed $(<"$dir/said")"
        [[ -z $(ls -A "$dir/disk") ]] || complain "$room kB: left $(ls -A "$dir/disk")"
        umount "$dir/disk"
    done
    no_complaints
}

@test "a gnuplot that fails costs no data" {
    mkdir "$dir/bin"
    printf '#!/bin/sh\necho broken >&2\nexit 1\n' >"$dir/bin/gnuplot"
    chmod +x "$dir/bin/gnuplot"
    local status=0
    PATH=$dir/bin:$PATH squeeze "${batch[@]}" -n 20 -o "$dir/result" >"$dir/said" 2>"$dir/words" ||
        status=$?
    ((status == 1)) || complain "status $status"
    grep -q "gnuplot" "$dir/words" || complain "does not name gnuplot: $(<"$dir/words")"
    [[ -s $dir/result/summary.json && -s $dir/result/paths.csv ]] || complain "the data are lost"
    no_complaints
}

# ---- paths cut off ---------------------------------------------------------------------------

@test "paths cut off by --max-events are counted, marked, and exit 4 with all results" {
    local status=0
    squeeze batch "$dir/scenario.csv" -s 1 -n 400 --max-events 60 --json -o "$dir/result" --outcomes \
        --no-plot >"$dir/answer.json" 2>"$dir/words" || status=$?
    ((status == 4))
    cmp "$dir/answer.json" "$dir/result/summary.json"
    python3 - "$dir/result" "$dir/words" <<'END'
import sys
from results import *

stopped = load(sys.argv[1] + "/summary.json")["stopped"]
rows = table(sys.argv[1] + "/outcomes.csv")
assert 0 < stopped["max_events"] < 400 and sum(stopped.values()) == 400 == len(rows)
for reason, count in stopped.items():
    assert sum(row["stopped"] == reason for row in rows) == count
said = open(sys.argv[2]).read()
assert f"{stopped['max_events']} of 400 paths were cut off by --max-events" in said, said
END
    squeeze batch "$dir/scenario.csv" -s 1 -n 400 --max-events 60 -q >"$dir/table" 2>"$dir/words" ||
        true
    grep -q "cut off by --max-events" "$dir/table"
    # A path is cut off alike when it is run alone.
    local path
    path=$(grep -m 1 ',max_events,' "$dir/result/outcomes.csv" | cut -d , -f 1)
    fails_late 4 run "$dir/scenario.csv" -s 1 --path "$path" --max-events 60 --json -q
    grep -q '"stopped": "max_events"' "$dir/printed"
    no_complaints
}

# fails_late STATUS ARGUMENT...: ends with STATUS and yet prints its data, in $dir/printed.
fails_late() {
    local status=$1 got=0
    shift
    squeeze "$@" >"$dir/printed" 2>"$dir/words" || got=$?
    ((got == status)) || complain "squeeze $*: status $got, expected $status"
}

@test "a volatility next to nothing moves nothing and ends" {
    local volatility
    for volatility in 1e-9 1e-160 1e-300 0; do
        timeout 20 "$SQUEEZE" "${batch[@]}" -n 20 --set "volatility=$volatility" --json >"$dir/answer" ||
            complain "volatility $volatility: status $?"
        grep -q '"unforced_paths": 20' "$dir/answer" || complain "volatility $volatility: forced"
    done
    no_complaints
}

# ---- signals ---------------------------------------------------------------------------------

# stopped_by SIGNAL RESULT: start an endless batch, wait until some outcomes are written, send SIGNAL;
# prints the exit status. It must be over in 5 s, whatever is left to do. A shell's background job
# would ignore SIGINT, so Python starts it.
stopped_by() {
    python3 - "$1" "$2" "$SQUEEZE" "${endless[@]}" -j 2 --json -o "$2" --outcomes --no-plot \
        >"$dir/status" <<'END'
import glob, os, signal, subprocess, sys, time

name, result, *command = sys.argv[1:]
process = subprocess.Popen(command, stdout=open(os.path.dirname(result) + "/stdout", "w"),
                           stderr=open(os.path.dirname(result) + "/words", "w"),
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
deadline = time.monotonic() + 20
while not any(os.path.getsize(f) for f in glob.glob(result + ".resume")):
    assert time.monotonic() < deadline and process.poll() is None, "no outcomes are written"
    time.sleep(0.01)
process.send_signal(getattr(signal, name))
try:
    print(process.wait(timeout=5))
except subprocess.TimeoutExpired:
    process.kill()
    print("still running 5 s after", name)
END
}

@test "an interrupted batch is complete for the blocks it finished, and says so" {
    stopped_by SIGINT "$dir/result"
    [[ $(<"$dir/status") == 130 ]] || complain "status: $(<"$dir/status")"
    no_complaints
    cmp "$dir/stdout" "$dir/result/summary.json"
    leaves_nothing "$dir/result.partial"
    no_complaints
    local paths
    paths=$(sed -n 's/^  "paths": \([0-9]*\),/\1/p' "$dir/result/summary.json")
    ((paths > 0 && paths < 10000000000))
    grep -q "interrupted after $paths of 10000000000 paths" "$dir/words"
    [[ $(wc -l <"$dir/result/outcomes.csv") -eq $((paths + 1)) ]]
    # The same result as a batch of that many paths.
    squeeze "${batch[@]}" -n "$paths" --json -o "$dir/again" --outcomes --no-plot >"$dir/again.json"
    cmp "$dir/again.json" "$dir/stdout"
    diff -rq --exclude manifest.json "$dir/result" "$dir/again"
}

@test "a batch without a result directory can be interrupted too" {
    local status=0
    timeout --foreground -k 5 -s INT 1 "$SQUEEZE" "${endless[@]}" --json >"$dir/answer.json" 2>"$dir/words" ||
        status=$?
    # In the foreground timeout sends one signal, as Ctrl-C does; a second would kill. 124: it was sent.
    ((status == 124))
    grep -Eq 'interrupted after [0-9]+ of 10000000000 paths' "$dir/words"
    grep -q "\"paths\": $(sed -n 's/.*interrupted after \([0-9]*\) of.*/\1/p' "$dir/words")," \
        "$dir/answer.json"
}

@test "SIGTERM leaves a complete result or none, and nothing in the making" {
    stopped_by SIGTERM "$dir/result"
    leaves_nothing "$dir/result.partial"
    [[ ! -e $dir/result || -s $dir/result/summary.json ]] || complain "half a result"
    no_complaints
}

@test "a killed batch leaves no result under its name, and the next run is not disturbed" {
    stopped_by SIGKILL "$dir/result"
    [[ $(<"$dir/status") == -9 && ! -e $dir/result ]]
    squeeze "${batch[@]}" -n 20 -o "$dir/result" --no-plot >"$dir/said"
    [[ -s $dir/result/summary.json ]]
}

# ended_by SIGNAL [IGNORED]: the status of a batch of hours with a result, started by Python with every
# signal at its default, or IGNORED as nohup does, and sent SIGNAL once it runs.
ended_by() {
    python3 - "$1" "${2:-}" "$dir/result" "$SQUEEZE" "${endless[@]}" -q --checkpoint 0.01 --no-plot -o "$dir/result" <<'END'
import os, signal, subprocess, sys, time

name, ignored, result, *command = sys.argv[1:]
def prepare():
    for each in ("SIGINT", "SIGHUP", "SIGTERM", "SIGXCPU"):
        signal.signal(getattr(signal, each), signal.SIG_IGN if each == ignored else signal.SIG_DFL)
process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=prepare)
while not os.path.exists(result + ".resume"):
    assert process.poll() is None
    time.sleep(0.01)
process.send_signal(getattr(signal, name))
try:
    print(process.wait(timeout=1 if ignored == name else 5))
except subprocess.TimeoutExpired:
    process.kill()
    print("runs on")
END
}

@test "what asks a job to end ends it with what is complete; what the parent ignores does not" {
    local name
    for name in SIGHUP SIGXCPU SIGTERM SIGINT; do
        rm -rf "$dir/result"*
        [[ $(ended_by $name) == 130 && -s $dir/result/summary.json ]] || complain "$name: $(ls "$dir")"
        leaves_nothing "$dir/result."
    done
    for name in SIGHUP SIGINT; do
        rm -rf "$dir/result"*
        [[ $(ended_by $name $name) == "runs on" ]] || complain "$name was ignored by the parent"
    done
    no_complaints
}

@test "a standard output that is closed is exit 1, and nothing is printed into a result" {
    local status=0
    "$SQUEEZE" "${batch[@]}" -n 20 --no-plot -o "$dir/result" >&- 2>"$dir/words" || status=$?
    ((status == 1)) || complain "status $status"
    grep -q 'standard output cannot be written: Bad file descriptor' "$dir/words" || complain "said $(<"$dir/words")"
    squeeze "${batch[@]}" -n 20 --no-plot -o "$dir/again" >"$dir/said"
    diff -rq --exclude manifest.json "$dir/result" "$dir/again" || complain "another result"
    no_complaints
}

@test "a file that may not grow is an error of the write, however the parent left the signal" {
    local status=0
    (ulimit -f 4 && timeout 20 "$SQUEEZE" "${batch[@]}" -n 300 --no-plot -o "$dir/result" >"$dir/said" 2>"$dir/words") || status=$?
    ((status == 1)) || complain "status $status"
    grep -q 'cannot be written: File too large' "$dir/words" || complain "said $(<"$dir/words")"
    leaves_nothing "$dir/result"
    no_complaints
}

@test "a kill while one result takes the place of another leaves one of them" {
    local seed
    for seed in 1 2; do
        squeeze batch "$dir/scenario.csv" -s $seed -n 300 -q --no-plot -o "$dir/of-$seed" >"$dir/said"
    done
    python3 - "$dir" "$SQUEEZE" <<'END' || complain "mixed"
import os, random, shutil, subprocess, sys, time

folder, program = sys.argv[1:]
chance = random.Random(4)
command = [program, "batch", folder + "/scenario.csv", "-s", "1", "-n", "300", "-q", "--no-plot", "--force", "-o", folder + "/both"]
begun = time.monotonic()
subprocess.run(command[:-1] + [folder + "/timed"], stdout=subprocess.DEVNULL)
length = time.monotonic() - begun
for i in range(25):
    shutil.rmtree(folder + "/both", ignore_errors=True)
    shutil.copytree(folder + "/of-2", folder + "/both")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    time.sleep(length * chance.uniform(0.8, 1.1))
    process.kill()
    process.wait()
    read = lambda d, f: open(f"{folder}/{d}/{f}", "rb").read()
    which = {1 if read("both", f) == read("of-1", f) else 2 for f in ("summary.json", "fan.csv", "paths.csv", "histograms.csv")}
    assert len(which) == 1, which
END
    squeeze batch "$dir/scenario.csv" -s 1 -n 20 -q --no-plot --force -o "$dir/both" >"$dir/said"
    leaves_nothing "$dir/both.partial"
    no_complaints
}

@test "a name as long as names may be has a result too" {
    local name
    name=$(printf 'r%.0s' {1..255})
    squeeze "${batch[@]}" -n 20 --no-plot -o "$dir/$name" >"$dir/said"
    squeeze "${batch[@]}" -n 30 --no-plot --force -o "$dir/$name" >"$dir/said"
    [[ -s $dir/$name/summary.json ]]
}
