# SPDX-License-Identifier: GPL-3.0-or-later
# sweep: how the probabilities of target and floor change with one key.
# points.csv: point,KEY,target_probability,..._se,..._lo,..._hi, the same of floor_probability and forced_usd,...

# ---- Constants
plot_mm = narrow ? 50 : 70
left_mm = narrow ? 11 : 13
right_mm = narrow ? 22 : 28        # for the labels at the line ends
bottom_mm = 11.5
band_alpha = "#C0"                 # transparency of the 95 % bands

# ---- What is drawn: the probabilities that there are, that of a varied floor first; else the forced notional
what = (has_target ? " target" : "").(has_floor ? " floor" : "")
what = x_key eq "floor" && has_target ? " floor target" : what
what = strlen(what) ? what : " forced"
name(w) = w eq "forced" ? "forced_usd" : w."_probability"
colour(w) = w eq "target" ? target_colour : w eq "floor" ? floor_colour : "#000000"

from = 1e300; to = -from; top = 0; n = 0
array FIRST[2]; array LAST[2]
turn = 0; turn_from = 0; turn_to = 0; before_y = NaN; before_x = NaN    # the steepest part of what leads
steeper(x, y) = (turn = before_y == before_y && abs(y-before_y) > turn ? (turn_from = before_x, turn_to = x, abs(y-before_y)) : turn, before_x = x, before_y = y, 0)
stats 'points.csv' using ($1 > 0 ? steeper($2, column(name(word(what, 1)))) : 0) nooutput
do for [w in what] {
  n = n+1; first = 0; last = 0
  stats 'points.csv' using ($1 > 0 ? (from = min(from, $2), to = max(to, $2), first = $1 == 1 ? column(name(w)) : first, \
    last = column(name(w)), top = max(top, cell(name(w)."_hi", column(name(w)))), 0) : 0) nooutput
  FIRST[n] = first; LAST[n] = last
}
unit = what eq " forced" ? money_scale(top) : 0.01
x_div = key_scale(x_unit, to)
beside(v, other) = what eq " forced" ? money(v) : share_beside(v, other)
lead = word(what, 1)
# A sentence; of the varied price itself it does not name the scenario's
event = x_key eq lead ? "P(touch the ".lead.")" : lead eq "target" ? sprintf("P(touch %s)", price(target_price)) : lead eq "floor" ? sprintf("P(touch %s)", price(floor_price)) : "Mean forced notional"
first_text = beside(FIRST[1], LAST[1]); last_text = beside(LAST[1], FIRST[1]); usd_text = what eq " forced" ? " USD" : ""
mostly = 0.5                       # of the whole change between two neighbours
title_text = sprintf("%s %s as the %s goes from %s", event, first_text eq last_text ? (turn > 0.2*max(FIRST[1], 1e-12) ? "is " : "stays near ").last_text.usd_text.(turn > 0.2*max(FIRST[1], 1e-12) ? " at both ends" : "") : \
  sprintf("%s from %s to %s%s", LAST[1] > FIRST[1] ? "rises" : "falls", first_text, last_text, usd_text), key_words(x_key), key_span(x_unit, from, to)).\
  (first_text ne last_text && turn > mostly*abs(LAST[1]-FIRST[1]) && (turn_to-turn_from) < 0.5*(to-from) ? \
  sprintf(", most of it between %s", key_and(x_unit, turn_from, turn_to)) : "")
# Where the largest branching ratio along the map, on the side of what leads, passes 1: first and last place, between the points by lines
branching = (lead eq "floor" ? floor_price : has_target ? target_price : start_price) < start_price ? "branching_long" : "branching_short"
cross_colour = branching eq "branching_long" ? long_colour : short_colour
base_scale_text = x_key eq "levels.scale" ? "" : sprintf(" · %s × %g", scaled_name, levels_scale)
cross_first = NaN; cross_last = NaN; before = NaN; before_x = NaN; crossed = 0
pass(a, b) = a == a && b == b && (a < 1) != (b < 1)    # NaN equals nothing
# (it is near a power of the key)
through(xa, a, xb, b) = xa > 0 && a > 0 && b > 0 ? xa*(xb/xa)**(log(a)/log(a/b)) : xa + (xb-xa)*(1-a)/(b-a)
stats 'points.csv' using ($1 > 0 ? (r_ = cell(branching, NaN), x_ = $2/x_div, \
  pass(before, r_) ? (crossed = crossed+1, cross_last = through(before_x, before, x_, r_), cross_first = crossed == 1 ? cross_last : cross_first) : 0, \
  before = r_, before_x = x_, 0) : 0) nooutput
subtitle_text = sprintf("%s%s · bands: 95 %% intervals%s", scenario_name, base_scale_text, \
  x_has_base && x_base >= from && x_base <= to ? " · circle: the scenario as it is" : "").(crossed ? " · ".(branching eq "branching_long" ? "blue" : "orange")." line: where the branching ratio reaches 1 somewhere on the map" : "").beyond_text

eval page("sweep", bottom_mm + plot_mm + 7)
eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+plot_mm, what eq " forced" ? "mean forced, ".money_unit(top) : "probability, %", key_title(x_key, x_unit, to))
lo = 0.; hi = max(1.03*top/unit, 1e-9)
set yrange [lo:hi]
set xrange [to_axis(from/x_div, x_log):to_axis(to/x_div, x_log)]
eval key_tics("x", from/x_div, to/x_div, panel_mm/14., x_log)
set ytics step((hi-lo)/6)

array PLACE[2]; array SIZE[2]
do for [i=1:n] {
  PLACE[i] = clamp(plot_mm*(LAST[i]/unit-lo)/(hi-lo), line_mm(label_pt), plot_mm-line_mm(label_pt)); SIZE[i] = 2.05*line_mm(label_pt)
}
if (n == 2 && !fits(2)) {
  up = PLACE[1] >= PLACE[2] ? 1 : -1; middle = clamp((PLACE[1]+PLACE[2])/2, SIZE[1], plot_mm-SIZE[1])
  PLACE[1] = middle + up*SIZE[1]/2; PLACE[2] = middle - up*SIZE[1]/2
}
do for [i=1:n] {
  w = word(what, i)
  words_text = w eq "forced" ? "mean forced" : w eq x_key ? w : w."\n".price(w eq "target" ? target_price : floor_price)
  eval text(10*i, "words_text", width_mm-right_mm+2, footer_mm+bottom_mm+PLACE[i]+(lines(words_text)-1)*line_mm(label_pt)/2, label_pt, "tc rgb '".colour(w)."'")
}
marked = x_has_base && x_base >= from && x_base <= to
if (marked) { set arrow 1 from to_axis(x_base/x_div, x_log), graph 0 to to_axis(x_base/x_div, x_log), graph 1 nohead back lw 0.8 dt (8, 6) lc rgb grey_colour }
# The name beside the line, where there is more room
if (crossed) {
  do for [i=1:(crossed > 1 ? 2 : 1)] {
    cross = to_axis(i == 1 ? cross_first : cross_last, x_log)
    set arrow 1+i from cross, graph 0 to cross, graph 1 nohead back lw 0.8 lc rgb cross_colour
  }
  cross_first = to_axis(cross_first, x_log)
  cross_mm = panel_mm*(cross_first-to_axis(from/x_div, x_log))/(to_axis(to/x_div, x_log)-to_axis(from/x_div, x_log))
  # at the height with most room to the curves over the label's length
  cross_text = "branching ratio reaches 1\nsomewhere on the map"; cross_span = text_mm(line_of(cross_text, 1), note_pt); cross_left = cross_mm > panel_mm/2.
  near(x) = abs(panel_mm*(x-cross_first)/(to_axis(to/x_div, x_log)-to_axis(from/x_div, x_log)) + (cross_left ? 0.5 : -0.5)*cross_span) < 0.5*cross_span + panel_mm/6.
  best = -1.; cross_y = 0.08
  do for [h in "0.08 0.9 0.5 0.3 0.7"] {
    room = 1.
    do for [w in what] {
      stats 'points.csv' using ($1 > 0 && near(to_axis($2/x_div, x_log)) ? (room = min(room, abs(column(name(w))/unit/hi - real(h))), 0) : 0) nooutput
    }
    if (room > best + 0.02) { best = room; cross_y = real(h) }
  }
  if (cross_left) { set label 50 cross_text at cross_first, graph cross_y right offset -0.5, 0.4 front font note_font tc rgb cross_colour
  } else { set label 50 cross_text at cross_first, graph cross_y left offset 0.5, 0.4 front font note_font tc rgb cross_colour }
}
bound(w, end) = cell(name(w).end, column(name(w)))/unit
at(point) = ($1 > 0) == point ? to_axis($2/x_div, x_log) : NaN
draw = "plot for [w in what] 'points.csv' using (at(1)):(bound(w, '_lo')):(bound(w, '_hi')) with filledcurves lc rgb band_alpha.colour(w)[2:*] title w.', 95 %', ".\
  "for [w in what] '' using (at(1)):(column(name(w))/unit) with linespoints pt 7 ps 0.35 lw line_pt lc rgb colour(w) title w"
if (marked) { draw = draw.", for [w in what] '' using (at(0)):(column(name(w))/unit):(bound(w, '_lo')):(bound(w, '_hi')) ".\
  "with yerrorbars pt 6 ps 0.8 lw line_pt lc rgb colour(w) title w.' as it is'" }
eval draw
unset output
