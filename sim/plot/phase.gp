# phase: the probability of the target over two keys, with its contours and the line where the branching ratio is one.
# points.csv: point,KEY,KEY,target_probability,...,branching_short,branching_long,paths,cut_off_paths    (the second key runs fastest)

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
stats 'points.csv' using ($1 > 0 ? (k = int($1), X[k] = $2, Y[k] = $3, P[k] = column(what), R[k] = cell(branching, NaN), known = known + (R[k] > 0), 0) : 0) nooutput
x_top = X[nx*ny]; y_top = Y[nx*ny]
x_div = key_scale(x_unit, x_top); y_div = key_scale(y_unit, y_top)
to_x(v) = to_axis(v/x_div, x_log); to_y(v) = to_axis(v/y_div, y_log)
least = 1e300; most = -least
do for [k=1:nx*ny] { least = min(least, P[k]); most = max(most, P[k]) }
money_unit_text = money_unit(most)
unit = what eq "forced_usd" ? money_scale(most) : 0.01

# The grid with a blank line after each row, as contours need it. What follows is separated by blanks.
set print $grid
do for [i=0:nx-1] {
  do for [j=1:ny] { k = i*ny + j; print sprintf("%.17g %.17g %.17g %.17g", to_x(X[k]), to_y(Y[k]), P[k]/unit, R[k] > 0 ? log10(R[k]) : -300) }
  print ""
}
set print
set datafile separator whitespace; set datafile nocolumnheaders; set datafile missing

shown(v) = what eq "forced_usd" ? money(v) : share(v)
title_text = sprintf("%s: %s to %s", event, shown(least), shown(most))
marked = x_has_base && y_has_base && x_base >= X[1] && x_base <= x_top && y_base >= Y[1] && y_base <= y_top
subtitle_text = sprintf("%s · levels × %g%s%s", scenario_name, levels_scale, marked ? " · circle: the scenario as it is" : "", \
  known == nx*ny ? " · orange: largest branching ratio along the map is 1" : "")

eval page("phase", bottom_mm + plot_mm + 7)
eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+plot_mm, key_title(y_key, y_unit, y_top), key_title(x_key, x_unit, x_top))
half_x = (to_x(x_top)-to_x(X[1]))/(nx-1)/2; half_y = (to_y(y_top)-to_y(Y[1]))/(ny-1)/2
x_from = to_x(X[1])-half_x; x_to = to_x(x_top)+half_x; y_from = to_y(Y[1])-half_y; y_to = to_y(y_top)+half_y

# Contours, each in a table of its own, its label at its middle
array NAME_X[4]; array NAME_Y[4]; array LENGTH[4]
low_ratio = 1e300; high_ratio = 0
do for [k=1:nx*ny] { low_ratio = min(low_ratio, R[k]); high_ratio = max(high_ratio, R[k]) }
crossed(i) = i == 4 ? known == nx*ny && low_ratio < 1 && high_ratio > 1 : \
  what ne "forced_usd" && least < real(word(levels, i)) && most > real(word(levels, i))
set contour base; unset surface
set cntrparam linear
do for [i=1:4] {
  if (!crossed(i)) { continue }
  set cntrparam levels discrete (i < 4 ? 100*real(word(levels, i)) : 0.)
  eval sprintf("set table $contour_%d; splot $grid using 1:2:%d; unset table", i, i < 4 ? 3 : 4)
}
unset contour; set surface
do for [i=1:4] {
  LENGTH[i] = 0; NAME_X[i] = 0; NAME_Y[i] = 0
  if (!crossed(i)) { continue }
  eval sprintf("table_size = |$contour_%d|", i)
  eval sprintf("do for [k=1:table_size] { line_ = $contour_%d[k]; if (words(line_) >= 3 && line_[1:1] ne '#') { LENGTH[%d] = LENGTH[%d]+1 } }", i, i, i)
  at = 0
  eval sprintf("do for [k=1:table_size] { line_ = $contour_%d[k]; if (words(line_) >= 3 && line_[1:1] ne '#') { at = at+1; if (at == (LENGTH[%d]+1)/2) { NAME_X[%d] = real(word(line_, 1)); NAME_Y[%d] = real(word(line_, 2)) } } }", i, i, i, i)
}

set xrange [x_from:x_to]; set yrange [y_from:y_to]
eval key_tics("x", x_log ? 10.**x_from : x_from, x_log ? 10.**x_to : x_to, panel_mm/14, x_log)
eval key_tics("y", y_log ? 10.**y_from : y_from, y_log ? 10.**y_to : y_to, plot_mm/12, y_log)
set grid noxtics noytics
if (what eq "forced_usd") { set cbrange [0:most/unit] } else { set cbrange [0:100]; set cbtics 25 }
set colorbox user origin screen (width_mm-right_mm+3)/width_mm, y_mm(bottom_mm) size screen 3./width_mm, plot_mm/height_mm noborder
set cbtics scale 0.5 offset -0.6, 0
set label 6 what eq "forced_usd" ? money_unit_text : "%" at screen (width_mm-right_mm+3)/width_mm, y_mm(bottom_mm+plot_mm+title_up_mm)
line_colours = "#FFFFFF #FFFFFF #000000 #D55E00"
do for [i=1:4] {
  if (LENGTH[i] > 0) {
    name_text = i < 4 ? sprintf("%g %%", 100*real(word(levels, i))) : "branching ratio 1"
    if (NAME_X[i] > (x_from+x_to)/2) {
      set label 10+i name_text at NAME_X[i], NAME_Y[i] right offset -0.9, 0.7 front tc rgb word(line_colours, i)
    } else { set label 10+i name_text at NAME_X[i], NAME_Y[i] left offset 0.9, -0.7 front tc rgb word(line_colours, i) }
  }
}
draw = "plot $grid using 1:2:3 with image title event"
do for [i=1:4] { if (LENGTH[i] > 0) {
  draw = draw.sprintf(", $contour_%d using 1:2 with lines lw %g lc rgb '%s' title '%s'", i, i < 4 ? line_pt : 2*line_pt, word(line_colours, i), i < 4 ? "contour" : "branching ratio 1")
} }
if (marked) { draw = draw.", '+' using (to_x(x_base)):(to_y(y_base)) every ::0::0 with points pt 7 ps 1.1 lc rgb 'white' title 'as it is', '' using (to_x(x_base)):(to_y(y_base)) every ::0::0 with points pt 6 ps 1.1 lw 1.2 lc rgb 'black' title 'as it is'" }
eval draw
unset output
