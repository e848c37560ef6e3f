# SPDX-License-Identifier: GPL-3.0-or-later
# Drivers of a scenario: common shocks, no trace of what asks for nothing, any set at any number of
# threads, and two laws by way of scenario files.

load helpers

DRIVERS="jumps calendar regimes flow hunter funding replay"

# switched_on DRIVER: rows that make it do something within the day of the scenarios here.
switched_on() {
    case $1 in
    jumps) printf '%s\n' jumps.rate,4.1,1/d jumps.mean,-0.002,1 jumps.sd,0.012,1 ;;
    calendar) printf '%s\n' calendar,calendar.csv, calendar.period,11,h ;;
    regimes) printf '%s\n' regimes,regimes.csv, ;;
    flow) printf '%s\n' flow.rate,3,1/h flow.size,21k,usd flow.branching,0.4,1 flow.decay,2,1/h ;;
    hunter) printf '%s\n' hunter.capital,700k,usd hunter.interval,300,s hunter.multiple,1.5,1 ;;
    funding) printf '%s\n' funding.rate,-0.0017,1 funding.interval,3,h funding.exit,60,1 ;;
    replay) printf '%s\n' replay,replay.csv, ;;
    esac
}

# switched_off DRIVER: rows that name it and ask for nothing.
switched_off() {
    case $1 in
    jumps) printf '%s\n' jumps.rate,0,1/d jumps.sd,0.012,1 ;;
    flow) printf '%s\n' flow.rate,0,1/h flow.size,21k,usd flow.branching,0.4,1 ;;
    hunter) printf '%s\n' hunter.capital,0,usd hunter.multiple,2,1 ;;
    funding) printf '%s\n' funding.rate,0,1 funding.interval,3,h ;;
    *) printf '%s\n' "$1,off," ;;
    esac
}

# with_rows FILE SCENARIO: the scenario with the rows of standard input added.
with_rows() {
    cp "$2" "$1"
    cat >>"$1"
}

setup_file() {
    local dir=$BATS_FILE_TMPDIR
    scenario "$dir/bare.csv" name,bare, target,102.5,usd floor,98.4,usd withdrawal.gamma,0.3,1
    printf '%s\n' time_h,probability,jump_mean,jump_sd,volatility,depth 0,0,0,0,0.8,1.2 \
        4.5,0.7,0.003,0.01,1.9,0.5 6,0,0,0,1,1 >"$dir/calendar.csv"
    printf '%s\n' state,drift_per_d,volatility,depth,to_calm_per_d,to_greed_per_d \
        calm,0,0.9,1.1,0,3.3 greed,0.04,1.6,0.7,5.1,0 >"$dir/regimes.csv"
    printf '%s\n' time_h,open_usd,high_usd,low_usd,close_usd 0,100,101.2,99.6,100.7 \
        8,100.7,103.3,100.1,102.8 16,102.7,102.9,98.2,98.9 >"$dir/replay.csv"
    (cd "$dir" && squeeze batch bare.csv -n 100 -s 9 -q -o bare --outcomes --no-plot >bare.text)
}

setup() {
    dir=$BATS_TEST_TMPDIR
    files=$BATS_FILE_TMPDIR
    cp "$files"/{bare,levels,calendar,regimes,replay}.csv "$dir/"
}

# same_results A B: the same files with the same bytes, except the record of how it was run.
same_results() {
    diff -rq --exclude manifest.json --exclude state.bin "$1" "$2"
}

@test "the drivers of this file are those of the program" {
    squeeze models --json | python3 -c \
        'import json, sys; print(*(d["name"] for d in json.load(sys.stdin)["drivers"]))' >"$dir/names"
    [[ $(<"$dir/names") == "$DRIVERS" ]]
}

# ---- no trace --------------------------------------------------------------------------------

@test "a driver that is named and asks for nothing changes no byte of the result" {
    local driver
    mkdir "$dir/off" "$dir/on"
    cp "$dir"/{levels,calendar,regimes,replay}.csv "$dir/off/"
    cp "$dir"/{levels,calendar,regimes,replay}.csv "$dir/on/"
    for driver in $DRIVERS; do
        switched_off "$driver" | with_rows "$dir/off/bare.csv" "$dir/bare.csv"
        (cd "$dir/off" && squeeze batch bare.csv -n 100 -s 9 -q -o "$driver" --outcomes --no-plot) |
            cmp - "$files/bare.text" || complain "$driver: another answer"
        same_results "$dir/off/$driver" "$files/bare" || complain "$driver: a trace"
        # Switched on it leaves one, so there was something to compare.
        switched_on "$driver" | with_rows "$dir/on/bare.csv" "$dir/bare.csv"
        (cd "$dir/on" && squeeze batch bare.csv -n 100 -s 9 -q -o "$driver" --no-plot >said)
        ! cmp -s "$dir/on/$driver/summary.json" "$files/bare/summary.json" ||
            complain "$driver: no summary"
        ! cmp -s "$dir/on/$driver/paths.csv" "$files/bare/paths.csv" ||
            complain "$driver: no effect"
        [[ -s $dir/on/$driver/drivers.csv ]] || complain "$driver: no drivers.csv"
    done
    no_complaints
}

# ---- side by side ----------------------------------------------------------------------------

@test "the jumps of a path are the same beside each other driver and beside all" {
    local driver path others=${DRIVERS#jumps }
    switched_on jumps | with_rows "$dir/jumps.csv" "$dir/bare.csv"
    for driver in $others; do
        switched_on "$driver" | with_rows "$dir/with-$driver.csv" "$dir/jumps.csv"
    done
    for driver in $others; do
        switched_on "$driver"
    done | with_rows "$dir/with-all.csv" "$dir/jumps.csv"
    for path in 0 1 2 3 4; do
        for driver in "$dir"/with-*.csv "$dir/jumps.csv"; do
            squeeze run "$driver" -s 9 --path $path -q --json >"${driver%.csv}.$path.json"
        done
    done
    python3 - "$dir" <<'END'
import glob, sys
from results import *

jumps = 0
for path in range(5):
    shocks = {name: [(e["time_s"], e["jump_log"]) for e in load(name)["events"]
                     if e["kind"] == "jump" and e["driver"] == "jumps"]
              for name in glob.glob(f"{sys.argv[1]}/*.{path}.json")}
    assert len(shocks) == 8
    alone = shocks[f"{sys.argv[1]}/jumps.{path}.json"]
    assert all(there == alone for there in shocks.values()), shocks
    jumps += len(alone)
assert jumps > 8
END
}

@test "all drivers at once: the same bytes at -j 1, 2 and 3" {
    # Three blocks of paths; in 9 h every driver has its turn.
    local driver jobs
    for driver in $DRIVERS; do
        switched_on "$driver"
    done | with_rows "$dir/all.csv" "$dir/bare.csv"
    for jobs in 1 2 3; do
        squeeze batch "$dir/all.csv" -n 520 -s 4 -j $jobs -q --json -o "$dir/$jobs" --outcomes \
            --no-plot --set horizon=9h >"$dir/$jobs.json"
        cmp "$dir/$jobs.json" "$dir/1.json" || complain "-j $jobs: stdout differs"
        same_results "$dir/$jobs" "$dir/1" || complain "-j $jobs: files differ"
    done
    no_complaints
    python3 - "$dir/1.json" $DRIVERS <<'END'
import sys
from results import *

assert list(load(sys.argv[1])["drivers"]) == sys.argv[2:]
END
}

@test "sets of drivers run, and report what models says they do" {
    squeeze models --json >"$dir/models.json"
    local set driver
    mkdir "$dir/sets"
    while read -r set; do
        for driver in $set; do
            switched_on "$driver"
        done | with_rows "$dir/set.csv" "$dir/bare.csv"
        squeeze batch "$dir/set.csv" -n 40 -s 2 -q -o "$dir/sets/$set" --no-plot >"$dir/said" ||
            complain "$set: refused"
    done <<'END'
jumps
calendar
regimes
flow
hunter
funding
replay
jumps calendar
flow hunter
funding hunter replay
calendar regimes flow
jumps regimes hunter replay
END
    no_complaints
    python3 - "$dir" <<'END'
import os, sys
from results import *

folder = sys.argv[1]
models = {d["name"]: [m["name"] for m in d["measures"]]
          for d in load(folder + "/models.json")["drivers"]}
sets = os.listdir(folder + "/sets")
assert len(sets) == 12
for names in sets:
    drivers = load(f"{folder}/sets/{names}/summary.json")["drivers"]
    assert list(drivers) == [name for name in models if name in names.split()], (names, drivers)
    for name, reported in drivers.items():
        assert set(reported) <= set(models[name]), (names, name)
        assert not {"state", "position_usd"} & set(reported), "means something only at its moment"
        assert all(e["lo"] <= e["value"] <= e["hi"] for e in reported.values()), (names, reported)
    wanted = [f"{name}.{measure}" for name in drivers for measure in models[name]]
    assert [c for c in header(f"{folder}/sets/{names}/drivers.csv") if "." in c] == wanted, names
END
}

@test "--force leaves the drivers.csv of the new result, or none" {
    local driver
    for driver in jumps flow; do
        switched_on $driver | with_rows "$dir/$driver.csv" "$dir/bare.csv"
        squeeze batch "$dir/$driver.csv" -n 20 -s 2 -q -o "$dir/result" --force --no-plot >"$dir/said"
        head -n 1 "$dir/result/drivers.csv" | grep -q ",$driver\." || complain "$driver: another's"
    done
    squeeze batch "$dir/bare.csv" -n 20 -s 2 -q -o "$dir/result" --force --no-plot >"$dir/said"
    [[ ! -e $dir/result/drivers.csv ]] || complain "none: another's"
    [[ -z $(find "$dir/result" -mindepth 1 -type d) ]] || complain "left behind: $(ls -A "$dir/result")"
    no_complaints
}

# ---- laws ------------------------------------------------------------------------------------

@test "Merton's law through a scenario: the mean, and the distribution of the final price" {
    python3 - "$dir" <<'END'
import os, sys
from results import *

folder, n = sys.argv[1], 20000
with open(folder + "/levels.csv", "w") as file:
    file.write("side,price_usd,notional_usd\nshort,1e9,1\n")
laws = {}
for row in table("tests/oracles/merton.csv"):
    key = tuple(row[name] for name in ("mu_log", "sigma", "lambda", "jump_mean", "jump_sd", "T"))
    laws.setdefault(key, []).append((row["quantity"], row["x"], float(row["value"])))
assert len(laws) == 2
good = True
for (mu, sigma, rate, mean, sd, horizon), rows in laws.items():
    with open(folder + "/merton.csv", "w") as file:
        file.write("key,value,unit\nprice,100,usd\nlevels,levels.csv,\nbook.depth,1M,usd\n"
                   f"peak.resolution,inf,bp\nhorizon,{horizon},d\ndrift,{mu},1/d\n"
                   f"volatility,{sigma},1/sqrt(d)\njumps.rate,{rate},1/d\njumps.mean,{mean},1\n"
                   f"jumps.sd,{sd},1\n")
    answer = batch(os.environ["SQUEEZE"], folder + "/merton.csv", "-n", n, "-s", 17, "--outcomes",
                   "--no-attribution", "-o", folder + "/merton", "--force", "--no-plot")
    final = [math.log(float(row["final_usd"]) / 100)
             for row in table(folder + "/merton/outcomes.csv")]
    points = 0
    for quantity, x, value in rows:
        if quantity == "mean":
            log, jumps = answer["final_log"], answer["drivers"]["jumps"]["jumps"]
            good &= agrees("mean", log["value"], value, log["se"])
            good &= agrees("jumps", jumps["value"], float(rate) * float(horizon), jumps["se"])
        if quantity == "cdf":           # four paths more or less where a handful is expected
            share = sum(f <= float(x) for f in final) / n
            good &= agrees("cdf at " + x, share, value, math.sqrt(value * (1 - value) / n), 4 / n)
            points += 1
    assert points == 7
sys.exit(not good)
END
}

@test "Poisson ladders in files: the cascade of a calendar's shock is a branching process" {
    python3 - "$dir" <<'END'
import os, random, sys
from results import *

# A flat book in which 1 USD moves the price by 1e-8, and a jump z of the price at time 0.
folder, n, impact = sys.argv[1], 200, 1e-8
density, mark, shock = 100, 0.005, 0.01
law = {row["quantity"]: float(row["value"]) for row in table("tests/oracles/cascade_branching.csv")
       if row["marks"] == "fixed" and row["value"] and
       [float(row[name]) for name in ("nu_levels_per_unit", "J_mean_jump", "z_shock")] ==
       [density, mark, shock]}
with open(folder + "/calendar.csv", "w") as file:
    file.write(f"time_h,probability,jump_mean,jump_sd,volatility,depth\n0,1,{shock},0,1,1\n")
with open(folder + "/ladder.csv", "w") as file:
    file.write("key,value,unit\nprice,100,usd\nlevels,levels.csv,\nhorizon,1,h\nvolatility,0,\n"
               "book.depth,1M,usd\nbook.permanent,0,1\nbook.halflife,inf,s\n"
               "calendar,calendar.csv,\n")
chance, counts, moved = random.Random(19), [], []
for ladder in range(n):
    at, levels = 0.0, []
    for _ in range(120):
        at += chance.expovariate(density)
        levels.append(at)
    with open(folder + "/levels.csv", "w") as file:
        file.write("side,price_usd,notional_usd\n")
        for level in levels:
            file.write(f"short,{100 * math.exp(level)!r},{mark / impact!r}\n")
    run = json.loads(subprocess.run(
        [os.environ["SQUEEZE"], "run", folder + "/ladder.csv", "-s", "1", "-q", "--json"],
        check=True, stdout=subprocess.PIPE).stdout)
    # The cascade by its definition.
    price, fired = shock, 0
    while levels[fired] <= price:
        price += mark
        fired += 1
    assert run["short_liquidations"] == fired < 120, (ladder, run["short_liquidations"], fired)
    assert math.isclose(math.log(run["final_usd"] / 100), price, abs_tol=1e-12)
    assert all(e["time_s"] == 0 for e in run["events"] if e["kind"] in ("jump", "liquidation"))
    counts.append(fired)
    moved.append(price)
good = agrees("mean", sum(counts) / n, law["mean"], math.sqrt(law["var"] / n))
good &= agrees("displacement", sum(moved) / n, law["E_displacement"],
               math.sqrt(law["var_displacement"] / n))
for k in (0, 1, 2, 3, 5):
    p = law[f"pmf_{k}"]
    good &= agrees(f"P({k})", counts.count(k) / n, p, math.sqrt(p * (1 - p) / n))
sys.exit(not good)
END
}
