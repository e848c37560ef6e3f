# SPDX-License-Identifier: GPL-3.0-or-later
# score: by how much maps predict better or worse than no map, against their scale, for every horizon.
# score.csv: horizon_s,scale,world,difference,lo,hi    (world less none; map is drawn)

# ---- Constants
panel_height_mm = narrow ? 34 : 40
left_mm = narrow ? 13 : 15
right_mm = 6
bottom_mm = 11.5
gap_mm = narrow ? 15 : 16
linear = 1e-3                          # differences are drawn linear below that, logarithmic beyond

# ---- Horizons, and the ranges of all
array HORIZON[16]; n = 0; last = -1; from = 1e300; to = -from; better = 0; worse = 0; rows = 0
stats 'score.csv' using (strcol(3) ne "map" ? 0 : ((n < 16 && $1 != last) ? (n = n+1, HORIZON[n] = $1) : 0, last = $1, from = min(from, $2), to = max(to, $2), \
  better = better + ($6 < 0), worse = worse + ($5 > 0), rows = rows+1, 0)) nooutput
horizon_text(s) = s >= 172800 ? sprintf("%g days", s/86400) : s >= 3600 ? sprintf("%g h", s/3600) : sprintf("%g min", s/60)
title_text = better == 0 ? sprintf("At no horizon and scale do these maps predict better than no map; at %d of %d they predict worse", worse, rows) : \
  sprintf("At %d of %d horizons and scales these maps predict better than no map, at %d worse", better, rows, worse)
subtitle_text = sprintf("%s · %d maps on %d days · 95 %% intervals of a bootstrap over days · below 0: better than the same model without impact", \
  scenario_name, n_maps, n_days)

eval page("score", n*panel_height_mm + (n-1)*gap_mm + bottom_mm + 7)
set multiplot
set logscale x
single = to <= from
squeeze(y) = asinh(y/linear)/log(10)
set xrange [single ? from/2 : from/1.4:single ? to*2 : to*1.4]
scale_tick(x) = sprintf("%g", x)
do for [i=1:n] {
  bottom = bottom_mm + (n-i)*(panel_height_mm + gap_mm)
  lo = 0.; hi = 0.
  stats 'score.csv' using (strcol(3) eq "map" && $1 == HORIZON[i] ? (lo = min(lo, $5), hi = max(hi, $6), 0) : 0) nooutput
  lo = squeeze(lo); hi = squeeze(hi); margin = 0.08*max(hi-lo, 1e-6)
  eval panel(left_mm, width_mm-right_mm, bottom, bottom+panel_height_mm, sprintf("%s ahead: CRPS with the map less without, in sigma sqrt(h)", horizon_text(HORIZON[i])), i == n ? "scale of the map" : "")
  set yrange [lo-margin:hi+margin]; set ytics ('0' 0)
  decades = max(1, int(floor(max(hi, -lo)))); every = int(ceil(decades/4.))
  do for [k=0:decades+1] { if (k % every == 0 && (k > 0 || decades < 3)) { set ytics add (sprintf('+%g', linear*10**k) squeeze(linear*10**k)); set ytics add (sprintf('−%g', linear*10**k) squeeze(-linear*10**k)) } }
  eval log_tics("x", from/1.4, to*1.4, panel_mm/(1.4*text_mm("0.05", label_pt)), "scale_tick")
  set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead back lw 0.8 lc rgb grey_colour
  plot 'score.csv' using (strcol(3) eq "map" && $1 == HORIZON[i] ? $2 : NaN):(squeeze($4)):(squeeze($5)):(squeeze($6)) with yerrorbars pt 7 ps 0.5 lw line_pt lc rgb long_colour title 'map less none'
  eval page_done
}
unset multiplot
unset output
