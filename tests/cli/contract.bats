# SPDX-License-Identifier: GPL-3.0-or-later
# Commands, options, exit codes, and what batch prints.

load helpers

setup() {
    dir=$BATS_TEST_TMPDIR
    scenario "$dir/scenario.csv" target,103,usd floor,98.2,usd name,small,
}

# ---- the command line ------------------------------------------------------------------------

@test "--help names every command and exits 0" {
    squeeze --help >"$dir/help" 2>"$dir/words"
    [[ ! -s $dir/words ]]
    local command
    for command in check run batch plot models help; do
        grep -q "squeeze $command" "$dir/help" || complain "no line for $command"
    done
    no_complaints
    squeeze -h | cmp - "$dir/help"
    squeeze help | cmp - "$dir/help"
}

@test "help COMMAND and COMMAND --help print its options and an example" {
    local command option
    for command in check run batch plot models; do
        squeeze help "$command" >"$dir/help"
        squeeze "$command" --help | cmp - "$dir/help"
        squeeze "$command" -h | cmp - "$dir/help"
        grep -q "^squeeze $command" "$dir/help" || complain "help $command: no title"
        grep -q "^Example: squeeze $command" "$dir/help" || complain "help $command: no example"
    done
    squeeze help batch >"$dir/help"
    for option in "-n, --paths" "-s, --seed" "-j, --jobs" "-o, --output" --json --set --force \
        "-q, --quiet" --help --version; do
        grep -q -e "$option " "$dir/help" || complain "help batch: no $option"
    done
    no_complaints
}

@test "--help works without the operands a command needs" {
    squeeze batch --help -n 5 | grep -q "^squeeze batch"
    squeeze batch --version | grep -q "^squeeze [0-9]"
}

@test "--version prints one line, the version of the source" {
    local version
    version=$(sed -n 's/.*SQZ_VERSION "\(.*\)"/\1/p' sim/core/version.h)
    [[ -n $version ]]
    [[ $(squeeze --version) == "squeeze $version" ]]
}

@test "wrong command lines exit 2, say what is wrong, print no data" {
    local words arguments
    while IFS='|' read -r words arguments; do
        read -ra arguments <<<"${arguments//SCENARIO/$dir/scenario.csv}"
        fails 2 "$words" "${arguments[@]}"
    done <<'END'
no command|
no command|-q
bach: unknown command; did you mean 'batch'?|bach
rnu: unknown command; did you mean 'run'?|rnu SCENARIO
frobnicate: unknown command (see squeeze help)|frobnicate
frobnicate: unknown command|help frobnicate
'extra'|help batch extra
rare: not yet supported|rare SCENARIO
report: not yet supported|report a
--frobnicate: unknown option|--frobnicate
--pahts: unknown option; did you mean '--paths'?|batch SCENARIO --pahts 3
-x: unknown option|batch SCENARIO -x
-x: unknown option|batch SCENARIO -qx
-x: unknown option|batch SCENARIO -xn 5
--json: takes no value|batch SCENARIO --json=3
--seed: is not an option of squeeze check; it belongs to: batch compare sweep|check SCENARIO --seed 3
--path: is not an option of squeeze batch; it belongs to: run|batch SCENARIO --path 3
--show: is not an option of squeeze batch|batch SCENARIO --show
--paths: is not an option of squeeze run|run SCENARIO -n 3
--format: is not an option of squeeze check|check SCENARIO --format svg
--json: is not an option of squeeze plot|plot x --json
needs SCENARIO|batch
needs SCENARIO|run
needs SCENARIO|check
needs DIR|plot
'other.csv'|batch SCENARIO other.csv
'other.csv'|run SCENARIO other.csv
extra: is no key, model or family of keys|models extra
'extra'|models power extra
--json: prints every model|models power --json
-n: needs a value|batch SCENARIO -n
--paths: needs a value|batch SCENARIO --paths
--output: needs a value|batch SCENARIO --output
--set: needs a value|batch SCENARIO --set
'volatility' is not key=value|batch SCENARIO --set volatility
'=3' is not key=value|batch SCENARIO --set =3
'jpg' is not a format; expected svg, png or pdf|batch SCENARIO --format jpg
'' is not a format|batch SCENARIO --format svg,,png
--format: |batch SCENARIO --format=
--outcomes: needs a result directory, -o DIR|batch SCENARIO --outcomes
END
    no_complaints
}

@test "numbers of options that are no whole numbers in range exit 2" {
    local option value exponent
    for option in --paths --seed --jobs --max-events --path; do
        local command=batch
        [[ $option == --path ]] && command=run
        # 1e3 is whole, but only counts of paths and events are written so (inputs.bats).
        [[ $option == --paths || $option == --max-events ]] && exponent=1e-3 || exponent=1e3
        for value in "" x 5x 1.5 $exponent 1.0001k 0x10 -5 " -5" " 5" +5 inf nan 18446744073709551616; do
            fails 2 "$option: '$value' is not a whole number" \
                "$command" "$dir/scenario.csv" "$option" "$value"
        done
    done
    for option in --paths --jobs --max-events; do
        fails 2 "$option: '0' is not a whole number" \
            batch "$dir/scenario.csv" "$option" 0
    done
    no_complaints
}

@test "the largest seed and path are accepted and an absurd number of paths is not run as none" {
    [[ $(squeeze batch "$dir/scenario.csv" -q -n 1 -s 18446744073709551615 --json) == \
        *'"seed": "18446744073709551615"'* ]]
    squeeze run "$dir/scenario.csv" -q -s 0 --path 18446744073709551615 >"$dir/path"
    grep -q 'path 18446744073709551615' "$dir/path"
    # Either refused or still at work after a moment: 124 is that of timeout.
    local status=0
    timeout 0.3 "$SQUEEZE" batch "$dir/scenario.csv" -q -n 18446744073709551615 -s 1 || status=$?
    ((status == 2 || status == 124))
}

@test "options come before or after the operand, -- ends them, short ones bundle" {
    squeeze batch "$dir/scenario.csv" -n 300 -s 5 -q >"$dir/after"
    squeeze batch -n 300 -s 5 -q "$dir/scenario.csv" | cmp - "$dir/after"
    squeeze batch --paths=300 --seed 5 --quiet -- "$dir/scenario.csv" | cmp - "$dir/after"
    squeeze batch -qn300 -s5 "$dir/scenario.csv" | cmp - "$dir/after"
}

# ---- the answer ------------------------------------------------------------------------------

@test "batch --json has every key of squeeze/batch-1, well formed" {
    squeeze batch "$dir/scenario.csv" -n 2000 -s 42 -q --json >"$dir/answer.json"
    python3 - "$dir/answer.json" <<'END'
import sys
from results import *

answer = load(sys.argv[1])

def keys(place, wanted):
    for key in wanted.split():
        assert key in place, f"no {key} in {sorted(place)}"

def estimate(e, lo, hi):
    keys(e, "value se lo hi")
    assert lo <= e["lo"] < e["value"] < e["hi"] <= hi and e["se"] > 0, e

def quantiles(q, lo, hi):
    assert list(q) == list(QUANTILES), q
    values = list(q.values())
    assert values == sorted(values) and lo <= values[0] and values[-1] <= hi, q
    assert values[0] < values[-1], q

keys(answer, "schema version scenario seed paths horizon_s start_price_usd target floor forced_usd "
             "peak_usd trough_usd final_usd stopped book_exhausted_paths")
assert answer["schema"] == "squeeze/batch-1"
assert answer["scenario"] == "small"
assert answer["seed"] == "42", "the seed is a string: it may not fit a JSON number"
assert answer["paths"] == 2000 and answer["horizon_s"] == 86400 and answer["start_price_usd"] == 100
for watch, price in (("target", 103), ("floor", 98.2)):
    keys(answer[watch], "price_usd probability time_s")
    assert answer[watch]["price_usd"] == price
    estimate(answer[watch]["probability"], 0, 1)
    quantiles(answer[watch]["time_s"], 0, 86400)
keys(answer["forced_usd"], "mean short long quantiles")
for part, most in (("mean", 1560e3), ("short", 1170e3), ("long", 390e3)):
    estimate(answer["forced_usd"][part], 0, most)
whole, short, long = (answer["forced_usd"][part]["value"] for part in ("mean", "short", "long"))
assert abs(whole - short - long) < 1e-9 * whole
quantiles(answer["forced_usd"]["quantiles"], 0, 1560e3 * 1.01)   # a bin of 1 % around the total
quantiles(answer["peak_usd"], 100, 200)
quantiles(answer["trough_usd"], 50, 100)
quantiles(answer["final_usd"], 50, 200)
for q in QUANTILES:
    assert answer["trough_usd"][q] <= answer["final_usd"][q] <= answer["peak_usd"][q]
keys(answer["stopped"], "horizon max_events")
assert answer["stopped"] == {"horizon": 2000, "max_events": 0}
assert answer["book_exhausted_paths"] == 0
END
}

@test "a probability has Wilson's interval and its binomial standard error" {
    squeeze batch "$dir/scenario.csv" -n 700 -s 7 -q --json >"$dir/answer.json"
    squeeze batch "$dir/scenario.csv" -n 700 -s 7 -q --json --set target=250 >"$dir/never.json"
    python3 - "$dir/answer.json" "$dir/never.json" <<'END'
import sys
from results import *

for name in sys.argv[1:]:
    for watch in ("target", "floor"):
        e = load(name)[watch]["probability"]
        hits = round(e["value"] * 700)
        assert e["value"] == hits / 700
        assert math.isclose(e["se"], math.sqrt(e["value"] * (1 - e["value"]) / 700), rel_tol=1e-9)
        lo, hi = wilson(hits, 700)
        assert abs(e["lo"] - lo) < 1e-6 and abs(e["hi"] - hi) < 1e-6, (e, lo, hi)
never = load(sys.argv[2])["target"]
assert never["probability"]["value"] == 0 < never["probability"]["hi"] < 0.01
assert set(never["time_s"].values()) == {None}, "no path touched: there is no time"
END
}

@test "target and floor are absent when they are not set" {
    scenario "$dir/plain.csv"
    local watched
    while read -r watched options; do
        squeeze batch "$dir/plain.csv" -n 20 -s 1 -q --json $options >"$dir/answer.json"
        [[ $(grep -oE '^  "(target|floor)"' "$dir/answer.json" | tr -d ' "' | paste -sd +) == \
            "${watched#none}" ]] || complain "$options: the JSON has $(<"$dir/answer.json")"
        squeeze batch "$dir/plain.csv" -n 20 -s 1 -q $options >"$dir/table"
        [[ $(grep -oE 'touch (target|floor)' "$dir/table" | cut -c 7- | paste -sd +) == \
            "${watched#none}" ]] || complain "$options: the table says $(grep touch "$dir/table")"
    done <<'END'
none
target --set target=103
floor --set floor=97
target+floor --set target=103 --set floor=97
END
    no_complaints
}

@test "the first lines of the table answer the question, with the numbers of the JSON" {
    squeeze batch "$dir/scenario.csv" -n 2000 -s 42 -q >"$dir/table"
    squeeze batch "$dir/scenario.csv" -n 2000 -s 42 -q --json >"$dir/answer.json"
    python3 - "$dir/table" "$dir/answer.json" <<'END'
import re, sys
from results import *

lines = [line for line in open(sys.argv[1]).read().split("\n") if line.strip()]
answer = load(sys.argv[2])
for word in ("small", "100", "24 h", "2000 paths", "seed 42"):
    assert word in lines[0], f"no {word} in {lines[0]}"
for watch, price in (("target", "103"), ("floor", "98.2")):
    e = answer[watch]["probability"]
    said = re.search(rf"touches the {watch} {price}\S* with a probability of (\S+) % \[(\S+), (\S+)\]",
                     " ".join(" ".join(lines[1:8]).split()))
    row = re.search(rf"P\(touch {watch} {price}\S*\) +(\S+) %  \[(\S+), (\S+)\]", "\n".join(lines))
    for match, digit in ((said, 1e-2), (row, 1e-3)):
        for shown, exact in zip(match.groups(), (e["value"], e["lo"], e["hi"])):
            assert abs(float(shown) / 100 - exact) <= 0.5001 * digit, (match, e)
forced = next(line for line in lines if "forced notional" in line)
value = float(re.search(r"([\d.]+) k", forced)[1]) * 1e3
assert abs(value / answer["forced_usd"]["mean"]["value"] - 1) < 0.01 and "usd" in forced
END
}

@test "data go to standard output, words to standard error, -q keeps the words back" {
    squeeze batch "$dir/scenario.csv" -n 50 -s 4 >"$dir/loud" 2>"$dir/words"
    squeeze batch "$dir/scenario.csv" -n 50 -s 4 -q >"$dir/quiet" 2>"$dir/no-words"
    cmp "$dir/loud" "$dir/quiet"
    [[ -s $dir/words && ! -s $dir/no-words ]]
    # Times and speeds are words: they would make two equal runs differ.
    grep -q ' s$' "$dir/words"
    squeeze batch "$dir/scenario.csv" -n 50 -q --json 2>"$dir/no-words" >"$dir/quiet"
    [[ ! -s $dir/no-words ]]
    local command
    for command in check run "run --json" "check --show" "check --json"; do
        squeeze $command "$dir/scenario.csv" -q 2>"$dir/no-words" >"$dir/quiet"
        [[ -s $dir/quiet && ! -s $dir/no-words ]] || complain "$command -q: $(<"$dir/no-words")"
    done
    no_complaints
}

@test "without a terminal there is no progress bar; with one it says the time left and goes away" {
    python3 -c "import pty; pty.openpty()" 2>/dev/null || skip "this machine has no terminals"
    python3 - "$dir/scenario.csv" <<'END'
import os, pty, re, signal, subprocess, sys, time

command = [os.environ["SQUEEZE"], "batch", sys.argv[1], "-n", "20000000", "-j", "1", "-s", "1"]

def words(environment, *options):
    """What squeeze says on a terminal in 1.4 s, then interrupted."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command + list(options), stdout=subprocess.DEVNULL, stderr=theirs,
                               env={**os.environ, **environment},
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    os.close(theirs)
    time.sleep(1.4)
    process.send_signal(signal.SIGINT)
    text = b""
    try:
        while part := os.read(ours, 4096):
            text += part
    except OSError:                      # the terminal is closed
        pass
    assert process.wait() == 130
    return text.decode()

seen = words({})
assert re.search(r"\d+ %.* left", seen), seen
assert "\r\x1b[K" in seen.split("interrupted")[0], "the bar is not wiped"
quiet = words({}, "-q")
assert "%" not in quiet and "left" not in quiet, quiet
END
}

# ---- the other commands ----------------------------------------------------------------------

@test "models names every key of a resolved scenario, with its unit" {
    squeeze check "$dir/scenario.csv" --json >"$dir/check.json"
    squeeze models --json >"$dir/models.json"
    squeeze models >"$dir/models"
    python3 - "$dir/check.json" "$dir/models.json" "$dir/models" <<'END'
import sys
from results import *

check, models, text = load(sys.argv[1]), load(sys.argv[2]), open(sys.argv[3]).read()
book = {b["name"]: b for b in models["books"]}
assert {"power", "table"} <= set(book)
known = {p["key"]: p for p in models["scenario"] + models["book"] + book["power"]["parameters"]}
resolved = {s["key"]: s for s in check["settings"]}
assert set(resolved) <= set(known), set(resolved) - set(known)
for key, p in known.items():
    assert p["doc"] and key in text and p["doc"] in " ".join(text.split())
    assert key in resolved or (p["default"] is None and not p["required"]), key
assert all(b["citation"] and b["citation"] in " ".join(text.split()) for b in book.values())
required = {key for key, p in known.items() if p["required"]}
assert required == {"price", "horizon", "volatility", "book.depth"}, required
END
}

@test "models and the manual document every driver: source, keys, what it reports" {
    squeeze models --json >"$dir/models.json"
    squeeze models >"$dir/models"
    squeeze help --man >"$dir/manual"
    python3 - "$dir" <<'END'
import re, sys
from results import *

models, text = load(sys.argv[1] + "/models.json"), open(sys.argv[1] + "/models").read()
manual = open(sys.argv[1] + "/manual").read().replace("\\-", "-")
drivers = {d["name"]: d for d in models["drivers"]}
assert list(drivers) == "jumps calendar regimes flow hunter funding replay".split()
for name, driver in drivers.items():
    assert set(driver) == {"name", "doc", "citation", "parameters", "measures"}
    # From its title to the next empty line.
    section = " ".join(re.search(rf"^driver {name}: (.*?)(\n\n|\Z)", text, re.M | re.S)[1].split())
    assert section.startswith(driver["doc"] + " source: " + driver["citation"]) and driver["citation"]
    rows = [("parameter", p["key"], p["unit"], p["doc"]) for p in driver["parameters"]]
    rows += [("reports", m["name"], m["unit"], m["doc"]) for m in driver["measures"]]
    assert driver["parameters"]
    at = len(driver["doc"])
    for kind, key, unit, doc in rows:                 # each after the one before
        entry = re.compile(rf" {re.escape(key)} ({re.escape(unit)} )?(\S+) {re.escape(doc)}( |$)").search(section, at)
        assert entry and doc and (entry[2] == "reports") == (kind == "reports"), key
        at = entry.start() + 1
    part = re.search(rf"^\.SS Driver {name}\n(.*?)^\.S", manual, re.M | re.S)[1]
    titles = re.findall(r"^\.B (\S+)", part, re.M)
    assert titles == [row[1] for row in rows], titles
END
}

@test "run shows what drivers do, and orders that take time, in words and in JSON" {
    scenario "$dir/scenario.csv" volatility,0, calendar,calendar.csv, latency,90,s \
        slice.rate,10k,usd/s slice.interval,12,s hunter.capital,2M,usd hunter.interval,1,h hunter.multiple,4,1 \
        hunter.hold,30,s
    printf '%s\n' time_h,probability,jump_mean,jump_sd,volatility,depth 0.5,1,0.0123,0,1,1 \
        >"$dir/calendar.csv"
    squeeze run "$dir/scenario.csv" -s 1 -q --json >"$dir/run.json"
    squeeze run "$dir/scenario.csv" -s 1 -q >"$dir/text"
    python3 - "$dir/run.json" "$dir/text" <<'END'
import sys
from results import *

run, lines = load(sys.argv[1]), open(sys.argv[2]).read().split("\n")
start = next(i for i, line in enumerate(lines) if line.split()[:2] == ["time", "event"])
def seconds(clock):                                   # 03:12:07.123
    h, m, s = clock.split(":")
    return 3600 * int(h) + 60 * int(m) + float(s)
shown = {"start": (), "horizon": ()}
shown["liquidation"] = shown["fill"] = ("side", "notional_usd", "fill_usd")
shown["order"] = ("driver", "side", "notional_usd", "fill_usd")
shown["jump"] = ("driver", "jump_log")
common = {"kind", "time_s", "price_usd", "exogenous_usd", "displacement_log"}
assert {e["kind"] for e in run["events"]} == set(shown)
assert len(lines[start + 1:]) == len(run["events"]) + 3    # what the columns mean, and an empty last
assert all(len(line) <= 80 for line in lines)
for event, line in zip(run["events"], lines[start + 1:]):
    keys = set(event) - common - {"generation"}
    assert keys == set(shown[event["kind"]]), event
    words = line.split()
    if words[1] == "d":                               # the horizon: 1 d 00:00:00.000
        assert words[0] == "1"
        words = [words[2]] + words[3:]
        words[0] = "24" + words[0][2:]
    assert abs(event["time_s"] - seconds(words[0])) < 0.000501 and words[1] == event["kind"]
    if event["kind"] in ("liquidation", "fill"):
        assert event["side"] in ("short", "long") and words[4] == event["side"]
        # The touch of a level says what will be bought, its fills say for how much.
        assert (event["fill_usd"] is None) == (event["kind"] == "liquidation")
        assert words[7:] == ([f"{event['fill_usd']:.2f}"] if event["kind"] == "fill" else []), line
    if event["kind"] == "order":
        assert event["driver"] == words[2] == "hunter"
        assert event["side"] in ("buy", "sell") and words[5] == event["side"]
        up = 1 if event["side"] == "buy" else -1
        assert event["notional_usd"] > 0 and up * (event["price_usd"] - event["fill_usd"]) > 0
    if event["kind"] == "jump":
        assert event["driver"] == "calendar" and event["jump_log"] == 0.0123
        assert event["time_s"] == 1800 and words[4:] == ["calendar,", "+123.0", "bp"]
fills = [e for e in run["events"] if e["kind"] == "fill"]
assert sum(e["notional_usd"] for e in fills) == run["forced_short_usd"] + run["forced_long_usd"] > 0
assert max(e["notional_usd"] for e in fills) == 120e3
END
}

@test "check --show prints every resolved key with its unit and origin" {
    squeeze check "$dir/scenario.csv" --show --set horizon=36h >"$dir/shown"
    local words
    while IFS='|' read -r words; do
        grep -Eq "^ *${words//SCENARIO/scenario.csv} *$" "$dir/shown" ||
            complain "no line like: $words"
    done <<'END'
price +100 +usd +SCENARIO:2
horizon +36 +h +--set
levels +levels.csv +SCENARIO:4
volatility +0.03 +1/sqrt\(d\) +SCENARIO:5
book.depth +1M +usd +SCENARIO:6
book.depth_ask +1M +usd +default
target +103 +usd +SCENARIO:7
book +power +default
book.halflife +20;900 +s +default
peak.resolution +25 +bp +default
END
    no_complaints || cat "$dir/shown"
    no_complaints
}

@test "check takes several scenarios and says each error" {
    scenario "$dir/bad.csv" price,-1,usd
    local status=0
    squeeze check "$dir/bad.csv" "$dir/scenario.csv" "$dir/absent.csv" >"$dir/said" 2>"$dir/words" ||
        status=$?
    ((status == 3))
    grep -q "scenario.csv: valid" "$dir/said"
    grep -q "bad.csv:2: price:" "$dir/words"
    grep -q "absent.csv: cannot be opened" "$dir/words"
}
