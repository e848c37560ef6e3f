#!/usr/bin/env python3
"""reference.py: a slow, obvious, time-stepped simulator of one scenario.

It shares no code with squeeze. Its answers carry a discretisation error that falls like sqrt(dt),
because a crossing between two steps is not seen: run it at two or three steps, extrapolate in
sqrt(dt), and compare with the exact engine.

One path keeps (logs relative to the start price; notional in USD, + buys, - sells):

    S      exogenous log price             S   += drift dt + sigma sqrt(dt) N(0, 1), and Merton's jumps
    E_i    volume missing from the book    E_i *= exp(-dt ln 2 / halflife_i)
    A      stress                          A   *= exp(-dt ln 2 / withdrawal.halflife)
    P      permanent impact
    D      = G(sum of E_i)                 displacement of the book
    M      moving average of D             M   += (D - M) (1 - exp(-dt / mark.window)), D over the step
    last   = S + P + D                     target, floor and peak are of this price
    index  = S + P
    mark   = S + P + M

After each step orders that are due are executed, the nearest level that its price (last, index or
mark) has crossed is fired, and so on until there is neither. A level fired at time t is forced with
exp(-levels.attrition t) (1 - levels.topup) of its notional. Its order waits for the latency and
joins the line of its side, buys or sells, where it stands until all orders before it are through; it
takes |Q| / slice.rate to be through and leaves in pieces of slice.rate slice.interval, one every
slice.interval, the last one what is left. An order (or piece) of signed notional Q does:

    q    = 1 / (1 + withdrawal.gamma A)          read before the order's own stress is added
    P   += permanent 0.01 Q / depth
    E_i += weight_i (1 - permanent) Q / q
    A   += |Q| / depth

depth is that of the side the order eats: asks for a buy, bids for a sell. For a table book it is the
cumulative notional at 100 bp. G uses the ask book for a positive total, the bid book for a negative.

With --shift the walk is taken to have come 0.5826 sigma sqrt(dt) further, both ways, than its steps
show: the mean of what is missed between them (Broadie, Glasserman and Kou 1997). That leaves an error
that falls like dt, except where an order carries the price just to the next level or watch.

Supported keys are those in KEYS below; any other key is an error. Python 3 standard library only.
"""
import argparse
import bisect
import csv
import heapq
import json
import math
import os
import random
import re
import sys

INF = math.inf
YEAR_S = 365 * 86400.0                      # crypto trades every day
MISSED = 0.5825971579390106                 # -zeta(1/2) / sqrt(2 pi)

TIME = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
UNITS = {                                   # kind -> unit -> factor to the program's unit
    "text": {"": 1.0},
    "usd": {"usd": 1.0},
    "usd/s": {"usd/s": 1.0},
    "time": TIME,
    "rate": {"1/s": 1.0, "1/h": 1 / 3600.0, "1/d": 1 / 86400.0, "1/yr": 1 / YEAR_S},
    "vol": {"1/sqrt(s)": 1.0, "1/sqrt(d)": 1 / math.sqrt(86400.0), "1/sqrt(yr)": 1 / math.sqrt(YEAR_S)},
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
    "trigger": ("text", ""), "mark.window": ("time", "s"),
    "latency": ("time", "s"), "latency.law": ("text", ""),
    "slice.rate": ("usd/s", "usd/s"), "slice.interval": ("time", "s"),
    "levels.attrition": ("rate", "1/d"), "levels.topup": ("share", "1"),
    "jumps.rate": ("rate", "1/d"), "jumps.mean": ("number", "1"), "jumps.sd": ("number", "1"),
    "peak.resolution": ("bp", "bp"),        # accepted and not used: extremes are recorded at every step
}
OTHER_DRIVERS = {"calendar", "regimes", "flow", "hunter", "funding", "replay"}
CHOICES = {"book": ("power", "table"), "impact": ("on", "off"), "trigger": ("last", "mark", "index"),
           "latency.law": ("fixed", "exponential")}
POSITIVE = {"price", "horizon", "book.halflife", "book.depth", "book.depth_ask", "book.depth_bid", "book.shape",
            "book.shape_ask", "book.shape_bid", "withdrawal.halflife", "mark.window", "slice.rate", "slice.interval"}
ANY_SIGN = {"drift", "jumps.mean"}          # all others must not be negative
UP_TO_ONE = {"book.permanent", "book.weights", "levels.topup"}
MAY_BE_INFINITE = {"book.halflife", "withdrawal.halflife", "mark.window", "slice.rate", "peak.resolution"}
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
    return [(line, dict(zip(header, cells + [""] * (len(header) - len(cells))))) for line, cells in rows[1:]]


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
    driver = key.partition(".")[0]
    if driver in OTHER_DRIVERS:
        raise BadInput(f"{where}: {key}: the reference has no driver {driver}; it knows jumps alone")
    if key not in KEYS:
        raise BadInput(f"{where}: {key}: key not supported by the reference")
    kind, default_unit = KEYS[key]
    if kind == "text":
        if text not in CHOICES.get(key, [text]):
            raise BadInput(f"{where}: {key}: '{text}', expected {' or '.join(CHOICES[key])}")
        return text
    unit = unit or default_unit
    if unit not in UNITS[kind]:
        raise BadInput(f"{where}: {key}: unit '{unit}', expected one of {' '.join(UNITS[kind])}")
    values = []
    for part in text.split(";") if key in LISTS else [text]:
        m = NUMBER.fullmatch(part.strip())
        if not m or (m.group(2) and not kind.startswith("usd")):
            raise BadInput(f"{where}: {key}: '{part}' is not a number")
        value = float(m.group(1)) * SUFFIX.get(m.group(2), 1.0) * UNITS[kind][unit]
        if math.isinf(value) and key not in MAY_BE_INFINITE:
            raise BadInput(f"{where}: {key}: must be finite")
        if value < 0 and key not in ANY_SIGN or value == 0 and key in POSITIVE:
            raise BadInput(f"{where}: {key}: must {'be positive' if key in POSITIVE else 'not be negative'}")
        if value > 1 and key in UP_TO_ONE:
            raise BadInput(f"{where}: {key}: expected 0 to 1")
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

    def __init__(self, path, settings=(), allow_crossed=False):
        v, origin = {}, {}
        rows = read_csv(path)
        if not rows or rows[0][1][:2] != ["key", "value"]:
            raise BadInput(f"{path}:1: expected the header key,value,unit,note")
        for line, cells in rows[1:]:
            key, value, unit = (cells + ["", "", ""])[:3]
            if key in v:
                raise BadInput(f"{path}:{line}: {key}: given twice")
            v[key], origin[key] = convert(key, value, unit, f"{path}:{line}"), os.path.dirname(path)
        for text in settings:
            key, value, unit = split_setting(text)
            v[key], origin[key] = convert(key, value, unit, f"--set {text}"), ""
        for key in ("price", "horizon", "levels", "volatility"):
            if key not in v:
                raise BadInput(f"{path}: {key}: required")

        self.name = v.get("name", "")
        self.price, self.horizon = v["price"], v["horizon"]
        self.sigma, self.drift = v["volatility"], v.get("drift", 0.0)
        self.target, self.floor = v.get("target"), v.get("floor")
        self.impact = v.get("impact", "on")
        self.permanent = v.get("book.permanent", 0.2)
        self.halflife = v.get("book.halflife", [20.0, 900.0])
        n = len(self.halflife)
        default_weights = [0.7, 0.3] if self.halflife == [20.0, 900.0] else [1.0 / n] * n
        self.weights = v.get("book.weights", default_weights)
        self.gamma = v.get("withdrawal.gamma", 0.0)
        self.withdrawal_halflife = v.get("withdrawal.halflife", 600.0)
        self.trigger, self.window = v.get("trigger", "last"), v.get("mark.window", 30.0)
        self.latency, self.latency_law = v.get("latency", 0.0), v.get("latency.law", "fixed")
        self.rate, self.interval = v.get("slice.rate", INF), v.get("slice.interval", 1.0)
        self.attrition, self.topup = v.get("levels.attrition", 0.0), v.get("levels.topup", 0.0)
        self.jump_rate, self.jump_mean, self.jump_sd = (v.get(f"jumps.{k}", 0.0) for k in ("rate", "mean", "sd"))

        def require(ok, what):
            if not ok:
                raise BadInput(f"{path}: {what}")
        require(len(self.weights) == n, "book.weights: as many as half-lives")
        require(abs(math.fsum(self.weights) - 1) < 1e-9, "book.weights: must sum to 1")
        require("jumps.rate" in v or not {"jumps.mean", "jumps.sd"} & v.keys(), "jumps.rate: required with jumps.")
        require(self.target is None or self.target > self.price, "target: must be above the price")
        require(self.floor is None or 0 < self.floor < self.price, "floor: must be below the price")

        self.target_log = math.log(self.target / self.price) if self.target else INF
        self.floor_log = math.log(self.floor / self.price) if self.floor else -INF

        if v.get("book", "power") == "power":
            self.asks, self.bids = [
                PowerSide(v.get(f"book.depth_{side}", v.get("book.depth")),
                          v.get(f"book.shape_{side}", v.get("book.shape", 1.0)), path)
                for side in ("ask", "bid")]
        else:
            require("book.table" in v, "book.table: required by book table")
            table = os.path.join(origin["book.table"], v["book.table"])
            self.asks, self.bids = TableSide(table, "ask"), TableSide(table, "bid")

        self.shorts, self.longs = read_levels(os.path.join(origin["levels"], v["levels"]),
                                              self.price, v.get("levels.scale", 1.0), allow_crossed)


def read_levels(path, price, scale, allow_crossed):
    """Levels as (log distance, notional), each side sorted from the nearest to the farthest."""
    shorts, longs = [], []
    for line, row in read_table(path, ("side", "price_usd", "notional_usd")):
        where = f"{path}:{line}"
        level = as_number(row["price_usd"], f"{where}: price_usd")
        notional = as_number(row["notional_usd"], f"{where}: notional_usd")
        if level <= 0 or notional < 0:
            raise BadInput(f"{where}: price must be positive and notional not negative")
        if row["side"] == "short" and (level > price or allow_crossed):
            shorts.append((math.log(level / price), notional * scale))
        elif row["side"] == "long" and (level < price or allow_crossed):
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
        if depth is None:
            raise BadInput(f"{path}: book.depth: required")
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
    """What forced orders have done to the price on one path: P, E_i, A, D and M."""

    def __init__(self, sc):
        self.sc = sc
        self.e = [0.0] * len(sc.halflife)
        self.p = self.a = self.d = self.m = 0.0

    def execute(self, q_usd):
        """A forced order: positive buys, negative sells."""
        sc = self.sc
        depth = sc.asks.depth if q_usd > 0 else sc.bids.depth
        q = 1.0 / (1.0 + sc.gamma * self.a)
        self.p += sc.permanent * 0.01 * q_usd / depth
        for i, w in enumerate(sc.weights):
            self.e[i] += w * (1.0 - sc.permanent) * q_usd / q
        self.a += abs(q_usd) / depth
        self.d = displacement(sc, sum(self.e))

    def pass_time(self, kept):
        """One step; `kept` is what each part keeps of itself over it."""
        before = self.d
        self.e = [e * share for e, share in zip(self.e, kept.e)]
        self.a *= kept.a
        self.d = displacement(self.sc, sum(self.e))
        self.m += (0.5 * (before + self.d) - self.m) * (1.0 - kept.m)


class Kept:
    """What is left of E_i, A, and of the distance from M to D, after a step."""

    def __init__(self, sc, dt):
        self.e = [math.exp(-math.log(2) * dt / h) for h in sc.halflife]
        self.a = math.exp(-math.log(2) * dt / sc.withdrawal_halflife)
        self.m = math.exp(-dt / sc.window)


# ---- from touch to fill ---------------------------------------------------------------------

class Desk:
    """Forced orders on their way: when they join the line of their side, and when pieces leave."""

    def __init__(self, sc, rng):
        self.sc, self.rng = sc, rng
        self.waiting = []                             # heap of (time, number, in line?, signed notional)
        self.number = 0                               # of the entry: equal times leave as they came
        self.free = {1: 0.0, -1: 0.0}                 # when the line of buys, of sells is through

    def add(self, time, in_line, q_usd):
        heapq.heappush(self.waiting, (time, self.number, in_line, q_usd))
        self.number += 1

    def touched(self, now, q_usd):
        """A level of this signed notional fired."""
        wait = self.sc.latency
        if wait > 0 and self.sc.latency_law == "exponential":
            wait *= self.rng.expovariate(1.0)
        self.add(now + wait, False, q_usd)

    def stand_in_line(self, now, q_usd):
        """The order joins its line at `now`: plan all its pieces."""
        if self.sc.rate == INF:
            return self.add(now, True, q_usd)
        side = 1 if q_usd > 0 else -1
        start = max(now, self.free[side])
        self.free[side] = start + abs(q_usd) / self.sc.rate
        piece = self.sc.rate * self.sc.interval
        whole = int(abs(q_usd) / piece)               # pieces of full size
        for k in range(whole):
            self.add(start + k * self.sc.interval, True, side * piece)
        rest = abs(q_usd) - whole * piece
        if rest > 0:
            self.add(start + whole * self.sc.interval, True, side * rest)

    def due(self, now):
        """The signed notional of the next order to execute by now, or None."""
        while self.waiting and self.waiting[0][0] <= now:
            time, _, in_line, q_usd = heapq.heappop(self.waiting)
            if in_line:
                return q_usd
            self.stand_in_line(time, q_usd)
        return None


# ---- one path -------------------------------------------------------------------------------

class Path:
    """What one path has come to."""

    def __init__(self, sc, rng):
        self.sc = sc
        self.s = 0.0                                  # exogenous log price
        self.impact = Impact(sc)
        self.desk = Desk(sc, rng)
        self.moving = False                           # has there been a forced order that moves the book?
        self.next_short = self.next_long = self.forced_short = self.forced_long = 0    # frontiers, notional
        self.hit_target = self.hit_floor = False
        self.peak = 0.0

    def last(self):
        return self.s + self.impact.p + self.impact.d

    def watched(self):
        """The price that levels watch."""
        if self.sc.trigger == "last":
            return self.last()
        return self.s + self.impact.p + (self.impact.m if self.sc.trigger == "mark" else 0.0)

    def fire(self, now, levels, number, sign):
        """Level `number` of a side is reached; returns what is forced of it."""
        forced = levels[number][1] * math.exp(-self.sc.attrition * now) * (1.0 - self.sc.topup)
        if self.sc.impact == "on":
            self.desk.touched(now, sign * forced)
        return forced

    def fire_nearest(self, now, top, bottom):
        """Fire the nearest level at or below `top` (a short), at or above `bottom` (a long), if any."""
        shorts, longs = self.sc.shorts, self.sc.longs
        beyond_short = top - shorts[self.next_short][0] if self.next_short < len(shorts) else -INF
        beyond_long = longs[self.next_long][0] - bottom if self.next_long < len(longs) else -INF
        if max(beyond_short, beyond_long) < 0:
            return False
        if beyond_long < 0 or 0 <= beyond_short <= beyond_long:
            self.forced_short += self.fire(now, shorts, self.next_short, 1)
            self.next_short += 1
        else:
            self.forced_long += self.fire(now, longs, self.next_long, -1)
            self.next_long += 1
        return True

    def execute_due(self, now):
        """Execute the next order that is due, if any."""
        order = self.desk.due(now)
        if order is None:
            return False
        self.impact.execute(order)
        self.moving = True
        self.look(0.0)
        return True

    def settle(self, now, missed):
        """All that follows from where the price is now; the walk came `missed` further since."""
        self.look(missed)
        while True:
            while self.fire_nearest(now, self.watched() + missed, self.watched() - missed):
                if self.sc.latency == 0:              # the order may move the price before the next look
                    self.execute_due(now)
            if not self.execute_due(now):
                return

    def look(self, missed):
        """Take note of the last price."""
        last = self.last()
        self.peak = max(self.peak, last + missed)
        self.hit_target |= last + missed >= self.sc.target_log
        self.hit_floor |= last - missed <= self.sc.floor_log

    def free_until(self):
        """Nothing can happen while the watched price is inside (a, b), the last one inside (c, d)."""
        sc = self.sc
        a = sc.longs[self.next_long][0] if self.next_long < len(sc.longs) else -INF
        b = sc.shorts[self.next_short][0] if self.next_short < len(sc.shorts) else INF
        return a, b, -INF if self.hit_floor else sc.floor_log, INF if self.hit_target else sc.target_log


def simulate_path(sc, dt, shift, seed):
    """One path; returns (hit target, hit floor, forced short, forced long, final log, peak log)."""
    rng = random.Random(seed)
    news = random.Random(f"{seed}/jumps")
    path = Path(sc, random.Random(f"{seed}/latency"))
    waiting, apart, gauss = path.desk.waiting, sc.trigger != "last", rng.gauss
    next_jump = news.expovariate(sc.jump_rate) if sc.jump_rate > 0 else INF
    path.settle(0.0, 0.0)
    a, b, c, d = path.free_until()

    steps = max(1, math.ceil(sc.horizon / dt - 1e-9))
    lengths = [(0, steps - 1, dt), (steps - 1, 1, sc.horizon - (steps - 1) * dt)]  # the last may be shorter
    for first, count, length in lengths:
        mean, sd = sc.drift * length, sc.sigma * math.sqrt(length)
        missed = MISSED * sd if shift else 0.0
        kept = Kept(sc, length)
        for step in range(first, first + count):
            now = step * dt + length
            path.s += gauss(mean, sd)
            while next_jump <= now:
                path.s += news.gauss(sc.jump_mean, sc.jump_sd)
                next_jump += news.expovariate(sc.jump_rate)
            watched = last = path.s
            if path.moving:
                path.impact.pass_time(kept)
                last = path.last()
                watched = path.watched() if apart else last
            if a + missed < watched < b - missed and c + missed < last < d - missed \
                    and not (waiting and waiting[0][0] <= now):
                if last + missed > path.peak:
                    path.peak = last + missed
                continue
            path.settle(now, missed)
            a, b, c, d = path.free_until()
    return path.hit_target, path.hit_floor, path.forced_short, path.forced_long, path.last(), path.peak


# ---- many paths -----------------------------------------------------------------------------

def mean_se(values):
    n, mean = len(values), math.fsum(values) / len(values)
    squares = math.fsum((v - mean) ** 2 for v in values)
    return {"value": mean, "se": math.sqrt(squares / (n - 1) / n) if n > 1 else None}


def run(sc, dt, shift, paths, seed):
    """Simulate; path k uses its own stream, seeded by (seed, k)."""
    results = [simulate_path(sc, dt, shift, f"{seed}/{k}") for k in range(paths)]
    target, floor, short, long_, final, peak = zip(*results)
    out = {"schema": "squeeze/reference-1", "scenario": sc.name, "dt_s": dt, "shift": shift, "paths": paths,
           "seed": str(seed), "horizon_s": sc.horizon, "start_price_usd": sc.price}
    if sc.target:
        out["target"] = {"price_usd": sc.target, "probability": mean_se(target)}
    if sc.floor:
        out["floor"] = {"price_usd": sc.floor, "probability": mean_se(floor)}
    out["forced_usd"] = {"short": mean_se(short), "long": mean_se(long_)}
    out["final_log"], out["peak_log"] = mean_se(final), mean_se(peak)
    return out


def print_summary(out):
    print(f"{out['scenario'] or 'scenario'}: {out['paths']} paths, dt {out['dt_s']:g} s, seed {out['seed']}")
    rows = [(f"P(touch {out[k]['price_usd']:g} USD)", out[k]["probability"], "1")
            for k in ("target", "floor") if k in out]
    rows += [("forced short, mean", out["forced_usd"]["short"], "USD"),
             ("forced long, mean", out["forced_usd"]["long"], "USD"),
             ("final log price, mean", out["final_log"], "1"),
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
    parser.add_argument("--shift", action="store_true", help="add what a walk misses between its steps")
    parser.add_argument("--allow-crossed", action="store_true",
                        help="levels on the wrong side of the price fire at time zero")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    if not (args.dt > 0 and math.isfinite(args.dt)) or args.paths < 1:
        parser.error("--dt and --paths must be positive")
    try:
        scenario = Scenario(args.scenario, args.set, args.allow_crossed)
    except BadInput as e:
        print(e, file=sys.stderr)
        return 3
    out = run(scenario, args.dt, args.shift, args.paths, args.seed)
    print(json.dumps(out, indent=2)) if args.json else print_summary(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
