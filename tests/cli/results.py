# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what squeeze writes, for the scripts inside the command-line tests."""
import csv
import json
import math
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
