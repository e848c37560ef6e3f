# SPDX-License-Identifier: GPL-3.0-or-later
# Long jobs: killed and resumed, continued, run in parts and merged, they give the bytes of one run.

load helpers

setup_file() {
    scenario "$BATS_FILE_TMPDIR/scenario.csv" target,104.5,usd floor,97.5,usd jumps.rate,2,1/d jumps.sd,0.01,1
    squeeze batch "$BATS_FILE_TMPDIR/scenario.csv" -n 2500 -s 11 -q -o "$BATS_FILE_TMPDIR/whole" \
        --outcomes --no-plot --json >"$BATS_FILE_TMPDIR/whole.json"
    for k in 1 2 3; do
        squeeze batch "$BATS_FILE_TMPDIR/scenario.csv" -n 2500 -s 11 -q -o "$BATS_FILE_TMPDIR/part-$k" \
            --outcomes --no-plot --shard "$k/3" >"$BATS_FILE_TMPDIR/said"
    done
}

teardown() {
    if [[ -n ${endless:-} ]]; then kill -KILL "$endless" 2>/dev/null || true; fi
}

setup() {
    dir=$BATS_TEST_TMPDIR
    all=$BATS_FILE_TMPDIR
    scenario=$all/scenario.csv
    batch=(batch "$scenario" -s 11 -q --outcomes --no-plot --json)
}

# is_whole DIR JSON: the result and the answer of the single run, the record of how it was run aside.
is_whole() {
    diff -rq --exclude manifest.json "$1" "$all/whole" || complain "$1 is not the whole"
    cmp "$2" "$all/whole.json" || complain "$2 is another answer"
    [[ ! -e $1.resume ]] || complain "$1.resume is left"
}

# ---- shards ----------------------------------------------------------------------------------

@test "shards in any order merge to the single run" {
    local order
    for order in '1 2 3' '3 1 2' '2 3 1'; do
        squeeze merge $(printf "$all/part-%s " $order) -o "$dir/merged" --json --no-plot --force -q \
            >"$dir/merged.json"
        is_whole "$dir/merged" "$dir/merged.json"
    done
    no_complaints
}

@test "a shard is its paths of the batch" {
    local k rows=0
    for k in 1 2 3; do
        rows=$((rows + $(wc -l <"$all/part-$k/outcomes.csv") - 1))
        grep -Fvxf "$all/whole/outcomes.csv" "$all/part-$k/outcomes.csv" && complain "part $k has rows of its own"
    done
    ((rows == 2500)) || complain "$rows rows"
    no_complaints
}

@test "which shard is told by Slurm or GNU parallel" {
    SLURM_ARRAY_TASK_ID=12 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=3 \
        squeeze "${batch[@]}" -n 2500 -o "$dir/slurm" --shard auto >"$dir/said"
    PARALLEL_SEQ=2 squeeze "${batch[@]}" -n 2500 -o "$dir/parallel" --shard auto/3 >"$dir/said"
    diff -rq --exclude manifest.json "$dir/slurm" "$all/part-2" || complain "Slurm"
    diff -rq --exclude manifest.json "$dir/parallel" "$all/part-2" || complain "GNU parallel"
    fails 2 "asks Slurm" "${batch[@]}" -o "$dir/no" --shard auto
    fails 2 "asks GNU parallel" "${batch[@]}" -o "$dir/no" --shard auto/3
    no_complaints
}

@test "shards that are wrong are refused" {
    local part
    for part in 0/3 4/3 1 1/ /3 1/0 -1/3 1/3x one/3; do
        fails 2 "is no part" "${batch[@]}" -o "$dir/no" --shard "$part"
    done
    fails 2 "2500 paths; expected at most one for each block" "${batch[@]}" -n 2500 -o "$dir/no" --shard 1/11
    fails 2 "needs a result directory" "${batch[@]}" --shard 1/3
    fails 2 "needs a result directory" batch "$scenario" -o "$dir/no" --shard 1/3 # and a seed
    leaves_nothing "$dir/no"
    no_complaints
}

@test "what is missing, twice, or of another batch does not merge" {
    squeeze batch "$scenario" -n 2500 -s 12 -q --outcomes --no-plot -o "$dir/seed" --shard 3/3 >"$dir/said"
    squeeze "${batch[@]}" -n 2500 --set drift=0.1 -o "$dir/drift" --shard 3/3 >"$dir/said"
    squeeze batch "$scenario" -n 2500 -s 11 -q --no-plot -o "$dir/rowless" --shard 3/3 >"$dir/said"
    fails 3 "paths 1024 to 1791 are in none of the results, 768 of 2500 paths" merge "$all/part-1" "$all/part-3" -o "$dir/no"
    fails 3 "paths, as 0, that another one holds too" merge "$all/part-1" "$all/part-2" "$all/part-1" -o "$dir/no"
    fails 3 "another seed" merge "$all/part-1" "$all/part-2" "$dir/seed" -o "$dir/no"
    fails 3 "another drift" merge "$all/part-1" "$all/part-2" "$dir/drift" -o "$dir/no"
    fails 1 "outcomes.csv: cannot be read" merge "$all/part-1" "$all/part-2" "$dir/rowless" -o "$dir/no"
    fails 3 "holds no state.bin" merge "$dir" -o "$dir/no"
    fails 2 "needs a result directory" merge "$all/part-1"
    leaves_nothing "$dir/no"
    no_complaints
}

@test "comparisons are run in shards too" {
    local k
    scenario "$dir/other.csv" target,104.5,usd floor,97.5,usd book.depth,3M,usd
    squeeze compare "$scenario" "$dir/other.csv" -n 600 -s 5 -q --no-plot --json -o "$dir/one" >"$dir/one.json"
    for k in 1 2; do
        squeeze compare "$scenario" "$dir/other.csv" -n 600 -s 5 -q --no-plot -o "$dir/$k" --shard $k/2 >"$dir/said"
    done
    squeeze merge "$dir/2" "$dir/1" -q --no-plot --json -o "$dir/merged" >"$dir/merged.json"
    diff -rq --exclude manifest.json "$dir/one" "$dir/merged"
    cmp "$dir/one.json" "$dir/merged.json"
}

# ---- going on --------------------------------------------------------------------------------

@test "paths added in uneven steps give the bytes of one run" {
    local n
    squeeze "${batch[@]}" -n 300 -o "$dir/result" >"$dir/said"
    for n in 301 700 1024 2500; do
        squeeze batch --continue "$dir/result" -n $n -q --json >"$dir/answer.json"
    done
    is_whole "$dir/result" "$dir/answer.json"
    fails 2 "are fewer than the 2500" batch --continue "$dir/result" -n 100
    fails 2 "needs --paths" batch --continue "$dir/result"
    fails 3 "holds no state.bin" "${batch[@]}" --continue "$dir/nowhere" -n 100
    fails 3 "another volatility" "${batch[@]}" --set volatility=0.05 --continue "$dir/result" -n 3000
    is_whole "$dir/result" "$dir/answer.json"
    no_complaints
}

@test "a job that is killed again and again ends with the bytes of one run" {
    python3 - "$dir" "$SQUEEZE" "${batch[@]}" -n 2500 -j 2 --checkpoint 0.01 --resume "$dir/result" <<'END'
import random, signal, subprocess, sys, time

folder, *command = sys.argv[1:]
chance = random.Random(7)
for kills in range(8):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    time.sleep(chance.uniform(0.01, 0.12))
    process.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGKILL]))
    process.wait()
with open(folder + "/answer.json", "w") as answer:
    subprocess.run(command, stdout=answer, check=True)
END
    is_whole "$dir/result" "$dir/answer.json"
    squeeze batch --resume "$dir/result" -q --json >"$dir/again.json" # complete: says the same
    is_whole "$dir/result" "$dir/again.json"
    no_complaints
}

# A batch of hours, of which a file beside its result soon holds some paths.
start_endless() {
    "$SQUEEZE" batch "$scenario" -s 11 -n 1e10 -q --no-plot --checkpoint 0.01 -o "$dir/result" \
        >"$dir/answer" 2>"$dir/words" 3>&- &
    endless=$!
    for _ in {1..500}; do
        [[ $(stat -c %s "$dir/result.resume" 2>/dev/null || echo 0) -gt 40000 ]] && return
        sleep 0.02
    done
    return 1
}

@test "what a killed job left is not lost by mistake" {
    start_endless
    fails 1 "another run is going on with it" batch --resume "$dir/result" -q
    kill -KILL $endless
    wait $endless || true
    fails 1 "--resume $dir/result goes on with them, --force starts anew" \
        batch "$scenario" -s 11 -n 1e10 -q --no-plot -o "$dir/result"
    fails 3 "another seed" batch "$scenario" -s 12 --resume "$dir/result"
    squeeze batch "$scenario" -s 11 -n 300 -q --no-plot --force -o "$dir/result" >"$dir/said"
    [[ -s $dir/result/summary.json && ! -e $dir/result.resume ]] || complain "--force"
    no_complaints
}

@test "a state that is torn or spoilt costs what it held, or is refused" {
    start_endless
    kill -KILL $endless
    wait $endless || true
    truncate -s -7 "$dir/result.resume" # the last record loses its end
    local status=0
    timeout --foreground -k 5 -s INT 1 "$SQUEEZE" batch --resume "$dir/result" -q --no-plot 2>"$dir/words" \
        >"$dir/said" || status=$?
    ((status == 124)) && grep -q 'interrupted after' "$dir/words" || complain "not resumed: $(<"$dir/words")"
    printf 'time,price\n' >"$dir/other.resume"
    fails 3 "is no state of a batch" batch "$scenario" --resume "$dir/other"
    grep -q time "$dir/other.resume" || complain "a foreign file was changed"
    no_complaints
}

@test "resume of nothing begins, or needs a scenario" {
    squeeze "${batch[@]}" -n 2500 --resume "$dir/result" >"$dir/answer.json"
    is_whole "$dir/result" "$dir/answer.json"
    fails 3 "nothing is stored there, so a SCENARIO is needed" batch --resume "$dir/nowhere"
    fails 2 "is another directory" batch --resume "$dir/result" -o "$dir/elsewhere"
    fails 2 "expected one of them" batch --resume "$dir/result" --continue "$dir/result"
    no_complaints
}
