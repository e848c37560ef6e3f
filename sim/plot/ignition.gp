# SPDX-License-Identifier: GPL-3.0-or-later
# ignition: where the price ends after one market order, against the size of that order; without liquidations in grey. Where a little more
# sets off further liquidations the price jumps: a dotted line between two dots.
# ignition.csv: push_usd,final_usd,forced_usd,without_levels_usd    jumps.csv: push_usd,from_usd,to_usd,from_forced_usd,to_forced_usd

# ---- Constants
plot_mm = narrow ? 55 : 75
left_mm = narrow ? 14 : 16
right_mm = narrow ? 21 : 24            # for the names at the right edge
bottom_mm = 11.5
shown_ratio = 10.                      # prices further from start and goal than this are left to the title
same_push = 1 + 1e-9                   # rows nearer than this are the two sides of a jump
colour = goal_up ? short_colour : long_colour
goal_colour = goal_name eq "target" ? target_colour : floor_colour

# ---- Title
order = goal_up ? "buy" : "sell"
far_beyond = has_push && abs(log(push_final_usd/goal_usd)) > 0.1*abs(log(goal_usd/start_price))
title_text = !has_push ? sprintf("No order carries the price to %s", price(goal_usd)) : \
  push_usd <= 0 ? sprintf("The map goes off by itself and carries the price to %s", price_tick(push_final_usd)) : \
  sprintf("A %s of %s USD carries the price to %s", order, money(push_usd), price(goal_usd)).\
  (far_beyond ? (push_final_usd > 1e4*start_price || push_final_usd < 1e-4*start_price ? " and on without bound" : \
  " and on to ".price_tick(push_final_usd)) : "")
subtitle_text = sprintf("%s · %s × %g · at once, into a fully replenished book%s", scenario_name, scaled_name, levels_scale, \
  alone_usd > 0 ? sprintf(" · without liquidations it takes %s USD", money(alone_usd)) : "")

# ---- Ranges
n = 0; lo = start_price; hi = start_price; from_usd = 1.0; to_usd = 10.0; end = start_price; end_alone = start_price
stats 'ignition.csv' using (strcol(1) eq "push_usd" ? 0 : (from_usd = n == 0 ? $1 : from_usd, to_usd = $1, n = n+1, \
  lo = min(lo, min($2, $4)), hi = max(hi, max($2, $4)), end = $2, end_alone = $4, 0)) nooutput
lo = min(min(start_price, goal_usd), max(lo, min(start_price, goal_usd)/shown_ratio))
hi = max(max(start_price, goal_usd), min(hi, max(start_price, goal_usd)*shown_ratio))
steep = hi > steep_ratio*lo
margin = 0.04; if (steep) { lo = lo*(lo/hi)**margin; hi = hi*(hi/lo)**margin } else { span = hi-lo; lo = lo-margin*span; hi = hi+margin*span }
seen(p) = clamp(p, 0.9*lo, 1.1*hi)     # beyond the panel is beyond the panel
to_mm(p) = plot_mm*(steep ? log(p/lo)/log(hi/lo) : (p-lo)/(hi-lo))
labelled(from, to) = abs(to_mm(seen(to))-to_mm(seen(from))) >= 1.2*line_mm(label_pt)
size_text(from, to) = to > 1e4*from ? "× > 10,000" : to < 1e-4*from ? "× < 0.0001" : \
  to/from >= 10 || from/to >= 10 ? sprintf("× %.3g", to/from) : minus(sprintf("%+.3g %%", 100*(to/from-1)))
middle(from, to) = steep ? sqrt(from*seen(to)) : (from+seen(to))/2
jumps = 0; tall = 0                    # all of them, and those a line of text high, which get a label
stats 'jumps.csv' using (strcol(1) eq "push_usd" || $2 < lo || $2 > hi ? 0 : (jumps = jumps+1, tall = tall + labelled($2, $3), 0)) nooutput

depends_on = (strlen(venue_text) ? " · ".venue_text : "")." · book ".book_text
eval footer("depends_on")
eval page("ignition", bottom_mm + plot_mm + 6)
right = width_mm - right_mm
eval panel(left_mm, right, bottom_mm, bottom_mm + plot_mm, "final price, USD", sprintf("market order, %s, USD", order))
set logscale x
set xrange [from_usd:to_usd]; set yrange [lo:hi]
eval log_tics("x", from_usd, to_usd, panel_mm/(1.15*text_mm("500 M", label_pt)), "money")
if (steep) {
  set logscale y
  eval log_tics("y", lo, hi, plot_mm/9., "price_tick")
} else { eval price_tics("y", lo, hi, 6) }

# ---- Names at the right edge: the two curves, then the price to be reached, where they do not overlap
array NAME[3] = ["with\nliquidations", "without\nliquidations", goal_name]
array AT[3] = [end, end_alone, goal_usd]
array COLOUR[3] = [colour, "#888888", goal_colour]
array PLACE[3]; array SIZE[3]
do for [i=1:3] { PLACE[i] = clamp(to_mm(AT[i]), 1, plot_mm-1); SIZE[i] = lines(NAME[i])*line_mm(label_pt) }
if (n > 0 && !fits(2)) {
  apart = (1.01*(SIZE[1]+SIZE[2])/2 - abs(PLACE[1]-PLACE[2]))/2*(goal_up ? 1 : -1)
  PLACE[1] = PLACE[1]+apart; PLACE[2] = PLACE[2]-apart
}
do for [i=(n > 0 ? 1 : 3):3] {
  if (i < 3 || fits(3)) { eval text(40+10*i, sprintf("NAME[%d]", i), right+1.5, footer_mm+bottom_mm+PLACE[i]+(lines(NAME[i])-1)*line_mm(label_pt)/2, label_pt, sprintf("tc rgb '%s'", COLOUR[i])) } \
  else { set label 3 goal_name at graph 0.01, first goal_usd offset 0, 0.5 tc rgb goal_colour }
}
set arrow 1 from graph 0, first goal_usd to graph 1, first goal_usd nohead lw line_pt lc rgb goal_colour
set arrow 2 from graph 0, first start_price to graph 1, first start_price nohead lw 0.8 dt (8, 6) lc rgb "#000000"

# ---- The critical push, and what it would cost
if (has_push && push_usd > from_usd && push_usd < to_usd) {
  set arrow 3 from first push_usd, graph 0 to first push_usd, first goal_usd nohead lw 0.8 lc rgb "#000000" dt (2, 3)
  cost_text = money(push_usd)." USD\nslippage ".(narrow ? "\n" : "").money(push_cost_usd).sprintf(" USD, %.2g %%", 100*push_cost_usd/push_usd)
  at_mm = left_mm + (right-left_mm)*log(push_usd/from_usd)/log(to_usd/from_usd)
  cost_mm = text_mm(line_of(cost_text, lines(cost_text)), label_pt)
  cost_x = at_mm - 2 - cost_mm < left_mm ? at_mm + 2 : at_mm - 2 - cost_mm
  cost_y = footer_mm + bottom_mm + to_mm(goal_usd) + (goal_up ? lines(cost_text)-0.2 : -0.8)*line_mm(label_pt)
  eval text(80, "cost_text", cost_x, cost_y, label_pt, "front")
  set object 1 circle at first push_usd, first goal_usd size screen 0.9/width_mm front fs solid border rgb "white" fc rgb "#000000"
}

# ---- The curves, as vectors from row to row: a jump is a gap, dotted, with its size beside it
x0 = 0; y0 = 0
step_x(x) = (before = x0, x0 = x, before <= 0 ? x : before)
step_y(y) = (before = y0, y0 = y, before <= 0 ? y : before)
alone = "'ignition.csv' skip 1 using 1:(seen($4)) with lines lw 1 lc rgb '#999999' title 'without liquidations'"
ours = "'ignition.csv' skip 1 using (a = step_x($1)):(b = step_y(seen($2))):($1 > a*same_push ? $1-a : 0):($1 > a*same_push ? seen($2)-b : 0) ".\
  "with vectors nohead lw line_pt lc rgb colour title 'with liquidations'"
gaps = "'jumps.csv' skip 1 using 1:2:(0):(seen($3)-$2) with vectors nohead lw line_pt dt (2, 3) lc rgb colour title 'jump', ".\
  "for [k=2:3] '' skip 1 using 1:(seen(column(k))) with points pt 7 ps 0.3 lc rgb colour title 'jump'"
sizes = "'jumps.csv' skip 1 using 1:($2 > lo && $2 < hi && labelled($2, $3) ? middle($2, $3) : NaN):(size_text($2, $3)) ".\
  "with labels left offset 0.5, 0 tc rgb colour title 'size of the jump'"
eval "plot ".(n == 0 ? "lo with lines lw hair_pt notitle" : alone.", ".ours.(jumps > 0 ? ", ".gaps : "").(tall > 0 ? ", ".sizes : ""))
unset output
