# SPDX-License-Identifier: GPL-3.0-or-later
# Files in, probabilities out, against laws and programs that share nothing with the engine.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
}

@test "two clusters with decaying impact agree with the Volterra solution in every row" {
    # A cluster at log distance b1 displaces the price by D0, a share phi_perm of it for good, the rest
    # decaying at rho per day; the second cluster fires if the price reaches b2. On a flat book D0 is
    # 1 % times notional over depth. 5e-6 is the error of the oracle. The second row has a permanent
    # share and a decay that matter: with 400,000 paths it sees the one wrong by a tenth and the other
    # by a factor of ln 2.
    python3 - tests/oracles/two_cluster_end_to_end.csv "$dir" <<'END'
import os, sys
from results import *

oracle, folder = sys.argv[1:]
price, depth, good = 84178.9, 3e6, True
for number, row in enumerate(table(oracle)):
    c = {key: float(value) for key, value in row.items()}
    paths = 400000 if number == 1 else 100000
    notional = c["D0"] / 0.01 * depth
    b1, b2 = (repr(price * math.exp(c[b])) for b in ("b1", "b2"))
    # Half the rows in days, half in seconds.
    unit, per_day = (("d", 1), ("s", 86400))[number % 2]
    halflife = "inf" if c["rho"] == 0 else repr(math.log(2) / c["rho"] * per_day)
    with open(f"{folder}/levels.csv", "w") as file:
        file.write(f"side,price_usd,notional_usd\nshort,{b2},1\nshort,{b1},{notional!r}\n")
    with open(f"{folder}/scenario.csv", "w") as file:
        file.write(f"""key,value,unit
price,{price!r},usd
horizon,{c["T"] * per_day!r},{unit}
levels,levels.csv,
target,{b2},usd
volatility,{c["sigma"] / math.sqrt(c["T"])!r},1/sqrt(d)
book.depth,{depth!r},usd
book.permanent,{c["phi_perm"]!r},1
book.halflife,{halflife},{unit}
""")
    answer = batch(os.environ["SQUEEZE"], f"{folder}/scenario.csv", "-n", paths, "-s", 40 + number,
                   "--no-attribution")
    second = answer["target"]["probability"]["value"]
    first = 1 - answer["forced_usd"]["unforced_paths"] / paths
    for name, p, expected in (("cluster1", first, c["p_cluster1"]), ("cluster2", second, c["p_cluster2"])):
        se = math.sqrt(expected * (1 - expected) / paths)
        good &= agrees(f"row {number}, {name}", p, expected, se, 5e-6)
    # Touching the price of a level is what fires it: the second cluster is 1 USD.
    forced = answer["forced_usd"]["short"]["value"]
    assert math.isclose(forced, first * notional + second, rel_tol=1e-12), (number, forced)
assert number == 4 and good
END
}

@test "with impact off, touching is first passage of a Brownian motion, with and without drift" {
    scenario "$dir/scenario.csv" target,103,usd floor,96.5,usd horizon,2,d impact,off
    python3 - "$dir" <<'END'
import os, sys
from results import *

folder, = sys.argv[1:]
paths, good = 25000, True
levels = [(row["side"], float(row["price_usd"]), float(row["notional_usd"]))
          for row in table(folder + "/levels.csv")]
for seed, drift in enumerate((0, 0.012, -0.02)):
    answer = batch(os.environ["SQUEEZE"], folder + "/scenario.csv", "-n", paths, "-s", seed,
                   "--no-attribution", "--set", f"drift={drift} 1/d")
    sd, shift = 0.03 * math.sqrt(2), drift * 2
    for watch, price in (("target", 103), ("floor", 96.5)):
        p = touch(math.log(price / 100), sd, shift)
        good &= agrees(f"drift {drift}, {watch}", answer[watch]["probability"]["value"], p,
                       math.sqrt(p * (1 - p) / paths))
    # Every level is touched with its own probability.
    for side in ("short", "long"):
        expected = sum(q * touch(math.log(price / 100), sd, shift) for s, price, q in levels if s == side)
        good &= agrees(f"drift {drift}, forced {side}", answer["forced_usd"][side]["value"], expected,
                       answer["forced_usd"][side]["se"])
assert good
END
    # And impact on is another matter.
    squeeze batch "$dir/scenario.csv" -n 10000 -s 1 -q --json --no-attribution --set impact=on >"$dir/on.json"
    python3 - "$dir/on.json" <<'END'
import sys
from results import *

e, p = load(sys.argv[1])["target"]["probability"], touch(math.log(1.03), 0.03 * math.sqrt(2))
assert e["value"] > p + 4 * e["se"], (e, p)
END
}

@test "a flat table is the power book of shape 1, to rounding" {
    # Not to the byte: the table interpolates between its knots, the power book multiplies, and one path
    # in forty or so differs in its last digits. What is counted agrees exactly, what is measured to a
    # billionth.
    scenario "$dir/power.csv" target,104,usd floor,97,usd book.depth_bid,700k,usd name,same, book.known,50,% \
        withdrawal.gamma,0.5,1
    scenario "$dir/table.csv" target,104,usd floor,97,usd book,table, book.table,book.csv, name,same, \
        withdrawal.gamma,0.5,1
    sed -i '/^book.depth,/d' "$dir/table.csv"
    printf '%s\n' side,distance_bp,cumulative_usd ask,20,200000 ask,100,1000000 ask,5000,50000000 \
        bid,30,210000 bid,5000,35000000 >"$dir/book.csv"
    local book
    for book in power table; do
        squeeze batch "$dir/$book.csv" -n 2500 -s 6 -j 1 -q --json -o "$dir/$book" --outcomes --no-plot \
            >"$dir/$book.json"
    done
    python3 - "$dir" <<'END'
import sys
from results import *

def compare(place, a, b):
    if isinstance(a, dict):
        assert list(a) == list(b), place
        for key in a:
            compare(f"{place}.{key}", a[key], b[key])
    elif isinstance(a, float):
        assert math.isclose(a, b, rel_tol=1e-9), (place, a, b)
    else:
        assert a == b, (place, a, b)

folder, = sys.argv[1:]
compare("answer", load(folder + "/power.json"), load(folder + "/table.json"))
power, flat = (table(f"{folder}/{book}/outcomes.csv") for book in ("power", "table"))
assert len(power) == len(flat) == 2500
for a, b in zip(power, flat):
    for key, text in a.items():
        if "" in (text, b[key]) or key in ("path", "stopped", "book_exhausted") or "liquidations" in key:
            assert text == b[key], (key, a, b)
        else:
            assert math.isclose(float(text), float(b[key]), rel_tol=1e-9), (key, a, b)
END
}

@test "scaling all notionals and depths together changes nothing but the notionals" {
    scenario "$dir/scenario.csv" target,104,usd floor,97,usd withdrawal.gamma,0.5,1 book.shape,0.7,1 \
        book.depth_bid,800k,usd
    squeeze batch "$dir/scenario.csv" -n 2000 -s 8 -j 1 -q -o "$dir/one" --outcomes --no-plot >"$dir/said"
    # 1024 is exact in binary. 1000 rounds, and a walk that comes within rounding of a threshold (a
    # level hit or just missed) may take another turn: few do, some in a thousand.
    local scale
    for scale in 1024 1000; do
        squeeze batch "$dir/scenario.csv" -n 2000 -s 8 -j 1 -q -o "$dir/$scale" --outcomes --no-plot \
            --set levels.scale=$scale --set book.depth=${scale}000000 \
            --set book.depth_bid=$((scale * 800))k >"$dir/said"
    done
    python3 - "$dir" <<'END'
import sys
from results import *

one, by_1024, by_1000 = (table(f"{sys.argv[1]}/{name}/outcomes.csv") for name in ("one", "1024", "1000"))
assert len({row["short_liquidations"] for row in one}) == 5

def exact(a, b):
    return all(float(text) * 1024 == float(b[key]) if "forced" in key else text == b[key]
               for key, text in a.items())

def close(a, b):
    for key, text in a.items():
        if "" in (text, b[key]) or key == "stopped":
            same = text == b[key]
        else:
            value = float(text) * (1000 if "forced" in key else 1)
            same = math.isclose(value, float(b[key]), rel_tol=1e-9)
        if not same:
            return False
    return True

assert len(one) == len(by_1024) == len(by_1000) == 2000
for a, b in zip(one, by_1024):
    assert exact(a, b), (a, b)
astray = sum(not close(a, b) for a, b in zip(one, by_1000))
assert astray < 0.02 * len(one), astray
END
}

@test "the time-stepped reference approaches the engine as its step shrinks" {
    # 10, 40 and 160 steps of a day. The error of a stepped path is that of crossings between its
    # steps, 0.58 volatility sqrt(dt) of distance: some 17, 10 and 5 % of each number below, and
    # 15,000 paths tell them apart (standard errors 0.7 to 1.3 %). Twice the finest minus the one
    # before cancels that error and leaves its square, below a standard error of what is left, 1.5 to
    # 3 %. The engine takes 100,000 paths, so that its own error is small beside that.
    # Everything at once: both sides, two time scales of decay, permanent impact, thinning depth.
    scenario "$dir/scenario.csv" target,104,usd floor,97,usd book.permanent,0.2,1 \
        'book.halflife,3;12,h' 'book.weights,0.6;0.4,1' withdrawal.gamma,2,1 withdrawal.halflife,6,h
    levels "$dir/levels.csv" short,101,300000 short,102,400000 short,103,500000 long,99,200000 \
        long,98,300000
    python3 - "$dir/scenario.csv" <<'END'
import os, subprocess, sys
from results import *

scenario, = sys.argv[1:]

def numbers(answer):
    for name, e in (("target", answer["target"]["probability"]), ("floor", answer["floor"]["probability"]),
                    ("short", answer["forced_usd"]["short"]), ("long", answer["forced_usd"]["long"])):
        yield name, e["value"], e["se"]

def reference(steps, paths):
    command = [sys.executable, "scripts/reference.py", scenario, "--dt", str(86400 / steps), "-n", str(paths),
               "-s", str(steps), "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

engine = batch(os.environ["SQUEEZE"], scenario, "-n", 100000, "-s", 1, "--no-attribution")
good = True
for (name, exact, se), *stepped in zip(numbers(engine), numbers(reference(10, 15000)),
                                       numbers(reference(40, 15000)), numbers(reference(160, 15000))):
    errors = [value - exact for _, value, _ in stepped]
    print(name, [f"{error / exact:+.2%}" for error in errors])
    good &= errors[0] < errors[1] < errors[2] < 0     # a step never sees more than there was
    (_, before, se_before), (_, last, se_last) = stepped[1:]
    limit = 2 * last - before
    error = math.hypot(2 * se_last, se_before, se)
    print(f"  extrapolated {limit / exact - 1:+.2%}, standard error {error / exact:.2%}")
    good &= agrees(name + ", extrapolated", limit, exact, error)
assert good
END
}
