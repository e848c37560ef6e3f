# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what squeeze writes, for the scripts inside the command-line tests."""
import csv
import json
import math
import random
import subprocess

QUANTILES = ("p01", "p05", "p25", "p50", "p75", "p95", "p99")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def table(path):
    """The rows of a CSV file as dictionaries of text."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path):
    with open(path, encoding="utf-8") as file:
        return file.readline().rstrip("\n").split(",")


def answer(program, *arguments):
    """The object that a command prints with --json."""
    command = [program, arguments[0], "-q", "--json", *map(str, arguments[1:])]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def batch(program, *arguments):
    """That of `squeeze batch`, on one thread: test files run side by side."""
    return answer(program, "batch", "-j", 1, *arguments)


def normal(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def touch(distance, sd, shift=0.0):
    """P(a Brownian motion touches `distance` before the horizon); sd and shift are those of its end."""
    if distance < 0:
        distance, shift = -distance, -shift
    below = normal((shift - distance) / sd)
    return below + math.exp(2 * shift * distance / sd ** 2) * normal((-shift - distance) / sd)


def wilson(successes, trials, z=1.959963984540054):
    """The 95 % interval of a probability, Wilson (1927)."""
    p = successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials ** 2))
    return centre - half, centre + half


def agrees(name, value, expected, se, floor=0.0):
    """Within 4 standard errors and a floor."""
    if abs(value - expected) <= 4 * se + floor:
        return True
    print(f"{name}: {value:.8g}, expected {expected:.8g}, standard error {se:.2g}: "
          f"{(value - expected) / se:+.1f} of them")
    return False


def touch_with_jumps(distances, sigma, days, rate, jump_sd, draws, seed=1):
    """P(a Brownian motion with normal jumps at Poisson times touches a distance), for each of them; with its standard error.

    Between jumps the chance of a touch given both ends is that of a Brownian bridge, exp(-2 a b / variance), so
    only ends are drawn and no step is too long.
    """
    draw = random.Random(seed)
    sums = [[0.0, 0.0] for _ in distances]
    for _ in range(draws):
        time, place, missed = 0.0, 0.0, [1.0] * len(distances)
        while time < days:
            wait = min(draw.expovariate(rate), days - time)
            end = place + sigma * math.sqrt(wait) * draw.gauss(0, 1)
            after = end + (jump_sd * draw.gauss(0, 1) if time + wait < days else 0)
            for at, far in enumerate(distances):
                a, b, c = ((far - x) * math.copysign(1, far) for x in (place, end, after))
                missed[at] *= 1 - math.exp(-2 * a * b / (sigma * sigma * wait)) if min(a, b, c) > 0 else 0
            time, place = time + wait, after
        for at, rest in enumerate(missed):
            sums[at][0] += 1 - rest
            sums[at][1] += (1 - rest) ** 2
    means = [one / draws for one, _ in sums]
    return [(mean, math.sqrt((squares / draws - mean * mean) / draws)) for mean, (_, squares) in zip(means, sums)]
