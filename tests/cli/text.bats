# The table for people: what its rows are called, and where its columns stand.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    printf '%s\n' state,drift_per_d,volatility,depth,to_calm_per_d,to_Zärtlichkeit_per_d,to_2fast_per_d \
        calm,0,1,1,0,2,1 Zärtlichkeit,0,1,1,3,0,1 2fast,0,1,1,1,1,0 >"$dir/regimes.csv"
    scenario "$dir/scenario.csv" regimes,regimes.csv,
}

@test "shares of regimes are told by the names of the states, beside the number that files have" {
    squeeze batch "$dir/scenario.csv" -n 40 -s 1 -q >"$dir/table"
    squeeze batch "$dir/scenario.csv" -n 40 -s 1 -q --json >"$dir/answer.json"
    python3 - "$dir" <<'END'
import sys
from results import load
rows = [line for line in open(sys.argv[1] + "/table", encoding="utf-8") if line.startswith("  regimes.")]
told = load(sys.argv[1] + "/answer.json")["drivers"]["regimes"]
names = ["switches"] + [f"share_{i} ({name})" for i, name in enumerate(("calm", "Zärtlichkeit", "2fast"), 1)]
assert [row[2:row.rindex("[")].rsplit(None, 1)[0].rstrip() for row in rows] == ["regimes." + n for n in names]
for row, key in zip(rows, ("switches", "share_1", "share_2", "share_3")):
    value, e = float(row[:row.index("[")].split()[-1]), told[key]
    assert abs(value - e["value"]) <= 0.051 * (e["hi"] - e["lo"]), row
END
}

@test "measures of a driver without words, and of regimes as files name them, keep their names" {
    scenario "$dir/scenario.csv" regimes,regimes.csv, flow.rate,20,1/d flow.size,5k,usd
    squeeze batch "$dir/scenario.csv" -n 20 -s 1 -q -o "$dir/result" --no-plot --outcomes >"$dir/table"
    grep -q "^  flow\.[a-z_]*  *[0-9]" "$dir/table"
    head -n 1 "$dir/result/outcomes.csv" | grep -q "regimes.share_1,regimes.share_2,regimes.share_3"
}

@test "a name of more than one byte a letter does not move the column" {
    sed -i 's/Zärtlichkeit/Zah/g' "$dir/regimes.csv"
    squeeze batch "$dir/scenario.csv" -n 40 -s 1 -q >"$dir/plain"
    sed -i 's/Zah/Zäh/g' "$dir/regimes.csv"
    squeeze batch "$dir/scenario.csv" -n 40 -s 1 -q >"$dir/umlaut"
    cmp <(sed 's/ä/a/' "$dir/umlaut") "$dir/plain"
}
