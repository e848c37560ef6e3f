# SPDX-License-Identifier: GPL-3.0-or-later
# ---- The varied keys of a sweep. points.csv: point,KEY...,...,paths,cut_off_paths,beyond_known_paths; point 0 is the scenario as it is.
set datafile columnheaders
cell(name, otherwise) = strlen(strcol(name)) ? real(strcol(name)) : otherwise    # a cell that may be empty
# Said in the subtitle, of the point with most of them: paths on which orders carried the price beyond where depth is known
most_beyond = 0.
stats 'points.csv' using (most_beyond = max(most_beyond, column("beyond_known_paths")/max(1., column("paths"))), 0) nooutput
known_varies = (exists("x_key") ? x_key eq "book.known" : 0) || (exists("y_key") ? y_key eq "book.known" : 0)
beyond_text = most_beyond > 0 ? sprintf(" · on up to %s of a point's paths the price left the known depth%s", share(most_beyond), known_varies ? "" : " (".known_text.")") : ""
# Divisor and name of a key's unit on an axis that ends at v; dollars below a million are plain dollars
key_scale(unit, v) = unit eq "usd" && v < 0.9995e6 ? 1. : unit eq "usd" || unit eq "usd/s" ? money_scale(v) : unit eq "1/sqrt(d)" ? 0.01 : \
  unit ne "s" ? 1. : v >= 172800 ? 86400. : v >= 7200 ? 3600. : v >= 300 ? 60. : 1.
key_unit(unit, v) = unit eq "usd" ? (v < 0.9995e6 ? "USD" : money_unit(v)) : unit eq "usd/s" ? money_unit(v)."/s" : unit eq "1" ? "" : \
  unit eq "1/sqrt(d)" ? "% per sqrt(day)" : unit eq "1/d" ? "per day" : unit eq "1/s" ? "per second" : unit eq "1/yr" ? "per year" : \
  unit ne "s" ? unit : v >= 172800 ? "days" : v >= 7200 ? "hours" : v >= 300 ? "minutes" : "seconds"
key_text(unit, v) = unit eq "usd" ? money(v)." USD" : minus(sprintf("%.4g", v/key_scale(unit, v))).(strlen(key_unit(unit, v)) ? " ".key_unit(unit, v) : "")
# Two values of one key: the unit is said once if both have it
key_span(unit, a, b) = unit eq "usd" && b < 0.9995e6 ? price(a)." to ".price(b)." USD" : unit ne "usd" && key_scale(unit, a) == key_scale(unit, b) ? sprintf("%s to %s", minus(sprintf("%.4g", a/key_scale(unit, b))), key_text(unit, b)) : \
  key_text(unit, a)." to ".key_text(unit, b)
key_and(unit, a, b) = unit eq "usd" && b < 0.9995e6 ? price(a)." and ".price(b)." USD" : unit ne "usd" && key_scale(unit, a) == key_scale(unit, b) ? sprintf("%s and %s", minus(sprintf("%.3g", a/key_scale(unit, b))), minus(sprintf("%.3g", b/key_scale(unit, b)))) : \
  key_text(unit, a)." and ".key_text(unit, b)
# What a key is in words; a key without any is its own name
key_words(key) = key eq "levels.scale" ? "scale of the map" : key eq "book.depth" ? "depth of the book within 1 %" : key eq "book.depth_ask" ? "depth of the asks within 1 %" : \
  key eq "book.depth_bid" ? "depth of the bids within 1 %" : key eq "book.shape" ? "shape of the book" : key eq "book.permanent" ? "permanent share of impact" : \
  key eq "book.halflife" ? "half-life of the book's recovery" : key eq "withdrawal.gamma" ? "withdrawal of depth under stress" : \
  key eq "withdrawal.halflife" ? "half-life of stress" : key eq "volatility" ? "volatility" : key eq "drift" ? "drift of the price" : key eq "horizon" ? "horizon" : \
  key eq "target" ? "target price" : key eq "floor" ? "floor price" : key eq "slice.rate" ? "speed of forced orders" : key eq "slice.interval" ? "time between child orders" : \
  key eq "latency" ? "delay of forced orders" : key eq "levels.attrition" ? "rate of voluntary closes" : \
  key eq "levels.survival" || key eq "levels.topup" ? "share that tops up its margin" : key eq "mark.window" ? "averaging window of the mark price" : \
  key eq "jumps.rate" ? "rate of jumps" : key eq "jumps.mean" ? "mean of a jump" : key eq "jumps.sd" ? "standard deviation of a jump" : \
  key eq "venue.fund" ? "insurance fund" : key eq "population.notional" ? "notional of all accounts" : key eq "population.accounts" ? "number of accounts" : key
key_title(key, unit, top) = key_words(key).(key_words(key) eq key || strstrt(key, ".") == 0 ? "" : " (".key.")").(strlen(key_unit(unit, top)) ? ", ".key_unit(unit, top) : "")
# Ticks from a to b in units of the axis, which shows to_axis of a value
to_axis(v, logarithmic) = logarithmic ? log10(v) : v
key_number(x) = abs(x) >= 1000 ? (x < 0 ? "−" : "").thousands(int(abs(x) + 0.5)) : minus(sprintf("%g", x))
key_tics(axis, a, b, n, logarithmic) = !logarithmic ? \
  sprintf("set %stics (); step_ = step(%.17g); do for [k_=int(ceil(%.17g/step_-1e-9)):int(floor(%.17g/step_+1e-9))] { set %stics add (key_number(k_*step_) k_*step_) }", axis, (b-a)/n, a, b, axis) : \
  sprintf("set %stics (); do for [e_=int(floor(log10(%.17g))):int(ceil(log10(%.17g)))] { do for [m_=1:9] { v_ = m_*10.**e_; ", axis, a, b).\
  sprintf("if (v_ >= %.17g && v_ <= %.17g) { if (m_ == 1 || %d && (m_ == 2 || m_ == 5)) ", a*(1-1e-9), b*(1+1e-9), log10(b/a) < 2.5).\
  sprintf("{ set %stics add (key_number(v_) log10(v_)) } else { set %stics add ('' log10(v_) 1) } } } }", axis, axis)
