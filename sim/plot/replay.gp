# SPDX-License-Identifier: GPL-3.0-or-later
# replay: a recorded price with what it forces, and the price less the impact of that as a band over depth and scale.
# replay.csv: time,time_s,open_usd,high_usd,low_usd,close_usd,forced_short_usd,forced_long_usd,deleveraged_usd,fund_usd,
#   reported_short_usd,reported_long_usd,destroyed_usd,displacement_lo_log,displacement_hi_log,order

# ---- Constants
price_mm = narrow ? 46 : 58; flow_mm = narrow ? 20 : 24; gap_mm = 9; bottom_mm = 11.5
left_mm = narrow ? 14 : 16; right_mm = narrow ? 5 : 7
band_colour = neutral_mid

# ---- Time from the beginning of the record
unit_s = horizon_s <= 3*3600 ? 60. : horizon_s <= 3*86400 ? 3600. : 86400.
unit_name = unit_s == 60 ? "minutes" : unit_s == 3600 ? "hours" : "days"
end = horizon_s/unit_s

# ---- Ranges, and bars put together so that no more than fit are drawn
most = narrow ? 60 : 130
stats 'replay.csv' using (strcol(1) eq "time" ? NaN : $2) nooutput
n_bars = STATS_records
bar_s = horizon_s/max(1, n_bars)
flow_s = bar_s*ceil(n_bars/real(most))
lo = 1e300; hi = -lo
cell(k) = strlen(strcol(k)) ? real(strcol(k)) : 0.
less(p, k) = p*exp(-cell(k))
reach(a, b) = (lo = min(lo, min(a, b)), hi = max(hi, max(a, b)), 0)
stats 'replay.csv' using (strcol(1) eq "time" ? NaN : (reach($4, $5), explained ? reach(less($6, 14), less($6, 15)) : 0, 0)) nooutput
margin = 0.05*(hi-lo); lo = lo-margin; hi = hi+margin
slots = int(ceil(horizon_s/flow_s)) + 1
array SHORT[slots]; array LONG[slots]; array BESIDE[slots]
do for [i=1:slots] { SHORT[i] = 0.; LONG[i] = 0.; BESIDE[i] = 0. }
beside(k) = beside_name eq "reported" ? cell(11)+cell(12) : beside_name eq "destroyed" ? cell(13) : 0.
take(i) = (SHORT[i] = SHORT[i]+cell(7), LONG[i] = LONG[i]+cell(8), BESIDE[i] = BESIDE[i]+beside(0), 0)
stats 'replay.csv' using (strcol(1) eq "time" ? NaN : take(int($2/flow_s) + 1)) nooutput
top = 0.
do for [i=1:slots] { top = max(top, max(SHORT[i]+LONG[i], BESIDE[i])) }
top = top > 0 ? 1.1*top : 1.
scale = money_scale(top)

# ---- Title
percent(x) = sprintf(x < 10 ? "%.2g" : "%.0f", x)
side_text = forced_long > forced_short ? money(forced_long)." USD of longs".(forced_short > 0 ? " and ".money(forced_short)." of shorts" : "") : \
  money(forced_short)." USD of shorts".(forced_long > 0 ? " and ".money(forced_long)." of longs" : "")
title_text = forced_short + forced_long <= 0 ? "The recorded price reaches none of these positions" : \
  "The recorded price forces ".side_text.(explained ? sprintf("; their orders make %s to %s %% of the move to %s", percent(100*share_lo), percent(100*share_hi), price(extreme_price)) : "")
subtitle_text = scenario_name." · from ".record_begin[1:10]." ".record_begin[12:16]." UTC".\
  (explained ? " · grey: low to high of each bar · blue band: the price less the impact of forced orders, over the depths and scales tried" : " · grey: low to high of each bar; it contains the impact of what was forced")

eval page("replay", bottom_mm + flow_mm + gap_mm + price_mm + 7)
set multiplot
set xrange [0:end]
eval panel(left_mm, width_mm-right_mm, bottom_mm+flow_mm+gap_mm, bottom_mm+flow_mm+gap_mm+price_mm, "price, USD", "")
set yrange [lo:hi]
eval price_tics("y", lo, hi, 6)
set format x ""
x_of(s) = s/unit_s
with_band = explained ? "'replay.csv' skip 1 using (x_of($2+bar_s)):(less($6, 14)):(less($6, 15)) with filledcurves lc rgb band_colour title 'without forced orders', " : ""
plot @with_band \
  'replay.csv' skip 1 using (x_of($2+0.5*bar_s)):5:4 with filledcurves lc rgb "#DDDDDD" title 'low to high', \
  '' skip 1 using (x_of($2+bar_s)):6 with lines lw line_pt lc rgb "#000000" title 'recorded close'
eval page_done
unset label 4; unset label 5
eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+flow_mm, sprintf("forced in %g %s, %s%s", flow_s/unit_s, flow_s == unit_s ? unit_name[1:strlen(unit_name)-1] : unit_name, money_unit(top), \
  beside_name eq "reported" ? " (line: reported)" : beside_name eq "destroyed" ? " (line: fall of open interest)" : ""), unit_name." from the beginning of the record")
set yrange [0:top/scale]; set ytics step(top/scale/3)
set format x "%g"; set format y "%g"
set boxwidth 0.85*flow_s/unit_s absolute
set print $flow
do for [i=1:slots] { print sprintf("%.17g,%.17g,%.17g,%.17g", x_of((i-0.5)*flow_s), SHORT[i]/scale, (SHORT[i]+LONG[i])/scale, BESIDE[i]/scale) }
unset print
with_line = strlen(beside_name) ? ", $flow using 1:4 with histeps lw line_pt lc rgb grey_colour title beside_name" : ""
plot $flow using 1:3 with boxes lc rgb long_colour title 'longs', \
  $flow using 1:2 with boxes lc rgb short_colour title 'shorts' @with_line
unset multiplot
unset output
