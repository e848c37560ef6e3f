#!/usr/bin/env python3
"""reference.py: a slow, obvious, time-stepped simulator of one scenario.

It shares no code with squeeze. Its answers carry a discretisation error that falls like sqrt(dt),
because a crossing between two steps is not seen: run it at two or three steps, extrapolate in
sqrt(dt), and compare with the exact engine.

One path keeps (logs relative to the start price; notional in USD, + buys, - sells):

    S      exogenous log price             S   += drift dt + sigma sqrt(dt) N(0, 1)
    E_i    volume missing from the book    E_i *= exp(-dt ln 2 / halflife_i)
    A      stress                          A   *= exp(-dt ln 2 / withdrawal.halflife)
    P      permanent impact
    X      = S + P + G(sum of E_i)         log of the last price

After each step the nearest level that X has crossed is executed, X is computed again, and so on
until no level is crossed. A forced order of signed notional Q:

    q    = 1 / (1 + withdrawal.gamma A)          read before the order's own stress is added
    P   += permanent 0.01 Q / depth
    E_i += weight_i (1 - permanent) Q / q
    A   += |Q| / depth

depth is that of the side the order eats: asks for a buy, bids for a sell. For a table book it is the
cumulative notional at 100 bp. G uses the ask book for a positive total, the bid book for a negative.

Supported keys are those in KEYS below; any other key is an error. Python 3 standard library only.
"""
import argparse
import bisect
import csv
import json
import math
import os
import random
import re
import sys

INF = math.inf
YEAR_S = 365 * 86400.0                      # crypto trades every day

TIME = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
UNITS = {                                   # kind -> unit -> factor to the program's unit
    "text": {"": 1.0},
    "usd": {"usd": 1.0},
    "time": TIME,
    "rate": {"1/s": 1.0, "1/h": 1 / 3600.0, "1/d": 1 / 86400.0, "1/yr": 1 / YEAR_S},
    "vol": {"1/sqrt(d)": 1 / math.sqrt(86400.0), "1/sqrt(yr)": 1 / math.sqrt(YEAR_S)},
    "share": {"1": 1.0, "%": 0.01},
    "number": {"1": 1.0},
    "bp": {"bp": 1.0},
}
KEYS = {                                    # key: (kind, unit when none is given)
    "name": ("text", ""), "symbol": ("text", ""), "levels": ("text", ""),
    "book": ("text", ""), "book.table": ("text", ""), "impact": ("text", ""),
    "price": ("usd", "usd"), "target": ("usd", "usd"), "floor": ("usd", "usd"),
    "horizon": ("time", "s"), "levels.scale": ("share", "1"),
    "drift": ("rate", "1/d"), "volatility": ("vol", "1/sqrt(d)"),
    "book.depth": ("usd", "usd"), "book.depth_ask": ("usd", "usd"), "book.depth_bid": ("usd", "usd"),
    "book.shape": ("number", "1"), "book.shape_ask": ("number", "1"), "book.shape_bid": ("number", "1"),
    "book.permanent": ("share", "1"), "book.halflife": ("time", "s"), "book.weights": ("share", "1"),
    "withdrawal.gamma": ("number", "1"), "withdrawal.halflife": ("time", "s"),
    "peak.resolution": ("bp", "bp"),        # accepted and not used: extremes are recorded at every step
}
LISTS = {"book.halflife", "book.weights"}
SUFFIX = {"k": 1e3, "M": 1e6, "B": 1e9}
NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf)([kMB]?)")


class BadInput(Exception):
    """Something wrong in a file; the message is the one line to print."""


# ---- reading --------------------------------------------------------------------------------

def read_csv(path):
    """(line number, cells) for every row that is not empty."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as f:
            reader = csv.reader(f)
            return [(reader.line_num, [c.strip() for c in row])
                    for row in reader if any(c.strip() for c in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise BadInput(f"{path}: {e}") from None


def read_table(path, wanted):
    """(line number, {column: cell}) for a CSV with a header; the columns in wanted must be there."""
    rows = read_csv(path)
    if not rows:
        raise BadInput(f"{path}:1: empty file, expected a header {','.join(wanted)}")
    header = rows[0][1]
    for name in wanted:
        if name not in header:
            raise BadInput(f"{path}:{rows[0][0]}: {name}: column missing")
    out = []
    for line, cells in rows[1:]:
        cells = cells + [""] * (len(header) - len(cells))
        out.append((line, dict(zip(header, cells))))
    return out


def as_number(text, where):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput(f"{where}: '{text}' is not a finite number")
    return value


def convert(key, text, unit, where):
    """Text of one value, in its file unit, to the program's unit (seconds, USD, shares)."""
    if key not in KEYS:
        raise BadInput(f"{where}: {key}: key not supported by the reference")
    kind, default_unit = KEYS[key]
    if kind == "text":
        return text
    unit = unit or default_unit
    if unit not in UNITS[kind]:
        raise BadInput(f"{where}: {key}: unit '{unit}', expected one of {' '.join(UNITS[kind])}")
    values = []
    for part in text.split(";") if key in LISTS else [text]:
        m = NUMBER.fullmatch(part.strip())
        if not m or (m.group(2) and kind != "usd"):
            raise BadInput(f"{where}: {key}: '{part}' is not a number")
        value = float(m.group(1)) * SUFFIX.get(m.group(2), 1.0) * UNITS[kind][unit]
        if math.isinf(value) and key not in ("book.halflife", "withdrawal.halflife"):
            raise BadInput(f"{where}: {key}: must be finite")
        values.append(value)
    return values if key in LISTS else values[0]


def split_setting(text):
    """'horizon=1h' -> ('horizon', '1', 'h')."""
    key, equals, value = text.partition("=")
    key, value = key.strip(), value.strip()
    if not equals:
        raise BadInput(f"--set {text}: expected key=value")
    if KEYS.get(key, ("text",))[0] == "text":
        return key, value, ""
    head, semicolon, last = value.rpartition(";")
    m = NUMBER.match(last)
    if not m:
        raise BadInput(f"--set {text}: '{value}' is not a number")
    return key, head + semicolon + m.group(0), last[m.end():].strip()


class Scenario:
    """The keys of one scenario file, in program units, with defaults filled in."""

    def __init__(self, path, settings=()):
        v = {}
        origin = {}
        rows = read_csv(path)
        if not rows or rows[0][1][:2] != ["key", "value"]:
            raise BadInput(f"{path}:1: expected the header key,value,unit,note")
        for line, cells in rows[1:]:
            key, value, unit = (cells + ["", "", ""])[:3]
            if key in v:
                raise BadInput(f"{path}:{line}: {key}: given twice")
            v[key] = convert(key, value, unit, f"{path}:{line}")
            origin[key] = os.path.dirname(path)
        for text in settings:
            key, value, unit = split_setting(text)
            v[key] = convert(key, value, unit, f"--set {text}")
            origin[key] = ""
        for key in ("price", "horizon", "levels", "volatility"):
            if key not in v:
                raise BadInput(f"{path}: {key}: required")

        self.name = v.get("name", "")
        self.price = v["price"]
        self.horizon = v["horizon"]
        self.drift = v.get("drift", 0.0)
        self.sigma = v["volatility"]
        self.target = v.get("target")
        self.floor = v.get("floor")
        self.impact = v.get("impact", "on")
        self.permanent = v.get("book.permanent", 0.2)
        self.halflife = v.get("book.halflife", [20.0, 900.0])
        n = len(self.halflife)
        default_weights = [0.7, 0.3] if self.halflife == [20.0, 900.0] else [1.0 / n] * n
        self.weights = v.get("book.weights", default_weights)
        self.gamma = v.get("withdrawal.gamma", 0.0)
        self.withdrawal_halflife = v.get("withdrawal.halflife", 600.0)
        scale = v.get("levels.scale", 1.0)

        def require(ok, what):
            if not ok:
                raise BadInput(f"{path}: {what}")
        require(self.price > 0, "price: must be positive")
        require(self.horizon > 0, "horizon: must be positive")
        require(self.sigma >= 0, "volatility: must not be negative")
        require(scale >= 0, "levels.scale: must not be negative")
        require(self.impact in ("on", "off"), "impact: expected on or off")
        require(0 <= self.permanent <= 1, "book.permanent: expected 0 to 1")
        require(len(self.weights) == n, "book.weights: as many as half-lives")
        require(abs(math.fsum(self.weights) - 1) < 1e-9, "book.weights: must sum to 1")
        require(all(h > 0 for h in self.halflife), "book.halflife: must be positive")
        require(self.gamma >= 0, "withdrawal.gamma: must not be negative")
        require(self.withdrawal_halflife > 0, "withdrawal.halflife: must be positive")
        require(self.target is None or self.target > self.price, "target: must be above the price")
        require(self.floor is None or 0 < self.floor < self.price, "floor: must be below the price")

        book = v.get("book", "power")
        if book == "power":
            self.asks, self.bids = [
                PowerSide(v.get(f"book.depth_{side}", v.get("book.depth")),
                          v.get(f"book.shape_{side}", v.get("book.shape", 1.0)), path)
                for side in ("ask", "bid")]
        elif book == "table":
            require("book.table" in v, "book.table: required by book table")
            table = os.path.join(origin["book.table"], v["book.table"])
            self.asks, self.bids = TableSide(table, "ask"), TableSide(table, "bid")
        else:
            raise BadInput(f"{path}: book: expected power or table")

        self.shorts, self.longs = read_levels(os.path.join(origin["levels"], v["levels"]),
                                              self.price, scale)


def read_levels(path, price, scale):
    """Levels as (log distance, notional), each side sorted from the nearest to the farthest."""
    shorts, longs = [], []
    for line, row in read_table(path, ("side", "price_usd", "notional_usd")):
        where = f"{path}:{line}"
        level = as_number(row["price_usd"], f"{where}: price_usd")
        notional = as_number(row["notional_usd"], f"{where}: notional_usd")
        if level <= 0 or notional < 0:
            raise BadInput(f"{where}: price must be positive and notional not negative")
        if row["side"] == "short" and level > price:
            shorts.append((math.log(level / price), notional * scale))
        elif row["side"] == "long" and level < price:
            longs.append((math.log(level / price), notional * scale))
        elif row["side"] in ("short", "long"):
            raise BadInput(f"{where}: price_usd: {row['side']} level on the wrong side of the price {price}")
        else:
            raise BadInput(f"{where}: side: '{row['side']}', expected short or long")
    shorts.sort()
    longs.sort(key=lambda level: (-level[0], level[1]))
    return shorts, longs


# ---- the book -------------------------------------------------------------------------------

class PowerSide:
    """V(u) = depth (u/0.01)^shape, so G(e) = 0.01 (e/depth)^(1/shape)."""

    def __init__(self, depth, shape, path):
        if depth is None or depth <= 0:
            raise BadInput(f"{path}: book.depth: required and positive")
        if shape <= 0:
            raise BadInput(f"{path}: book.shape: must be positive")
        self.depth = depth
        self.exponent = 1.0 / shape

    def displacement(self, e):
        return 0.01 * (e / self.depth) ** self.exponent


class TableSide:
    """V(u) piecewise linear from (0, 0) through the rows; past the last row its last slope goes on."""

    def __init__(self, path, side):
        points = []
        for line, row in read_table(path, ("side", "distance_bp", "cumulative_usd")):
            if row["side"] not in ("ask", "bid"):
                raise BadInput(f"{path}:{line}: side: '{row['side']}', expected ask or bid")
            if row["side"] == side:
                points.append((as_number(row["distance_bp"], f"{path}:{line}") * 1e-4,
                               as_number(row["cumulative_usd"], f"{path}:{line}")))
        points.sort()
        if points and points[0][0] > 0:
            points.insert(0, (0.0, 0.0))
        self.u = [u for u, _ in points]
        self.v = [v for _, v in points]
        if len(points) < 2 or self.u[0] < 0 or self.v[0] < 0:
            raise BadInput(f"{path}: {side}: needs rows at positive distances")
        for i in range(1, len(points)):
            if self.u[i] <= self.u[i - 1] or self.v[i] < self.v[i - 1]:
                raise BadInput(f"{path}: {side}: distances must rise and volumes must not fall")
        self.last_slope = (self.v[-1] - self.v[-2]) / (self.u[-1] - self.u[-2])
        if self.last_slope <= 0:
            raise BadInput(f"{path}: {side}: the last two rows must differ in volume")
        self.depth = self.volume(0.01)

    def volume(self, u):
        if u >= self.u[-1]:
            return self.v[-1] + self.last_slope * (u - self.u[-1])
        i = bisect.bisect_right(self.u, u)
        share = (u - self.u[i - 1]) / (self.u[i] - self.u[i - 1])
        return self.v[i - 1] + share * (self.v[i] - self.v[i - 1])

    def displacement(self, e):
        if e >= self.v[-1]:
            return self.u[-1] + (e - self.v[-1]) / self.last_slope
        i = bisect.bisect_left(self.v, e)             # first row that holds at least e
        if i == 0:
            return self.u[0]
        share = (e - self.v[i - 1]) / (self.v[i] - self.v[i - 1])
        return self.u[i - 1] + share * (self.u[i] - self.u[i - 1])


def displacement(sc, total):
    """G: signed displacement of the book for the signed missing volume."""
    if total > 0:
        return sc.asks.displacement(total)
    if total < 0:
        return -sc.bids.displacement(-total)
    return 0.0


class Impact:
    """What forced orders have done to the price on one path: P, E_i and A."""

    def __init__(self, sc):
        self.sc = sc
        self.p = 0.0
        self.e = [0.0] * len(sc.halflife)
        self.a = 0.0

    def execute(self, q_usd):
        """A forced order: positive buys, negative sells."""
        sc = self.sc
        depth = sc.asks.depth if q_usd > 0 else sc.bids.depth
        q = 1.0 / (1.0 + sc.gamma * self.a)
        self.p += sc.permanent * 0.01 * q_usd / depth
        for i, w in enumerate(sc.weights):
            self.e[i] += w * (1.0 - sc.permanent) * q_usd / q
        self.a += abs(q_usd) / depth

    def decay(self, factors, a_factor):
        for i, f in enumerate(factors):
            self.e[i] *= f
        self.a *= a_factor

    def log_price(self):
        return self.p + displacement(self.sc, sum(self.e))


# ---- one path -------------------------------------------------------------------------------

def decay_factors(sc, dt):
    return [math.exp(-math.log(2) * dt / h) for h in sc.halflife], \
        math.exp(-math.log(2) * dt / sc.withdrawal_halflife)


def simulate_path(sc, dt, rng):
    """One path; returns (hit target, hit floor, forced short, forced long, final log, peak log)."""
    shorts, longs = sc.shorts, sc.longs
    x_target = math.log(sc.target / sc.price) if sc.target else INF
    x_floor = math.log(sc.floor / sc.price) if sc.floor else -INF
    next_short = next_long = 0                        # frontier on each side
    forced_short = forced_long = 0.0
    hit_target = hit_floor = False
    impact = Impact(sc)
    moving = False                                    # is there any transient displacement to decay?
    s = x = peak = 0.0
    gauss = rng.gauss

    steps = max(1, math.ceil(sc.horizon / dt - 1e-9))
    lengths = [(steps - 1, dt), (1, sc.horizon - (steps - 1) * dt)]     # the last step may be shorter
    for count, length in lengths:
        mean = sc.drift * length
        sd = sc.sigma * math.sqrt(length)
        factors, a_factor = decay_factors(sc, length)
        # Nothing can happen while x stays strictly inside (low, high).
        high = low = None
        for _ in range(count):
            s += gauss(mean, sd)
            if moving:
                impact.decay(factors, a_factor)
                x = s + impact.log_price()
            else:
                x = s                                 # no forced order yet, or impact off
            if high is not None and low < x < high:
                if x > peak:
                    peak = x
                continue

            while True:                               # the cascade: nearest crossed level, look again
                if next_short < len(shorts) and shorts[next_short][0] <= x:
                    order = shorts[next_short][1]
                    forced_short += order
                    next_short += 1
                elif next_long < len(longs) and longs[next_long][0] >= x:
                    order = -longs[next_long][1]
                    forced_long -= order
                    next_long += 1
                else:
                    break
                if sc.impact == "on":
                    impact.execute(order)
                    moving = True
                    x = s + impact.log_price()
                if x >= x_target:
                    hit_target = True
                if x <= x_floor:
                    hit_floor = True
            if x >= x_target:
                hit_target = True
            if x <= x_floor:
                hit_floor = True
            if x > peak:
                peak = x
            high = shorts[next_short][0] if next_short < len(shorts) else INF
            low = longs[next_long][0] if next_long < len(longs) else -INF
            if not hit_target:
                high = min(high, x_target)
            if not hit_floor:
                low = max(low, x_floor)
    return hit_target, hit_floor, forced_short, forced_long, x, peak


# ---- many paths -----------------------------------------------------------------------------

def mean_se(values):
    n = len(values)
    mean = math.fsum(values) / n
    if n < 2:
        return {"value": mean, "se": None}
    variance = math.fsum((v - mean) ** 2 for v in values) / (n - 1)
    return {"value": mean, "se": math.sqrt(variance / n)}


def sd_se(values):
    """Sample standard deviation; its standard error from the fourth moment."""
    n = len(values)
    if n < 2:
        return {"value": None, "se": None}
    mean = math.fsum(values) / n
    variance = math.fsum((v - mean) ** 2 for v in values) / (n - 1)
    fourth = math.fsum((v - mean) ** 4 for v in values) / n
    sd = math.sqrt(variance)
    se = math.sqrt(max(0.0, fourth - variance * variance) / n) / (2 * sd) if sd > 0 else 0.0
    return {"value": sd, "se": se}


def run(sc, dt, paths, seed):
    """Simulate; path k uses its own stream, seeded by (seed, k)."""
    results = [simulate_path(sc, dt, random.Random(f"{seed}/{k}")) for k in range(paths)]
    target, floor, short, long_, final, peak = zip(*results)
    out = {"schema": "squeeze/reference-1", "scenario": sc.name, "dt_s": dt, "paths": paths,
           "seed": str(seed), "horizon_s": sc.horizon, "start_price_usd": sc.price}
    if sc.target:
        out["target"] = {"price_usd": sc.target, "probability": mean_se(target)}
    if sc.floor:
        out["floor"] = {"price_usd": sc.floor, "probability": mean_se(floor)}
    out["forced_usd"] = {"short": mean_se(short), "long": mean_se(long_)}
    out["final_log"] = {"mean": mean_se(final), "sd": sd_se(final)}
    out["peak_log"] = mean_se(peak)
    return out


def print_summary(out):
    print(f"{out['scenario'] or 'scenario'}: {out['paths']} paths, dt {out['dt_s']:g} s, seed {out['seed']}")
    rows = [(f"P(touch {out[k]['price_usd']:g} USD)", out[k]["probability"], "1")
            for k in ("target", "floor") if k in out]
    rows += [("forced short, mean", out["forced_usd"]["short"], "USD"),
             ("forced long, mean", out["forced_usd"]["long"], "USD"),
             ("final log price, mean", out["final_log"]["mean"], "1"),
             ("final log price, sd", out["final_log"]["sd"], "1"),
             ("peak log price, mean", out["peak_log"], "1")]
    for label, e, unit in rows:
        value, se = ("nan" if v is None else f"{v:.6g}" for v in (e["value"], e["se"]))
        print(f"{label:<26} {value:>13}  se {se:<12} {unit}")


def main(argv=None):
    parser = argparse.ArgumentParser(description="Slow, obvious, time-stepped reference of one scenario.")
    parser.add_argument("scenario", metavar="SCENARIO.csv")
    parser.add_argument("--dt", type=float, required=True, help="time step in seconds")
    parser.add_argument("-n", "--paths", type=int, required=True)
    parser.add_argument("-s", "--seed", type=int, required=True)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE[UNIT]")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    if not (args.dt > 0 and math.isfinite(args.dt)) or args.paths < 1:
        parser.error("--dt and --paths must be positive")
    try:
        scenario = Scenario(args.scenario, args.set)
    except BadInput as e:
        print(e, file=sys.stderr)
        return 3
    out = run(scenario, args.dt, args.paths, args.seed)
    if args.json:
        print(json.dumps(out, indent=2))
    else:
        print_summary(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
