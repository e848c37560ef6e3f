# SPDX-License-Identifier: GPL-3.0-or-later
# pit: where recorded peaks and troughs lay in the laws predicted for them: on the diagonal if these are right.
# pit.csv: horizon_s,scale,world,extreme,value

# ---- Constants
plot_mm = narrow ? 46 : 62
left_mm = narrow ? 10 : 13
right_mm = narrow ? 4 : 5
between_mm = narrow ? 12 : 16
bottom_mm = 11.5; top_mm = 7

# ---- Horizons and the scale that is drawn: the one nearest 1
array HORIZON[16]; n = 0; last = -1; shown = -1.
stats 'pit.csv' using (strcol(1) eq "horizon_s" ? 0 : (n < 16 && $1 != last ? (n = n+1, HORIZON[n] = $1) : 0, last = $1, \
  shown = shown < 0 || abs(log($2)) < abs(log(shown)) ? $2 : shown, 0)) nooutput
horizon_text(s) = s >= 172800 ? sprintf("%g days", s/86400) : s >= 3600 ? sprintf("%g h", s/3600) : sprintf("%g min", s/60)
array COLOUR[4] = ["#56B4E9", "#0072B2", "#D55E00", "#000000"]
colour(i) = COLOUR[(i-1)%4 + 1]
title_text = "Peaks and troughs lie on the diagonal where the predicted law is right"
subtitle_text = sprintf("%s · %d maps on %d days · lines: with the map at scale %g; dashed: without impact; above the diagonal: it went less far than predicted", scenario_name, n_maps, n_days, shown)

eval page("pit", bottom_mm + plot_mm + top_mm)
set multiplot
half = (width_mm - left_mm - right_mm - between_mm)/2.
do for [e=1:2] {
  extreme = e == 1 ? "peak" : "trough"
  left = left_mm + (e-1)*(half + between_mm)
  eval panel(left, left+half, bottom_mm, bottom_mm+plot_mm, e == 1 ? "share of the maps, %" : "", extreme.(narrow ? ": PIT, %" : " in its predicted law (PIT), %"))
  set xrange [0:100]; set yrange [0:100]; set xtics 20; set ytics 20
  set arrow 1 from first 0, first 0 to first 100, first 100 nohead back lw 0.8 lc rgb grey_colour
  count(i, w) = sprintf("c_ = 0; stats 'pit.csv' using (strcol(3) eq '%s' && strcol(4) eq '%s' && $1 == HORIZON[%d] && $2 == shown ? (c_ = c_+1, 0) : 0) nooutput", w, extreme, i)
  draw = "plot "
  do for [i=1:n] {
    eval count(i, "none")
    if (c_ > 0) {
      draw = draw.(strlen(draw) > 5 ? ", " : "").sprintf("'pit.csv' using (strcol(3) eq 'map' && strcol(4) eq '%s' && $1 == HORIZON[%d] && $2 == shown ? 100*$5 : NaN):(100./%d) smooth cumulative with lines lw line_pt lc rgb '%s' title '%s'", extreme, i, c_, colour(i), horizon_text(HORIZON[i]))
      draw = draw.sprintf(", 'pit.csv' using (strcol(3) eq 'none' && strcol(4) eq '%s' && $1 == HORIZON[%d] && $2 == shown ? 100*$5 : NaN):(100./%d) smooth cumulative with lines lw 0.8 dt (6, 4) lc rgb '%s' title 'without impact'", extreme, i, c_, colour(i))
      set label 60+i horizon_text(HORIZON[i]) at graph 0.97, graph 0.06 + 0.08*(n-i) right tc rgb colour(i)
    }
  }
  eval strlen(draw) > 5 ? draw : "plot x with lines lw hair_pt notitle"
  eval page_done
}
unset multiplot
unset output
