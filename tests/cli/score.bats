# SPDX-License-Identifier: GPL-3.0-or-later
# squeeze score: maps against what happened after them.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
    # Eight days of hourly bars, a random walk of 0.6 % an hour; maps every 8 hours of the last six days,
    # each of a short 1 % above and a long 2 % below the price of its time, and a small one further out.
    python3 - <<'END'
import datetime, os, random

random.seed(5)
os.mkdir("maps")
start, price = datetime.datetime(2026, 3, 1), 100.0
with open("bars.csv", "w") as bars, open("maps/index.csv", "w") as index:
    bars.write("time,open_usd,high_usd,low_usd,close_usd\n")
    index.write("time,price_usd,levels\n")
    for hour in range(8 * 24):
        time = (start + datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
        close = price * (1 + random.gauss(0, 0.006))
        high, low = max(price, close) * (1 + abs(random.gauss(0, 0.002))), min(price, close) * 0.999
        bars.write(f"{time},{price!r},{high!r},{low!r},{close!r}\n")
        if hour >= 48 and hour % 8 == 0:
            index.write(f"{time},{price!r},{hour}.csv\n")
            with open(f"maps/{hour}.csv", "w") as levels:
                levels.write("side,price_usd,notional_usd\n")
                levels.write(f"short,{price * 1.01!r},300000\nlong,{price * 0.98!r},200000\n")
                levels.write(f"short,{price * 1.03!r},1000\n")
        price = close
END
    market=(--record bars.csv --set book.depth=1M -s 3 -n 60 --horizons 4h,16h --scale 0.1,1)
}

@test "score: keys, counts, and touches as a short program counts them; the same bytes on two threads" {
    squeeze score maps/index.csv "${market[@]}" -q --json -j 1 >one.json
    squeeze score maps/index.csv "${market[@]}" -q --json -j 2 | cmp - one.json
    python3 - <<'END'
from results import *

answer = load("one.json")
assert answer["schema"] == "squeeze/score-1" and answer["maps"] == 18 and answer["days"] == 6
rows = answer["results"]
assert [(row["horizon_s"], row["scale"]) for row in rows] == [(14400, .1), (14400, 1), (57600, .1), (57600, 1)]
for row in rows:
    for key in ("crps_none", "map_minus_none", "map_minus_mirror", "map_minus_shuffled", "constant_minus_none"):
        e = row[key]
        assert e["lo"] <= e["value"] <= e["hi"], (key, e)
    assert 0 <= row["pit"]["peak_ks_p"] <= 1 and 0 <= row["pit"]["trough_ks_p"] <= 1
    assert row["crps_none"]["value"] > 0
assert [set(row) for row in answer["power"]] == [{"horizon_s", "scale", "uplift", "maps_needed"}] * 4
assert answer["remarks"] == []
bars, maps = table("bars.csv"), table("maps/index.csv")
place = {bar["time"]: i for i, bar in enumerate(bars)}
for touch in answer["touch"]:
    hours, hits, n = int(touch["horizon_s"] / 3600), 0, 0
    for entry in maps:
        ahead = bars[place[entry["time"]]:][:hours]
        if len(ahead) < hours:
            continue
        price = float(entry["price_usd"])
        hits += max(float(bar["high_usd"]) for bar in ahead) >= price * 1.01
        hits += min(float(bar["low_usd"]) for bar in ahead) <= price * 0.98
        n += 2
    assert touch["n"] == n and math.isclose(touch["observed"], hits / n), touch
    assert math.isclose(touch["residual"]["value"], touch["observed"] - touch["without_impact"], abs_tol=1e-12)
END
}

@test "score: a directory with the same answer, and text that names it" {
    squeeze score maps/index.csv "${market[@]}" -q -o out --no-plot >text
    [[ $(ls out | tr '\n' ' ') == "manifest.json pit.csv pit.gp reliability.csv reliability.gp score.csv score.gp score.json " ]]
    flowing text | grep -q "18 maps on 6 days, 60 paths each"
    python3 - <<'END'
from results import *

answer = load("out/score.json")
of_maps = [row for row in table("out/score.csv") if row["world"] == "map"]
assert [float(row["difference"]) for row in of_maps] == [row["map_minus_none"]["value"] for row in answer["results"]]
assert len(table("out/pit.csv")) == sum(4 * row["n"] for row in answer["results"])
END
    [[ -z ${SQZ_NO_PICTURES-} ]] && command -v gnuplot >/dev/null || return 0
    squeeze plot out -q
    [[ -s out/score.svg && -s out/pit.svg && -s out/reliability.svg ]]
}

@test "score: the market from a file, and what cannot be scored is refused" {
    printf '%s\n' key,value,unit book.depth,1M,usd >market.csv
    squeeze score maps/index.csv "${market[@]}" -q --json >set.json
    squeeze score maps/index.csv --include market.csv "${market[@]:0:2}" "${market[@]:4}" -q --json >file.json
    cmp set.json file.json
    sed '3s/^2026-03-03/2026-03-01/' maps/index.csv >maps/back.csv
    head -n 20 bars.csv >early.csv
    fails 2 "needs --record" score maps/index.csv
    fails 3 "book.depth: is missing" score maps/index.csv --record bars.csv -s 1
    fails 3 "(of the market: --include FILE, or --set)" score maps/index.csv --record bars.csv -s 1
    fails 2 "volatility is each map's own" score maps/index.csv "${market[@]}" --set volatility=0.1
    fails 2 "--horizons: '4x' cannot be used" score maps/index.csv "${market[@]}" --horizons 4x
    fails 2 "--scale: '0' cannot be used" score maps/index.csv "${market[@]}" --scale 0
    fails 3 "bars of 3600 s, longer than a horizon of 60 s" score maps/index.csv "${market[@]}" --horizons 60s -o out
    fails 3 "back.csv:3: time" score maps/back.csv "${market[@]}"
    fails 3 "holds no horizon after a map" score maps/index.csv --record early.csv "${market[@]:2}"
    leaves_nothing out
    no_complaints
}

@test "score: what moves the price on top of the record's volatility is remarked on" {
    printf '%s\n' key,value,unit book.depth,1M,usd jumps.rate,2,1/d jumps.sd,3,% >market.csv
    quick=(--record bars.csv -s 3 -n 20 --horizons 4h --scale 1 --json)
    squeeze score maps/index.csv --include market.csv "${quick[@]}" >out.json 2>said
    flowing said | grep -q "remark: market.csv:3: jumps.rate: moves the price on top of the volatility of the record"
    [[ $(flowing said | grep -o "counted twice" | wc -l) == 1 ]]
    squeeze score maps/index.csv --include market.csv --set jumps.rate=0 "${quick[@]}" >calm.json 2>/dev/null
    python3 - <<'END'
from results import *

assert [remark["code"] for remark in load("out.json")["remarks"]] == ["moves-counted-twice"]
assert load("calm.json")["remarks"] == []
END
}
