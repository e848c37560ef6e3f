# SPDX-License-Identifier: GPL-3.0-or-later
# The same seed gives the same bytes, however the work is divided and whatever else is written.

load helpers

setup_file() {
    # Both sides, a target and a floor, several time scales, and levels that share a price.
    scenario "$BATS_FILE_TMPDIR/scenario.csv" target,104.5,usd floor,97.5,usd \
        withdrawal.gamma,0.4,1 book.shape,0.8,1 drift,0.004,1/d
    printf '%s\n' side,price_usd,notional_usd,leverage,accounts \
        short,101,210000,50,3 short,101,80000,50,1 short,101,80000,25,1 short,101,80000,25,2 \
        short,102.5,330000,10, short,102.75,120000,,4 short,104,510000,100,7 \
        long,99,130000,25,2 long,99,125000,25,9 long,98.5,90000,,1 long,97,170000,10, \
        >"$BATS_FILE_TMPDIR/levels.csv"
    squeeze batch "$BATS_FILE_TMPDIR/scenario.csv" -n 900 -s 11 -q -j 1 -o "$BATS_FILE_TMPDIR/whole" \
        --outcomes --no-plot --json >"$BATS_FILE_TMPDIR/whole.json"
}

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario=$BATS_FILE_TMPDIR/scenario.csv
    whole=$BATS_FILE_TMPDIR/whole
    batch=(batch "$scenario" -n 900 -s 11 -q)
}

# same_results A B: the same files with the same bytes, except the record of how it was run.
same_results() {
    diff -rq --exclude manifest.json "$1" "$2"
}

@test "stdout and result files are the same bytes at -j 1, 2 and 7" {
    local jobs
    for jobs in 1 2 7; do
        squeeze "${batch[@]}" -j $jobs --json -o "$dir/$jobs" --outcomes --no-plot >"$dir/$jobs.json"
        cmp "$dir/$jobs.json" "$whole.json" || complain "-j $jobs: stdout differs"
        same_results "$dir/$jobs" "$whole" || complain "-j $jobs: files differ"
        squeeze "${batch[@]}" -j $jobs >"$dir/$jobs.table"
        cmp "$dir/$jobs.table" "$dir/1.table" || complain "-j $jobs: the table differs"
    done
    no_complaints
    # What was compared was not empty, and includes what depends on the order of blocks.
    [[ $(wc -l <"$whole/outcomes.csv") -eq 901 && -s $whole/fan.csv && -s $whole/paths.csv ]]
}

@test "the answer does not depend on -o, --outcomes or --json" {
    squeeze "${batch[@]}" --json | cmp - "$whole.json"
    cmp "$whole/summary.json" "$whole.json"
    squeeze "${batch[@]}" --json -o "$dir/result" --no-plot | cmp - "$whole.json"
    same_results "$dir/result" "$whole" >"$dir/differences" || true
    [[ $(<"$dir/differences") == "Only in $whole: outcomes.csv" ]]
    squeeze "${batch[@]}" >"$dir/table"
    squeeze "${batch[@]}" -o "$dir/again" --no-plot | cmp - "$dir/table"
}

@test "run --path K is path K of the batch" {
    local path
    for path in 0 1 7 8 255 256 257 899; do
        squeeze run "$scenario" -s 11 --path $path --json -q >"$dir/$path.json"
    done
    python3 - "$whole" "$dir" <<'END'
import glob, os, sys
from results import *

outcomes, events = table(sys.argv[1] + "/outcomes.csv"), table(sys.argv[1] + "/paths.csv")
compared = 0
for name in glob.glob(sys.argv[2] + "/*.json"):
    run = load(name)
    row = outcomes[run["path"]]
    assert int(row["path"]) == run["path"] == int(os.path.basename(name)[:-5])
    for key in ("final_usd", "peak_usd", "trough_usd", "forced_short_usd", "forced_long_usd",
                "short_liquidations", "long_liquidations", "target_time_s", "floor_time_s"):
        text = row[key]
        assert (float(text) if text else None) == run[key], (name, key, text, run[key])
    assert row["stopped"] == run["stopped"] and int(row["book_exhausted"]) == run["book_exhausted"]
    assert float(row["forced_usd"]) == run["forced_short_usd"] + run["forced_long_usd"]
    # Sampled paths have their events too; output times cut no path differently.
    seen = [e for e in events if int(e["path"]) == run["path"] and e["kind"] != "output"]
    if not seen:
        continue
    compared += 1
    assert len(seen) == len(run["events"]) > 2
    for event, known in zip(seen, run["events"]):
        for key, value in known.items():
            assert event[key] == value or float(event[key]) == value, (run["path"], key, event, known)
assert compared >= 2
END
}

@test "permuted rows and columns of the levels change no byte of the result" {
    local order
    for order in 1 2 3; do
        mkdir "$dir/$order"
        cp "$scenario" "$dir/$order/"
        python3 - "$BATS_FILE_TMPDIR/levels.csv" "$dir/$order/levels.csv" $order <<'END'
import csv, random, sys

header, *rows = csv.reader(open(sys.argv[1], newline=""))
chance = random.Random(int(sys.argv[3]))
columns = list(range(len(header)))
before = list(rows)
chance.shuffle(rows)
chance.shuffle(columns)
assert rows != before
writer = csv.writer(open(sys.argv[2], "w", newline=""), lineterminator="\n")
writer.writerows([row[c] for c in columns] for row in [header, *rows])
END
        (cd "$dir/$order" && squeeze batch scenario.csv -n 900 -s 11 -q --json --outcomes --no-plot \
            -o result >stdout)
        cmp "$dir/$order/result/summary.json" "$dir/$order/stdout"
        rm "$dir/$order/result/state.bin" # has the hash of the levels as they are written
        same_results "$dir/$order/result" "$dir/1/result" || complain "order $order differs"
        cmp "$dir/$order/result/outcomes.csv" "$whole/outcomes.csv" ||
            complain "order $order differs from the order as written"
        cmp "$dir/$order/result/map.csv" "$whole/map.csv" || complain "order $order: another map"
    done
    no_complaints
}

@test "the same run again is equal, another seed is not" {
    squeeze "${batch[@]}" --json >"$dir/again"
    cmp "$dir/again" "$whole.json"
    squeeze batch "$scenario" -n 900 -s 12 -q --json >"$dir/other"
    # Apart from the seed itself.
    run diff <(grep -v '"seed"' "$dir/other") <(grep -v '"seed"' "$whole.json")
    (($(grep -c "^<" <<<"$output") > 20))
}

@test "a shorter batch is the beginning of a longer one" {
    squeeze batch "$scenario" -n 300 -s 11 -q -o "$dir/short" --outcomes --no-plot >"$dir/stdout"
    head -n 301 "$whole/outcomes.csv" | cmp - "$dir/short/outcomes.csv"
}

@test "with no seed one is drawn, said, recorded, and reproduces" {
    squeeze batch "$scenario" -n 300 --json -o "$dir/drawn" --no-plot >"$dir/drawn.json" \
        2>"$dir/words"
    local seed
    seed=$(sed -n 's/.*repeat this run with -s \([0-9]*\)$/\1/p' "$dir/words")
    [[ -n $seed ]]
    grep -q "\"seed\": \"$seed\"" "$dir/drawn.json"
    grep -q "\"seed\": \"$seed\"" "$dir/drawn/manifest.json"
    squeeze batch "$scenario" -n 300 --json -q -s "$seed" | cmp - "$dir/drawn.json"
    squeeze batch "$scenario" -n 300 --json -q >"$dir/second.json"
    [[ $(<"$dir/second.json") != *"\"$seed\""* ]]
    # The same of run.
    squeeze run "$scenario" --json >"$dir/run.json" 2>"$dir/words"
    seed=$(sed -n 's/.*repeat this run with -s \([0-9]*\)$/\1/p' "$dir/words")
    squeeze run "$scenario" --json -q -s "$seed" | cmp - "$dir/run.json"
}
