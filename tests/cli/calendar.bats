# SPDX-License-Identifier: GPL-3.0-or-later
# What is known to come, and moods: the calendar's and the regimes' numbers by way of scenario files.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    printf '%s\n' time_h,probability,jump_mean,jump_sd,volatility,depth 3.25,0.3,0.011,0.004,1,1 \
        7.5,0.65,-0.002,0.01,2,0.5 >"$dir/calendar.csv"
    printf '%s\n' state,drift_per_d,volatility,depth,to_calm_per_d,to_panic_per_d \
        calm,0,1,1,0,1.25 panic,-0.01,2.5,0.2,3.75,0 >"$dir/regimes.csv"
}

# A day that begins at 5 h of a calendar of 10 h, and meets its entries at 7.5, 13.25, 17.5, 23.25 and
# 27.5 h.
@test "drivers.calendar.jumps counts the probabilities of the entries within the horizon" {
    scenario "$dir/s.csv" calendar,calendar.csv, calendar.period,10,h calendar.offset,5,h
    squeeze batch "$dir/s.csv" -n 4000 -s 5 -q --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import *

jumps = load(sys.argv[1])["drivers"]["calendar"]["jumps"]
entries = [0.3 if (5 + h) % 10 == 3.25 else 0.65 for h in (2.5, 8.25, 12.5, 18.25, 22.5)]
se = math.sqrt(sum(p * (1 - p) for p in entries) / 4000)
assert agrees("jumps", jumps["value"], sum(entries), se)
assert math.isclose(jumps["se"], se, rel_tol=0.1)
END
}

# Rates a = 1.25 and b = 3.75 a day: pi = (3/4, 1/4); from calm the mean share of panic in one day
# is pi (1 - (1 - exp(-5)) / 5).
@test "drivers.regimes reports the shares of its states and nothing of states it has not" {
    scenario "$dir/s.csv" regimes,regimes.csv, regimes.start,calm,
    squeeze batch "$dir/s.csv" -n 4000 -s 5 -q --json >"$dir/calm.json"
    squeeze batch "$dir/s.csv" -n 4000 -s 5 -q --json --set regimes.start=stationary \
        >"$dir/stationary.json"
    python3 - "$dir" <<'END'
import sys
from results import *

panic = {"stationary": 0.25, "calm": 0.25 * (1 - (1 - math.exp(-5)) / 5)}
for start, share in panic.items():
    regimes = load(f"{sys.argv[1]}/{start}.json")["drivers"]["regimes"]
    assert list(regimes) == ["switches", "share_1", "share_2"], list(regimes)
    assert agrees(start, regimes["share_2"]["value"], share, regimes["share_2"]["se"])
    assert math.isclose(regimes["share_1"]["value"] + regimes["share_2"]["value"], 1)
    switches = 1.25 * (1 - share) + 3.75 * share
    assert agrees("switches", regimes["switches"]["value"], switches, regimes["switches"]["se"])
END
}

@test "an error in a table names the file, the line and the column" {
    scenario "$dir/c.csv" calendar,calendar.csv,
    scenario "$dir/r.csv" regimes,regimes.csv,
    printf '3,0.5,0,0,1,1\n' >>"$dir/calendar.csv"
    fails 3 "$dir/calendar.csv:4: time_h: 3 does not increase" check "$dir/c.csv"
    sed -i 's/to_panic_per_d/to_panik_per_d/' "$dir/regimes.csv"
    fails 3 "$dir/regimes.csv:1: to_panik_per_d: unknown column; did you mean 'to_panic_per_d'?" \
        check "$dir/r.csv"
    sed -i 's/,to_panik_per_d//; s/,[0-9.]*$//' "$dir/regimes.csv"
    fails 3 "$dir/regimes.csv:1: to_panic_per_d: missing column" check "$dir/r.csv"
    no_complaints
}
