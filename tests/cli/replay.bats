# SPDX-License-Identifier: GPL-3.0-or-later
# Recorded prices through a map: the table, what it stands beside, the explanation as a range.

load helpers

setup_file() {
    scenario "$BATS_FILE_TMPDIR/scenario.csv" target,104.5,usd jumps.rate,2,1/d jumps.sd,0.01,1
    python3 - "$BATS_FILE_TMPDIR" <<'END'
import sys

folder = sys.argv[1] + "/"
# Down to 98 in the third hour, up to 103 in the fifth; open interest falls in both.
rows = [(100, 100.5, 99.5, 100), (100, 100.2, 99.2, 99.3), (99.3, 99.5, 98, 98.4), (98.4, 100, 98.4, 100), (100, 103, 99.9, 102.8),
        (102.8, 102.9, 102.3, 102.5)]
interest = [9e6, 9.1e6, 8.7e6, 8.8e6, 8.2e6, 8.3e6]
with open(folder + "bars.csv", "w") as bars, open(folder + "reported.csv", "w") as reported:
    header = "time,open_usd,high_usd,low_usd,close_usd"
    print(header + ",open_interest_usd", file=bars)
    print(header + ",liquidated_short_usd,liquidated_long_usd", file=reported)
    for i, row in enumerate(rows):
        print(f"2026-01-01T{i:02}:00:00Z", *row, interest[i], sep=",", file=bars)
        print(f"2026-01-01T{i:02}:00:00Z", *row, 300000 if i == 4 else 0, 200000 if i == 2 else 0, sep=",", file=reported)
END
}

setup() {
    dir=$BATS_TEST_TMPDIR
    cd "$BATS_FILE_TMPDIR"
}

@test "what the record forces, bar by bar, beside the fall of open interest" {
    squeeze replay scenario.csv --record bars.csv --json -q >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import json, sys

answer = json.load(open(sys.argv[1]))
assert answer["schema"] == "squeeze/replay-1" and answer["bars"] == 6 and not answer["impact_on_top"]
# Of the ladder: longs 99 and 98.5 in the third bar, shorts 101, 102.5, 102.75 in the fifth.
rows = answer["rows"]
assert rows[2]["forced"] == {"short_usd": 0, "long_usd": 220000}, rows[2]
assert rows[4]["forced"] == {"short_usd": 660000, "long_usd": 0}, rows[4]
assert answer["forced"] == {"short_usd": 660000, "long_usd": 220000} and answer["liquidations"] == 5
assert abs(answer["open_interest_destroyed_usd"] - 1e6) < 1 and answer["correlation"] > 0.9
assert all(row["order"] == "known" for row in rows)
END
    squeeze replay scenario.csv --record reported.csv --json -q >"$dir/answer.json"
    grep -q '"long_usd": 200000' "$dir/answer.json"
}

@test "the explanation is a range, deeper books and smaller maps explain less" {
    squeeze replay scenario.csv --record bars.csv --explain --depth 1M,10M --scale 0.1,1 --json -q >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import json, sys

explain = json.load(open(sys.argv[1]))["explain"]
grid = {(cell["depth_usd"], cell["scale"]): cell["share"] for cell in explain["grid"]}
assert explain["extreme_usd"] == 103 and len(grid) == 4
assert grid[1e6, 1] > grid[1e7, 1] > 0 and grid[1e6, 1] > grid[1e6, 0.1] > 0
assert explain["share_lo"] == min(grid.values()) and explain["share_hi"] == max(grid.values())
# In a flat book depth and scale are one number.
assert abs(grid[1e6, 0.1] - grid[1e7, 1]) < 1e-12
END
    squeeze replay scenario.csv --record bars.csv --explain -q >"$dir/said"
    [[ -z $(grep -E '.{81}' "$dir/said") ]] || complain "too wide"
    grep -q 'which the$' "$dir/said" || grep -q 'depending on the depth' "$dir/said" || complain "no range: $(<"$dir/said")"
    no_complaints
}

@test "a result holds tables and a figure" {
    squeeze replay scenario.csv --record bars.csv --explain -q -o "$dir/result" >"$dir/said" 2>"$dir/words"
    [[ ! -s $dir/words ]] || complain "said $(<"$dir/words")"
    [[ $(ls "$dir/result" | paste -sd ' ') == "explain.csv manifest.json replay.csv replay.gp replay.json replay.svg" ]] ||
        complain "holds $(ls "$dir/result")"
    [[ $(wc -l <"$dir/result/replay.csv") == 7 && $(wc -l <"$dir/result/explain.csv") == 10 ]] || complain "rows"
    squeeze plot "$dir/result" --width 85mm -q || complain "plot"
    squeeze replay scenario.csv --record reported.csv -q -o "$dir/plain" >"$dir/said" 2>"$dir/words"
    [[ -s $dir/plain/replay.svg && ! -s $dir/words && ! -e $dir/plain/explain.csv ]] || complain "without an explanation"
    no_complaints
}

@test "impact on top of a record that contains it is refused without the flag" {
    scenario "$dir/on.csv" impact,on,
    fails 3 "on.csv:7: impact: is on, but a record contains the impact" replay "$dir/on.csv" --record bars.csv
    squeeze replay "$dir/on.csv" --record bars.csv --impact-on-top --json -q >"$dir/answer.json"
    grep -q '"impact_on_top": true' "$dir/answer.json" || complain "on top"
    fails 2 "expected one of them" replay scenario.csv --record bars.csv --impact-on-top --explain
    no_complaints
}

@test "levels stand again only with --rearm, and accounts never" {
    printf '%s\n' time,open_usd,high_usd,low_usd,close_usd 2026-01-01T00:00Z,100,101.5,99.9,100 2026-01-01T01:00Z,100,101.5,99.9,100 >"$dir/twice.csv"
    squeeze replay scenario.csv --record "$dir/twice.csv" --json -q | grep -q '"liquidations": 1,' || complain "once"
    squeeze replay scenario.csv --record "$dir/twice.csv" --rearm --json -q | grep -q '"liquidations": 2,' || complain "twice"
    printf '%s\n' side,entry_usd,quantity,leverage,margin_mode short,100,10,20,isolated >"$dir/positions.csv"
    sed -e '/^levels/d' scenario.csv >"$dir/accounts.csv"
    printf 'positions,%s,\nvenue.maintenance,0.4%%,\n' "$dir/positions.csv" >>"$dir/accounts.csv"
    fails 2 "an account that was liquidated does not stand again" replay "$dir/accounts.csv" --record bars.csv --rearm
    squeeze replay "$dir/accounts.csv" --record bars.csv -q >"$dir/said" || complain "accounts"
    no_complaints
}

@test "what cannot be meant is refused or said" {
    fails 2 "needs --record" replay scenario.csv
    fails 2 "goes with --explain" replay scenario.csv --record bars.csv --depth 1M
    fails 2 "--depth: 'deep' cannot be used" replay scenario.csv --record bars.csv --explain --depth deep
    fails 2 "--scale: '0' cannot be used" replay scenario.csv --record bars.csv --explain --scale 0
    fails 2 "--every: 'soon' is not a time" replay scenario.csv --record bars.csv --every soon
    fails 3 "nowhere.csv: cannot be opened" replay scenario.csv --record nowhere.csv
    printf '%s\n' time,open_usd,high_usd,low_usd,close_usd 2026-01-01T00:00Z,110,111,109,110 2026-01-01T01:00Z,110,111,109,110 >"$dir/other.csv"
    fails 3 "short level at 101 is not above the start price 110" replay scenario.csv --record "$dir/other.csv"
    printf '%s\n' time,open_usd,high_usd,low_usd,close_usd 2026-01-01T00:00Z,100,100,100,100 2026-01-01T01:00Z,100,100,100,100 >"$dir/flat.csv"
    fails 3 "flat.csv: never moves" replay scenario.csv --record "$dir/flat.csv" --explain
    sed '4d' bars.csv >"$dir/gap.csv"
    squeeze replay scenario.csv --record "$dir/gap.csv" >"$dir/said" 2>"$dir/words"
    grep -q '2 bars' "$dir/said" || complain "up to the gap: $(head -n 3 "$dir/said")"
    grep -q 'missing' "$dir/words" || complain "no remark on the gap"
    no_complaints
}
