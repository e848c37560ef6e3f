# SPDX-License-Identifier: GPL-3.0-or-later
# When a map cannot be true: the standstill scale and the time to the nearest zone in check and map.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
    scenario ./map.csv
}

# A flat book moves by 50 bp with half its depth, 500,000; the fullest window holds the level of 510,000.
# Twice the file, the one at 102.5 with its neighbour fills a window from 25 bp before it on.
@test "map and check say the standstill scale and the time to the nearest zone" {
    squeeze map map.csv --set levels.scale=2 --json >answer.json
    python3 - <<'END'
from results import *

standstill = load("answer.json")["standstill"]
assert math.isclose(standstill["scale"], 500 / 510, rel_tol=1e-6)
distance = math.log(1.025) - 0.0025
assert math.isclose(standstill["zone_distance_percent"], 100 * math.expm1(distance), rel_tol=1e-6)
assert standstill["zone_side"] == "short"
median = (distance / (0.6744897501960817 * 0.03)) ** 2 * 86400
assert math.isclose(standstill["zone_median_s"], median, rel_tol=1e-6)
END
    local command
    for command in map check; do
        squeeze $command map.csv --set levels.scale=2 >said
        flowing said | grep -q 'standstill scale 0.98, here levels.scale 2: ' || complain "$command: $(<said)"
        flowing said | grep -q 'nearest danger zone 2.24 % up: by volatility alone the price gets there within 28.9 h half the time' ||
            complain "$command: $(<said)"
        squeeze $command map.csv --set levels.scale=0.5 >said
        flowing said | grep -q 'standstill scale 0.98, here levels.scale 0.5: ' || complain "$command: $(<said)"
        ! grep -q 'nearest danger zone' said || complain "$command: a zone: $(<said)"
        squeeze $command map.csv --set impact=off >said
        grep -q 'standstill scale none: nothing could go off' said || complain "$command: $(<said)"
    done
    no_complaints
}

@test "without a zone its distance and time are null; without impact the scale is too" {
    squeeze map map.csv --set levels.scale=0.5 --json >below.json
    squeeze map map.csv --set impact=off --json >off.json
    squeeze map map.csv --set levels.scale=2 --set volatility=0 --json >still.json
    python3 - <<'END'
from results import *

below, off, still = (load(name + ".json")["standstill"] for name in ("below", "off", "still"))
assert math.isclose(below["scale"], 500 / 510, rel_tol=1e-6)
for key in ("zone_side", "zone_distance_percent", "zone_median_s"):
    assert below[key] is None and off[key] is None
assert off["scale"] is None
assert still["zone_distance_percent"] > 2 and still["zone_median_s"] is None
END
}
