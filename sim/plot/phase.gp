# SPDX-License-Identifier: GPL-3.0-or-later
# phase: the probability of the target over two keys, with its contours and the line where the branching ratio is one.
# points.csv: point,KEY,KEY,target_probability,...,branching_short,branching_long,paths,cut_off_paths,...    (the second key runs fastest)

# ---- Constants
plot_mm = narrow ? 56 : 78
left_mm = narrow ? 13 : 15
right_mm = narrow ? 14 : 18        # for the colour box
bottom_mm = 11.5
levels = "0.1 0.5 0.9"             # contours
# viridis (van der Walt and Smith 2015), nine steps
set palette defined (0 "#440154", 1 "#472D7B", 2 "#3B528B", 3 "#2C728E", 4 "#21918C", 5 "#28AE80", 6 "#5EC962", 7 "#ADDC30", 8 "#FDE725")

what = has_target ? "target_probability" : has_floor ? "floor_probability" : "forced_usd"
event = has_target ? sprintf("P(touch %s)", price(target_price)) : has_floor ? sprintf("P(touch %s)", price(floor_price)) : "Mean forced notional"
branching = has_target && target_price < start_price || !has_target && has_floor && floor_price < start_price ? "branching_long" : "branching_short"
nx = int(x_points); ny = int(y_points)
array X[nx*ny]; array Y[nx*ny]; array P[nx*ny]; array R[nx*ny]
known = 0
stats 'points.csv' using ($1 > 0 ? (k = int($1), X[k] = $2, Y[k] = $3, P[k] = column(what), R[k] = cell(branching, NaN), known = known + (R[k] >= 0), 0) : 0) nooutput
x_top = X[nx*ny]; y_top = Y[nx*ny]
x_div = key_scale(x_unit, x_top); y_div = key_scale(y_unit, y_top)
to_x(v) = to_axis(v/x_div, x_log); to_y(v) = to_axis(v/y_div, y_log)
least = 1e300; most = -least
do for [k=1:nx*ny] { least = min(least, P[k]); most = max(most, P[k]) }
# Which contours there are: the probabilities, and the fourth where the branching ratio is 1
low_ratio = 1e300; high_ratio = 0
do for [k=1:nx*ny] { low_ratio = min(low_ratio, R[k]); high_ratio = max(high_ratio, R[k]) }
crossed(i) = i == 4 ? known == nx*ny && low_ratio < 1 && high_ratio > 1 : \
  what ne "forced_usd" && least < real(word(levels, i)) && most > real(word(levels, i))
money_unit_text = money_unit(most)
unit = what eq "forced_usd" ? money_scale(most) : 0.01

# The grid with a blank line after each row, as contours need it. What follows is separated by blanks.
set print $grid
do for [i=0:nx-1] {
  do for [j=1:ny] { k = i*ny + j; print sprintf("%.17g %.17g %.17g", to_x(X[k]), to_y(Y[k]), P[k]/unit) }
  print ""
}
# What contours go through is a finer grid. The answer on it is a cubic through the points (Catmull and Rom), kept between the corners of its cell.
# The branching ratio is near a power of either key, so its logarithm goes by the keys' logarithms between the points.
fine = nx*ny > 400 ? 2 : 6
cubic(a, b, c, d, t) = b + 0.5*t*(c-a + t*(2*a-5*b+4*c-d + t*(3*(b-c)+d-a)))
P_of(i, j) = P[int(clamp(i, 0, nx-1))*ny + int(clamp(j, 0, ny-1)) + 1]
along(i, j, g) = cubic(P_of(i, j-1), P_of(i, j), P_of(i, j+1), P_of(i, j+2), g)
lowest(i, j) = min(min(P_of(i, j), P_of(i+1, j)), min(P_of(i, j+1), P_of(i+1, j+1)))
highest(i, j) = max(max(P_of(i, j), P_of(i+1, j)), max(P_of(i, j+1), P_of(i+1, j+1)))
P_at(i, j, f, g) = clamp(cubic(along(i-1, j, g), along(i, j, g), along(i+1, j, g), along(i+2, j, g), f), lowest(i, j), highest(i, j))
linear(a, b, f) = a + (b-a)*f
between(a, b, f) = a > 0 ? a*(b/a)**f : linear(a, b, f)
R_at(k, f, g) = (1-f)*(1-g)*RATIO[k] + f*(1-g)*RATIO[k+ny*(f>0)] + (1-f)*g*RATIO[k+(g>0)] + f*g*RATIO[k+ny*(f>0)+(g>0)]
array RATIO[nx*ny]
do for [k=1:nx*ny] { RATIO[k] = low_ratio > 0 ? log10(R[k]) : R[k]-1 }
do for [ratio=0:1] {
  if (ratio) { set print $ratio } else { set print $smooth }
  do for [i=0:(nx-1)*fine] {
    if (ratio && !crossed(4)) { continue }
    do for [j=0:(ny-1)*fine] {
      k = (i/fine)*ny + j/fine + 1; f = (i%fine)/real(fine); g = (j%fine)/real(fine)
      x = to_x(X[k]); y = to_y(Y[k]); x_next = f > 0 ? X[k+ny] : X[k]; y_next = g > 0 ? Y[k+1] : Y[k]
      if (ratio) { print sprintf("%.17g %.17g %.17g", to_x(between(X[k], x_next, f)), to_y(between(Y[k], y_next, g)), R_at(k, f, g)) \
      } else { print sprintf("%.17g %.17g %.17g", linear(x, to_x(x_next), f), linear(y, to_y(y_next), g), P_at(i/fine, j/fine, f, g)/unit) }
    }
    print ""
  }
}
set print
set datafile separator whitespace; set datafile nocolumnheaders; set datafile missing

beside(v, other) = what eq "forced_usd" ? money(v) : share_beside(v, other)
title_text = sprintf("%s ranges from %s to %s over %s and %s", event, beside(least, most), beside(most, least), key_words(x_key), key_words(y_key))
scaled = x_key eq "levels.scale" || y_key eq "levels.scale"
marked = x_has_base && y_has_base && x_base >= X[1] && x_base <= x_top && y_base >= Y[1] && y_base <= y_top
subtitle_text = sprintf("%s%s%s%s", scenario_name, scaled ? "" : sprintf(" · %s × %g", scaled_name, levels_scale), \
  marked ? " · circle: the scenario as it is" : "", crossed(4) ? " · orange line: where the branching ratio reaches 1 somewhere on the map" : "").beyond_text

eval page("phase", bottom_mm + plot_mm + 7)
eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+plot_mm, key_title(y_key, y_unit, y_top), key_title(x_key, x_unit, x_top))
# A tile is around its value; those at the edges are whole, so that the axes go half a tile beyond the first value and the last
x_first = to_x(X[1]); x_last = to_x(x_top); y_first = to_y(Y[1]); y_last = to_y(y_top)
x_from = x_first - (x_last-x_first)/(nx-1)/2; x_to = x_last + (x_last-x_first)/(nx-1)/2
y_from = y_first - (y_last-y_first)/(ny-1)/2; y_to = y_last + (y_last-y_first)/(ny-1)/2

# Contours, each in a table of its own. Its label sits on it, in a box, where it is not in the way of others or of the scenario's point.
array LENGTH[4]; array PLACED_X[5]; array PLACED_Y[5]; array PLACED_W[5]
set contour base; unset surface
set cntrparam linear
do for [i=1:4] {
  if (!crossed(i)) { continue }
  set cntrparam levels discrete (i < 4 ? 100*real(word(levels, i)) : 0.)
  eval sprintf("set table $contour_%d; splot $%s using 1:2:3; unset table", i, i < 4 ? "smooth" : "ratio")
}
unset contour; set surface
across(v) = (v-x_from)/(x_to-x_from)*panel_mm; up(v) = (v-y_from)/(y_to-y_from)*plot_mm
name_of(i) = i < 4 ? sprintf("%g %%", 100*real(word(levels, i))) : "branching ratio reaches\n1 somewhere on the map"
label_mm = 2.5*line_mm(note_pt)
in_way(x, y, w, n) = n < 1 ? 0 : abs(x-PLACED_X[n]) < (w+PLACED_W[n])/2 && abs(y-PLACED_Y[n]) < label_mm || in_way(x, y, w, n-1)
inside(x, y, w) = x > w/2 && x < panel_mm-w/2 && y > label_mm/2 && y < plot_mm-label_mm/2
n_placed = 0
if (marked) { n_placed = 1; PLACED_X[1] = across(to_x(x_base)); PLACED_Y[1] = up(to_y(y_base)); PLACED_W[1] = 4 }
array NAME_X[4]; array NAME_Y[4]; array NAMED[4]
do for [i=4:1:-1] {
  LENGTH[i] = 0; NAMED[i] = 0
  if (!crossed(i)) { continue }
  eval sprintf("table_size = |$contour_%d|; array LINE[table_size]", i)
  eval sprintf("do for [k=1:table_size] { line_ = $contour_%d[k]; if (words(line_) >= 3 && line_[1:1] ne '#') { LENGTH[%d] = LENGTH[%d]+1; LINE[LENGTH[%d]] = line_ } }", i, i, i, i)
  w = text_mm(line_of(name_of(i), 1), note_pt) + 1
  do for [part in "0.5 0.7 0.3 0.85 0.15 0.6 0.4 0.95 0.05"] {
    at = 1 + real(part)*(LENGTH[i]-1); k = int(at); l = min(k+1, LENGTH[i]); f = at-k
    name_x = (1-f)*real(word(LINE[k], 1)) + f*real(word(LINE[int(l)], 1)); name_y = (1-f)*real(word(LINE[k], 2)) + f*real(word(LINE[int(l)], 2))
    if (!NAMED[i] && inside(across(name_x), up(name_y), w) && !in_way(across(name_x), up(name_y), w, n_placed)) {
      NAMED[i] = 1; NAME_X[i] = name_x; NAME_Y[i] = name_y
      n_placed = n_placed+1; PLACED_X[n_placed] = across(name_x); PLACED_Y[n_placed] = up(name_y); PLACED_W[n_placed] = w
    }
  }
}

set xrange [x_from:x_to]; set yrange [y_from:y_to]
eval key_tics("x", x_log ? 10.**x_first : x_first, x_log ? 10.**x_last : x_last, panel_mm/14., x_log)
eval key_tics("y", y_log ? 10.**y_first : y_first, y_log ? 10.**y_last : y_last, plot_mm/12., y_log)
set grid noxtics noytics
colour_to = max(most, least + 1e-6*max(abs(least), 1e-3))/unit      # the range of the data
set cbrange [least/unit:colour_to]
set cbtics step((colour_to-least/unit)/5)
set colorbox user origin screen (width_mm-right_mm+3)/width_mm, y_mm(bottom_mm) size screen 3./width_mm, plot_mm/height_mm noborder
set cbtics scale 0.5 offset -0.6, 0
set label 6 what eq "forced_usd" ? money_unit_text : "%" at screen (width_mm-right_mm+3)/width_mm, y_mm(bottom_mm+plot_mm+title_up_mm)
level_colour(i) = i == 4 ? "#D55E00" : real(word(levels, i)) > least + 0.6*(most-least) ? "#000000" : "#FFFFFF"    # on what is light, on what is dark
set style textbox opaque noborder fillcolor rgb "white" margins 0.6, 0.4
do for [i=1:4] { if (NAMED[i]) { set label 10+i name_of(i) at NAME_X[i], NAME_Y[i] center boxed front font note_font tc rgb (i < 4 ? "black" : level_colour(4)) } }
draw = "plot $grid using 1:2:3 with image pixels title event"
do for [i=1:4] { if (LENGTH[i] > 0) {
  if (i == 4) { draw = draw.sprintf(", $contour_4 using 1:2 with lines lw %g lc rgb 'white' title 'branching ratio 1'", 3.2*line_pt) }
  draw = draw.sprintf(", $contour_%d using 1:2 with lines lw %g lc rgb '%s' title '%s'", i, i < 4 ? line_pt : 2*line_pt, level_colour(i), i < 4 ? "contour" : "branching ratio 1")
} }
if (marked) { draw = draw.", '+' using (to_x(x_base)):(to_y(y_base)) every ::0::0 with points pt 7 ps 1.1 lc rgb 'white' title 'as it is', '' using (to_x(x_base)):(to_y(y_base)) every ::0::0 with points pt 6 ps 1.1 lw 1.2 lc rgb 'black' title 'as it is'" }
eval draw
unset output
