# SPDX-License-Identifier: GPL-3.0-or-later
# A ladder of many levels: ten million take less than 1 GB, so a sixteenth of them less than a sixteenth
# of that. Arrays that grow by doubling are as full at 625,000 rows as at ten million, and what the
# program takes without a ladder stands in the way of the smaller bound alone. With
# SQZ_TEST_MULTIPLIER=16 it is the ten million.

load helpers

@test "ten million levels would load, sum up, and take less than 1 GB: a sixteenth of them do" {
    scenario "$BATS_TEST_TMPDIR/scenario.csv"
    python3 - "$BATS_TEST_TMPDIR" <<'END'
import os, resource, subprocess, sys
from results import *

folder, = sys.argv[1:]
SIXTEENTHS, BLOCK = int(os.environ.get("SQZ_TEST_MULTIPLIER", 1)), 1_000
ROWS = SIXTEENTHS * 625_000
# A block of rows with a gap for the block's number: every price is another, and out of order.
short = "".join(f"short,1{i * 7919 % BLOCK:04d}.@,{i + 1}\n" for i in range(BLOCK // 2))
long = "".join(f"long,99.{i * 7919 % BLOCK:04d}@,{i + 1}\n" for i in range(BLOCK // 2))
with open(folder + "/levels.csv", "w") as file:
    file.write("side,price_usd,notional_usd\n")
    for block in range(ROWS // BLOCK):
        file.write((short + long).replace("@", f"{block:05d}"))

command = [os.environ["SQUEEZE"], "check", "--json", folder + "/scenario.csv"]
answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
os.remove(folder + "/levels.csv")
print(f"{usage.ru_maxrss / 1e6:.2f} GB, {usage.ru_utime + usage.ru_stime:.1f} s")
side_usd = ROWS // BLOCK * sum(range(1, BLOCK // 2 + 1))
for side in ("short", "long"):
    assert answer[side + "_levels"] == ROWS // 2
    assert answer[side + "_usd"] == side_usd
assert usage.ru_maxrss * 1024 < SIXTEENTHS * 1e9 / 16, "kilobytes of peak memory"
END
}
