# SPDX-License-Identifier: GPL-3.0-or-later
# comparison: how the price spreads in several scenarios, and how each differs from the first, path by path.
# scenario-N/fan.csv: time_s,p01,p05,p25,p50,p75,p95,p99    differences.csv: scenario,contrast,value,se,lo,hi,variance_reduction

# ---- Constants
plot_mm = narrow ? 55 : 80
left_mm = narrow ? 14 : 16
right_mm = max(8, short_mm + 3)    # for the names at the line ends
bottom_mm = 11.5
columns = narrow ? 2 : 1           # of differences, below the fans or beside
gap_mm = narrow ? 8 : 10           # beside the differences
dots_mm = narrow ? (page_mm-gap_mm)/2 : 50         # their width
axis_gap = 0.012                   # of the width, between the axis and time 0: what happens at once does not run into it
rows_gap_mm = 12                   # between panels of differences
row_mm = 4.2                       # height of a scenario in such a panel
middle_pt = 0.8

# ---- The differences that there are
contrasts = "target_probability floor_probability forced_usd final_log"
is(i, c) = strcol(1) eq sprintf("%d", i) && strcol(2) eq c
found = ""
do for [c in contrasts] {
  n_rows = 0
  stats 'differences.csv' using (strcol(2) eq c ? (n_rows = n_rows+1, 0) : 0) nooutput
  if (n_rows > 0) { found = found." ".c }
}
# eval locate(i, c): value, lo, hi of a difference; value is 0 and has is 0 where there is none
locate(i, c) = "has = 0; value = 0; lo = 0; hi = 0; stats 'differences.csv' using ".\
  sprintf("(is(%d, '%s') ? (has = 1, value = $3, lo = $5, hi = $6, 0) : 0) nooutput", i, c)
first = strstrt(found, "target_probability") ? "target_probability" : strstrt(found, "floor_probability") ? "floor_probability" : ""
if (strlen(first)) {
  title_text = (first eq "target_probability" ? touch("target", target_price) : touch("floor", floor_price)).": "
  do for [i=2:n_scenarios] {
    eval locate(i, first)
    title_text = title_text.(i > 2 ? ", " : "").said(i)." ".(has ? points(value, lo, hi) : "-")
  }
  title_text = title_text." against ".said(1)
} else { title_text = sprintf("%d scenarios on the same %s paths", n_scenarios, thousands(int(paths))) }
subtitle_text = names_text." · lines: 5 and 95 % of paths, dotted: the median · dots: paired difference to ".SHORT[1].", with its 95 % interval".beyond_text

# ---- Range of the price axis
lo = 1e300; hi = -lo
array END[3*n_scenarios]
do for [i=1:n_scenarios] {
  stats folder(i).'fan.csv' using (lo = min(lo, $3), hi = max(hi, $7), END[3*i-2] = $3, END[3*i-1] = $5, END[3*i] = $7) skip 1 nooutput
}
fan_lo = lo; fan_hi = max(hi, 1.0001*lo); lo = fan_lo; hi = fan_hi
eval stretch
margin = 0.03*(hi-lo); lo = lo-margin; hi = hi+margin
fan_lo = lo; fan_hi = hi

# ---- Page: fans, and the differences beside them or below
n_kinds = words(found)
panel_rows_mm = row_mm*(n_scenarios-1) + 2
block_mm = panel_rows_mm + rows_gap_mm
dots_height_mm = block_mm*((n_kinds+columns-1)/columns)
fan_base = bottom_mm + (narrow ? dots_height_mm : 0)
plot_mm = narrow ? plot_mm : max(plot_mm, dots_height_mm - 7)
eval page("comparison", fan_base + plot_mm + 7)
set multiplot

fan_right = width_mm - right_mm - (narrow || n_kinds == 0 ? 0 : dots_mm + gap_mm)
eval panel(left_mm, fan_right, fan_base, fan_base + plot_mm, "price, USD", time_unit)
set xrange [-axis_gap*time_end:time_end]; set yrange [fan_lo:fan_hi]
eval price_tics("y", fan_lo, fan_hi, 7)
# The name of a line stands at its right end, on the side with more room between the ends of the fans
room(p, way) = room_to(p, way, 3*n_scenarios, way > 0 ? fan_hi-p : p-fan_lo)
room_to(p, way, k, d) = k < 1 ? d : room_to(p, way, k-1, way*(END[k]-p) > 0 ? min(d, abs(END[k]-p)) : d)
level(i, p, colour, name) = sprintf("set arrow %d from graph 0, first %.17g to graph 1, first %.17g nohead front lw line_pt lc rgb '%s'; ", i, p, p, colour).\
  sprintf("set label %d '%s' at graph 0.99, first %.17g right offset 0, %g front tc rgb '%s'", i+7, name, p, room(p, 1) > room(p, -1) ? 0.55 : -0.55, colour)
if (has_target && !target_far) { eval level(1, target_price, target_colour, "target ".price(target_price)) }
if (has_floor && !floor_far) { eval level(2, floor_price, floor_colour, "floor ".price(floor_price)) }
array PLACE[3*n_scenarios]; array SIZE[3*n_scenarios]; array TAKEN[3*n_scenarios]; array NAMED[n_scenarios]
do for [i=1:n_scenarios] { NAMED[i] = 0 }
do for [k=1:3*n_scenarios] {       # medians first, then the upper and the lower edges
  i = (k-1)%n_scenarios + 1; q = int(word("2 3 1", (k-1)/n_scenarios + 1))
  PLACE[k] = plot_mm*(END[3*(i-1)+q]-fan_lo)/(fan_hi-fan_lo)
  SIZE[k] = HORIZON_S[i] < horizon_s ? -1e3 : line_mm(label_pt)
  TAKEN[k] = SIZE[k] > 0 && fits(k); NAMED[i] = NAMED[i] || TAKEN[k]
  if (TAKEN[k]) {
    set label 20+k SHORT[i] noenhanced at screen (fan_right+1.5)/width_mm, y_mm(fan_base + PLACE[k]) tc rgb line_colour(i)
  }
}
# Lines that end where others do leave a name without room: it stands as near as it can, above or below; of a scenario that has no name
# yet its median wherever there is room.
vacant(y, k) = k < 1 ? 1 : (TAKEN[k] && abs(PLACE[k]-y) < SIZE[k]) || y < 0 || y > plot_mm ? 0 : vacant(y, k-1)
do for [n=1:3*n_scenarios] {
  i = (n-1)%n_scenarios + 1
  if (SIZE[n] > 0 && !TAKEN[n]) {
    upward = PLACE[n] >= PLACE[n-i+1] ? 1 : -1; wanted = PLACE[n]
    reach = NAMED[i] ? 1.8*SIZE[n] : 1.*plot_mm
    do for [k=0:int(20*reach)] {
      y = wanted + (k%2 ? -upward : upward)*0.1*(k/2)
      if (!TAKEN[n] && vacant(y, 3*n_scenarios)) { PLACE[n] = y; TAKEN[n] = 1; NAMED[i] = 1 }
    }
    if (TAKEN[n]) { set label 20+n SHORT[i] noenhanced at screen (fan_right+1.5)/width_mm, y_mm(fan_base + PLACE[n]) tc rgb line_colour(i) }
  }
}
plot for [i=n_scenarios:1:-1] folder(i).'fan.csv' using ($1/time_s):3 skip 1 with lines lw line_pt dt dash(i) lc rgb line_colour(i) title NAME[i].", 5 %", \
  for [i=n_scenarios:1:-1] folder(i).'fan.csv' using ($1/time_s):7 skip 1 with lines lw line_pt dt dash(i) lc rgb line_colour(i) title NAME[i].", 95 %", \
  for [i=n_scenarios:1:-1] folder(i).'fan.csv' using ($1/time_s):5 skip 1 with lines lw middle_pt dt (2, 3) lc rgb line_colour(i) title NAME[i].", 50 %"
eval page_done
unset arrow; unset label

# ---- Differences: a panel for each kind, a row for each scenario
set border 1; unset ytics; set grid noytics noxtics
do for [k=1:n_kinds] {
  set autoscale                    # stats leaves out what is outside the ranges of the last panel
  c = word(found, k)
  from = 0.0; to = 0.0
  set print $dots
  do for [i=2:n_scenarios] {
    eval locate(i, c)
    from = min(from, lo); to = max(to, hi)
    if (has) { print sprintf("%d,%.17g,%.17g,%.17g,%d", i, value, lo, hi, int("0x".line_colour(i)[2:*])) }
  }
  set print
  largest = max(abs(from), abs(to))
  unit = c eq "forced_usd" ? money_scale(largest) : 0.01
  name = c eq "target_probability" ? "Δ ".touch("target", target_price).", pp" : c eq "floor_probability" ? "Δ ".touch("floor", floor_price).", pp" : \
    c eq "forced_usd" ? "Δ forced notional, ".money_unit(largest) : "Δ log return, %"
  base = (narrow ? 7.5 : fan_base + plot_mm - dots_height_mm + 6.5) + ((n_kinds-1)/columns - (k-1)/columns)*block_mm
  left = width_mm - edge_mm - dots_mm - ((columns-1) - (k-1)%columns)*(dots_mm + gap_mm)
  eval panel(left + max(4, short_mm + 1), left + dots_mm, base, base + panel_rows_mm, "", "")
  set label 4 name at screen left/width_mm, y_mm(base + panel_rows_mm + 1.8)
  span = max(to-from, 1e-9*unit)
  set xrange [(from-0.06*span)/unit:(to+0.06*span)/unit]; set yrange [-n_scenarios-0.6:-1.4]
  tic = step(span/unit/4)
  if (tic/(1.12*span/unit)*panel_mm < text_mm(sprintf("%g", tic*floor(from/unit/tic)), label_pt) + 2) { tic = step(span/unit/2) }
  set xtics tic format "%g"
  set arrow 1 from 0, graph 0 to 0, graph 1 nohead back lw hair_pt*2 lc rgb grey_colour
  do for [i=2:n_scenarios] {
    set label 30+i SHORT[i] noenhanced at screen left/width_mm, first -i tc rgb line_colour(i)
  }
  plot $dots using ($2/unit):(-$1):($3/unit):($4/unit):5 with xerrorbars pt 7 ps 0.5 lw line_pt lc rgb variable title name
  unset arrow 1
  eval page_done
}
unset multiplot
unset output
