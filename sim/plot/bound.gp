# SPDX-License-Identifier: GPL-3.0-or-later
# bound: how probable the recorded range, or a smaller one, would have been had the map stood at a scale; scales below 5 % are refuted.
# bound.csv: scale,probability,lo,hi    (scale 0: without impact)

# ---- Constants
plot_mm = narrow ? 50 : 66
left_mm = narrow ? 11 : 13
right_mm = narrow ? 6 : 8
bottom_mm = 11.5
level = 5.                             # per cent: refuted below
aside = narrow ? 3.5 : 2.2                            # the point without impact stands that factor below the least scale

# ---- Title
scale_text(x) = sprintf("%.2g", x)
title_text = !has_bound ? "Even without liquidations the price would have ranged more widely: the volatility does not suit the record" : \
  bound_open ? "The record refutes no scale of the map" : sprintf("The record refutes this map above %s times its notional", scale_text(upper_95))
subtitle_text = sprintf("%s · record of %.3g %s from %s, a range of %.3g %%", scenario_name, time_end, time_unit, record_begin[1:10]." ".record_begin[12:16], range_percent).\
  " · assumes that the map stood like this when the record began"

# ---- Ranges
from = 1e300; to = -from; top = 2*level
stats 'bound.csv' using (strcol(1) eq "scale" ? 0 : ($1 > 0 ? (from = min(from, $1), to = max(to, $1)) : 0, top = max(top, 100*$4), 0)) nooutput
at(s) = s > 0 ? s : from/aside

eval page("bound", bottom_mm + plot_mm + 7)
eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+plot_mm, "probability of a range at most as recorded, %", levels_scale == 1 ? "scale of the map" : sprintf("scale of the map, times the scenario''s %g", levels_scale))
set logscale x
set xrange [from/aside/1.5:to*1.1]; set yrange [0:1.25*top]; set ytics 0, step(top/6), 100
scale_tick(x) = sprintf("%g", x)
eval log_tics("x", from, to, panel_mm/(1.4*text_mm("0.05", label_pt)), "scale_tick")
set xtics add ("none" from/aside)
set arrow 1 from graph 0, first level to graph 1, first level nohead back lw 0.8 dt (8, 6) lc rgb grey_colour
if (top > 6*level) { set label 50 "5 %: refuted below" at graph 0.01, first level left offset 0, 0.6 font note_font tc rgb grey_colour
} else { set label 50 "5 %: refuted below" at graph 0.99, first level right offset 0, 0.6 font note_font tc rgb grey_colour }
if (has_bound && !bound_open) {
  set arrow 2 from first upper_95, graph 0 to first upper_95, graph 1 nohead back lw line_pt lc rgb short_colour
  beyond = log(upper_95/from) > 0.6*log(to/from)
  if (beyond) { set label 51 sprintf("upper 95 %% bound\n%s", scale_text(upper_95)) at first upper_95, graph 0.95 right offset -0.6, 0 font label_font tc rgb short_colour } \
  else { set label 51 sprintf("upper 95 %% bound\n%s", scale_text(upper_95)) at first upper_95, graph 0.95 left offset 0.6, 0 font label_font tc rgb short_colour }
}
curve(k) = $1 > 0 ? 100*column(k) : NaN
plot 'bound.csv' skip 1 using ($1 > 0 ? $1 : NaN):(curve(3)):(curve(4)) with filledcurves lc rgb neutral_mid title '95 %', \
  '' skip 1 using ($1 > 0 ? $1 : NaN):(curve(2)) with linespoints pt 7 ps 0.35 lw line_pt lc rgb long_colour title 'with the map at this scale', \
  '' skip 1 using (at($1)):($1 > 0 ? NaN : 100*$2):(100*$3):(100*$4) with yerrorbars pt 6 ps 0.8 lw line_pt lc rgb grey_colour title 'without impact'
unset output
