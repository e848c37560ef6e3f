# SPDX-License-Identifier: GPL-3.0-or-later
# The order flow and the hunter, by way of scenario files.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
}

@test "counts and intensity of the flow agree with the Hawkes laws in every row" {
    # Orders of a thousandth of a dollar leave the price alone, and the one level is out of reach.
    levels "$dir/levels.csv" short,1e9,1
    python3 - tests/oracles/hawkes_exp.csv "$dir" <<'END'
import os, sys
from results import *

oracle, folder = sys.argv[1:]
good = True
for number, row in enumerate(table(oracle)):
    c = {key: float(value) for key, value in row.items()}
    # One row in hours.
    unit, s = (("1/h", 3600) if number == 1 else ("1/s", 1))
    with open(f"{folder}/scenario.csv", "w") as file:
        file.write(f"""key,value,unit
price,100,usd
horizon,{c["T"]!r},s
levels,levels.csv,
volatility,0.03,1/sqrt(d)
book.depth,1M,usd
flow.rate,{c["mu"] * s!r},{unit}
flow.branching,{c["branching"]!r},
flow.decay,{c["beta"] * s!r},{unit}
flow.size,0.001,usd
flow.buy,0.8,
""")
    paths = (8000, 2000, 800)[number]
    flow = batch(os.environ["SQUEEZE"], f"{folder}/scenario.csv", "-n", paths, "-s", 50 + number)["drivers"]["flow"]
    for name, expected in (("orders", c["E_N_from_empty"]), ("intensity_per_s", c["E_lambda_T"]),
                           ("bought_usd", 0.8e-3 * c["E_N_from_empty"]),
                           ("sold_usd", 0.2e-3 * c["E_N_from_empty"])):
        good &= agrees(f"row {number}, {name}", flow[name]["value"], expected, flow[name]["se"])
assert number == 2 and good
END
}

@test "orders that chase a liquidation are counted in closed form, and none come without impact" {
    # Two dollars of weight for each dollar forced: w = 2 * 300,000 / 20,000 = 30 orders, and each
    # provokes 0.4 + 0.4^2 + ... more. The level is crossed at the start.
    levels "$dir/levels.csv" short,99.9,300000
    scenario "$dir/scenario.csv" book.depth,1000B,usd volatility,0,1/sqrt\(d\) flow.rate,1e-9,1/h \
        flow.size,20k,usd flow.branching,0.4, flow.liquidations,2,
    python3 - "$dir/scenario.csv" <<'END'
import os, sys
from results import *

scenario, = sys.argv[1:]
flow = batch(os.environ["SQUEEZE"], scenario, "-n", 4000, "-s", 3, "--allow-crossed")["drivers"]["flow"]
assert agrees("orders", flow["orders"]["value"], 30 * 0.4 / 0.6, flow["orders"]["se"])
assert flow["sold_usd"]["value"] == 0
assert math.isclose(flow["bought_usd"]["value"], 20e3 * flow["orders"]["value"], rel_tol=1e-12)
flow = batch(os.environ["SQUEEZE"], scenario, "-n", 400, "-s", 3, "--allow-crossed",
             "--set", "impact=off")["drivers"]["flow"]
assert flow["orders"]["value"] == 0, flow
END
}

@test "the hunter's profit on a flat book is that of its fills" {
    levels "$dir/levels.csv" short,100.5,900000 long,80,1
    scenario "$dir/scenario.csv" book.depth,2M,usd book.halflife,inf,s volatility,0,1/sqrt\(d\) \
        hunter.capital,1.1M,usd hunter.slices,2,
    python3 - "$dir/scenario.csv" <<'END'
import os, sys
from results import *

scenario, = sys.argv[1:]
hunter = batch(os.environ["SQUEEZE"], scenario, "-n", 3, "-s", 3)["drivers"]["hunter"]
# An order q moves the price by k q for good and fills half-way. 1e-10: what counts as a touch.
k = 0.01 / 2e6
push = (math.log(1.005) + 1e-10) / k
coins = push * math.exp(-k * push / 2)
price, cash, traded = k * (push + 900000), -push, push
for slice in range(2):
    q = 0.0
    for i in range(100):
        q = coins / 2 * math.exp(price - k * q / 2)
    price, cash, traded = price - k * q, cash + q, traded + q
assert cash > 3000
assert math.isclose(hunter["profit_usd"]["value"], cash, rel_tol=1e-9), (hunter, cash)
assert math.isclose(hunter["traded_usd"]["value"], traded, rel_tol=1e-9), (hunter, traded)
assert hunter["raids"]["value"] == 1
assert sorted(hunter) == ["profit_usd", "raids", "traded_usd"]
END
}

@test "a hunter without a cluster in reach, or without impact, never trades" {
    scenario "$dir/scenario.csv" hunter.capital,10M,usd hunter.multiple,100, horizon,1,h \
        volatility,0.001,1/sqrt\(d\)
    python3 - "$dir/scenario.csv" <<'END'
import os, sys
from results import *

scenario, = sys.argv[1:]
for more, idle in (("impact=on", False), ("impact=off", True), ("hunter.capital=20k", True)):
    answer = batch(os.environ["SQUEEZE"], scenario, "-n", 50, "-s", 1, "--set", more)
    hunter = answer["drivers"]["hunter"]
    for measure in ("raids", "traded_usd", "profit_usd"):
        assert (hunter[measure]["value"] == 0) == idle, (more, hunter)
END
}

@test "what flow and hunter cannot be is refused" {
    scenario "$dir/scenario.csv"
    local scenario="$dir/scenario.csv"
    fails 3 'hunter.slices: 2.5 is not a whole number; expected 1, 2, 3, ...' \
        check "$scenario" --set hunter.capital=1M --set hunter.slices=2.5
    fails 3 'is out of range; expected 0 to 0.999' \
        check "$scenario" --set flow.rate=1 --set flow.size=1k --set flow.branching=1
    fails 3 'flow.size' check "$scenario" --set flow.rate=1
    fails 3 'hunter.capital' check "$scenario" --set hunter.slices=2
    no_complaints
}
