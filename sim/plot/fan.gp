# SPDX-License-Identifier: GPL-3.0-or-later
# fan: how the price spreads over time, and how likely target and floor are touched.
# fan.csv: time_s,p01,p05,p25,p50,p75,p95,p99 and, with attribution, no_impact_p01 to no_impact_p99    paths.csv: path,time_s,kind,price_usd,...

# ---- Constants
plot_mm = narrow ? 58 : 80
left_mm = narrow ? 14 : 16
right_mm = narrow ? 25 : 31        # for the labels at the right edge
bottom_mm = 11.5
path_colour = "#505050"; path_pt = 0.35; most_paths = narrow ? 4 : 8
median_colour = "#0B4F7D"; median_pt = 0.9
axis_gap = 0.012                   # of the width, between the axis and time 0: what happens at once does not run into it
without_pt = 0.9                   # the outline of the world without impact

# ---- Quantiles at the horizon; range of the price axis, stretched for target and floor unless they are far away
sampled = ""; do for [i=1:int(min(most_paths, words(sample_paths)))] { sampled = sampled." ".word(sample_paths, i) }
sample_paths = sampled
array Q[7]; end_without = 0
stats 'fan.csv' using (Q[1]=$2, Q[2]=$3, Q[3]=$4, Q[4]=$5, Q[5]=$6, Q[6]=$7, Q[7]=$8) skip 1 nooutput
stats 'fan.csv' using 2:8 skip 1 nooutput
lo = STATS_min_x; hi = max(STATS_max_y, 1.0001*lo)
if (attributed) {
  stats 'fan.csv' using 10:(end_without = $14, $14) skip 1 nooutput
  lo = min(lo, STATS_min_x); hi = max(hi, STATS_max_y)
}
eval stretch
highest = 0                        # of the paths drawn; they may leave the panel
array FIRST[words(sample_paths)+1]; array LAST[words(sample_paths)+1]; row = -1; last_path = ""; at = 0    # rows of a path stand together
place_of(s, k) = k < 1 || word(sample_paths, k) eq s ? k : place_of(s, k-1)
new_path(s, k) = s eq last_path ? 0 : (last_path = s, at = place_of(s, words(sample_paths)), at > 0 ? (FIRST[at] = k) : 0)
do for [i=1:words(sample_paths)] { FIRST[i] = 0; LAST[i] = 0 }
stats 'paths.csv' using (row = row+1, new_path(strcol(1), row), at > 0 ? (LAST[at] = row, highest = max(highest, $4)) : 0) skip 1 nooutput
margin = 0.03*(hi-lo); lo = lo-margin; hi = hi+margin

# As many decimals in all of them
own_decimals(p, lo, hi) = p >= 1e-4 && p < 1 ? decimals(p, p-(hi-lo)/2) : 0
least_decimals = max(has_target ? own_decimals(target_p, target_lo, target_hi) : 0, has_floor ? own_decimals(floor_p, floor_lo, floor_hi) : 0)
added(v, lo, hi) = !attributed ? "" : forced_zero_share >= 1 ? "; nothing forced on any path" : lo == hi && v == 0 ? "; no uplift by liquidations" : "; uplift by liquidations ".points(v, lo, hi)
title_text = has_target ? sprintf("P(touch %s) %s", price(target_price), chance(target_p, target_lo, target_hi)).added(target_uplift, target_uplift_lo, target_uplift_hi) : \
  has_floor ? sprintf("P(touch %s) %s", price(floor_price), chance(floor_p, floor_lo, floor_hi)).added(floor_uplift, floor_uplift_lo, floor_uplift_hi) : \
  sprintf("After %g %s, 90 %% of paths are between %s and %s", time_end, time_unit, price(Q[2]), price(Q[6]))
subtitle_text = sprintf("%s · %s × %g · ", scenario_name, scaled_name, levels_scale).(paths == 1 ? "one path" : \
  sprintf("bands: 50, 90 and 98 %% of %s paths, dark line: their median", thousands(int(paths))).\
  (attributed ? " · grey outline: 90 % without the impact of liquidations" : "").\
  (words(sample_paths) ? sprintf(" · thin lines: %d paths", words(sample_paths)).(highest > hi ? ", up to ".price(highest) : "") : "")).beyond_text

# ---- Labels at the right edge: target and floor, then the quantiles that fit between them
to_mm(p) = plot_mm*(p-lo)/(hi-lo)
edge_chars = chars(right_mm-2.5, label_pt)
edge_text(name, p, is_far, chance) = wrap((is_far ? (p > hi ? "▲ " : "▼ ") : "").name." ".price(p), edge_chars)."\n".two_lines(bare(chance))
two_lines(s) = strlen(s) > edge_chars && strstrt(s, " (") ? s[1:strstrt(s, " (")-1]."\n".s[strstrt(s, " (")+1:*] : s
array TEXT[8] = ["", "", "95 %", "5 %", "median", "", "75 %", "25 %"]
array PLACE[8]; array SIZE[8]; array COLOUR[8]
without(p) = attributed ? sprintf(sprintf("\nwithout impact\n%%.%df %%%%", least_decimals), 100*p) : ""
TEXT[1] = edge_text("target", target_price, target_far, chance(target_p, target_lo, target_hi)).without(target_without_p)
TEXT[2] = edge_text("floor", floor_price, floor_far, chance(floor_p, floor_lo, floor_hi)).without(floor_without_p)
PLACE[1] = to_mm(target_price); PLACE[2] = to_mm(floor_price)
COLOUR[1] = target_colour; COLOUR[2] = floor_colour
do for [i=3:8] { k = int(word("6 2 4 1 5 3", i-2)); TEXT[i] = TEXT[i]." ".price(Q[k]); PLACE[i] = to_mm(Q[k]); COLOUR[i] = i == 5 ? median_colour : grey_colour }
TEXT[6] = "95 % without\nimpact ".price(end_without); PLACE[6] = to_mm(end_without)
do for [i=1:8] {
  SIZE[i] = lines(TEXT[i])*line_mm(label_pt)
  PLACE[i] = clamp(PLACE[i], SIZE[i]/2, plot_mm-SIZE[i]/2)
}
if (paths == 1) { do for [i=3:8] { SIZE[i] = -1e3 } }
if (!attributed || end_without == Q[6]) { SIZE[6] = -1e3 }
if (!has_target) { SIZE[1] = -1e3 }
if (!has_floor) { SIZE[2] = -1e3 }
if (!fits(2)) {
  PLACE[2] = max(SIZE[2]/2, PLACE[1] - (SIZE[1]+SIZE[2])/2)
  PLACE[1] = PLACE[2] + (SIZE[1]+SIZE[2])/2
}

eval page("fan", bottom_mm + plot_mm + 7)
eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+plot_mm, "price, USD", time_unit)
do for [i=1:8] {
  if (SIZE[i] > 0 && fits(i)) {
    y = bottom_mm + PLACE[i] + (lines(TEXT[i])-1)*line_mm(label_pt)/2
    eval text(10*i, sprintf("TEXT[%d]", i), width_mm-right_mm+2, footer_mm+y, label_pt, "tc rgb '".COLOUR[i]."'")
  }
}
level(i, p, colour) = sprintf("set arrow %d from graph 0, first %.17g to graph 1, first %.17g nohead front lw line_pt lc rgb '%s'", i, p, p, colour)
if (has_target && !target_far) { eval level(1, target_price, target_colour) }
if (has_floor && !floor_far) { eval level(2, floor_price, floor_colour) }

set xrange [-axis_gap*time_end:time_end]; set yrange [lo:hi]
eval price_tics("y", lo, hi, 7)
bound(column) = sprintf("'' using ($1/time_s):%d skip 1 with lines lw without_pt lc rgb grey_colour title 'without impact', ", column)
without_impact = attributed ? bound(10).bound(14) : ""
plot 'fan.csv' using ($1/time_s):2:8 skip 1 with filledcurves lc rgb neutral_light title "98 % of paths", \
  '' using ($1/time_s):3:7 skip 1 with filledcurves lc rgb neutral_mid title "90 % of paths", \
  '' using ($1/time_s):4:6 skip 1 with filledcurves lc rgb neutral_dark title "50 % of paths", \
  @without_impact \
  for [i=1:words(sample_paths)] 'paths.csv' using ($2/time_s):(strcol(1) eq word(sample_paths, i) ? $4 : start_price) skip 1 every ::FIRST[i]::LAST[i] \
    with lines lw path_pt lc rgb path_colour title "path ".word(sample_paths, i), \
  for [i=(paths > 1 ? 1 : 2):1] 'fan.csv' using ($1/time_s):5 skip 1 with lines lw median_pt lc rgb median_colour title "median"
unset output
