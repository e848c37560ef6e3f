# SPDX-License-Identifier: GPL-3.0-or-later
# reliability: how often the largest clusters were touched, against the probability without impact.
# reliability.csv: horizon_s,lo,hi,predicted,observed,observed_lo,observed_hi,n

# ---- Constants
plot_mm = narrow ? 60 : 76
left_mm = narrow ? 12 : 14
right_mm = 6
bottom_mm = 11.5

array HORIZON[16]; n = 0; last = -1; clusters = 0; hits = 0.; law = 0.
stats 'reliability.csv' using (strcol(1) eq "horizon_s" ? 0 : (n < 16 && $1 != last ? (n = n+1, HORIZON[n] = $1) : 0, last = $1, \
  clusters = clusters + $8, hits = hits + $5*$8, law = law + $4*$8, 0)) nooutput
horizon_text(s) = s >= 172800 ? sprintf("%g days", s/86400) : s >= 3600 ? sprintf("%g h", s/3600) : sprintf("%g min", s/60)
array COLOUR[4] = ["#56B4E9", "#0072B2", "#D55E00", "#000000"]
colour(i) = COLOUR[(i-1)%4 + 1]
title_text = clusters == 0 ? "No map has a cluster" : \
  sprintf("The largest clusters were touched in %.1f %% of cases, %.1f %% by chance", 100*hits/clusters, 100*law/clusters)
subtitle_text = sprintf("%s · %d maps on %d days · above the diagonal: touched more often than a price that knows no map · 95 %% intervals of a bootstrap over days", scenario_name, n_maps, n_days)

eval page("reliability", bottom_mm + plot_mm + 7)
eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+plot_mm, "touched, %", "probability without impact, %")
set xrange [0:100]; set yrange [0:100]; set xtics 20; set ytics 20
set arrow 1 from first 0, first 0 to first 100, first 100 nohead back lw 0.8 lc rgb grey_colour
do for [i=1:n] { set label 60+i horizon_text(HORIZON[i]) at graph 0.03, graph 1.0 - 0.06*i left tc rgb colour(i) }
array SHIFT[16]; do for [i=1:16] { SHIFT[i] = (i - (n+1)/2.)*1.2 }
span(v, otherwise) = v == v ? v : otherwise
plot for [i=1:n] 'reliability.csv' skip 1 using ($1 == HORIZON[i] ? 100*$4 + SHIFT[i] : NaN):(100*$5):(100*span($6, $5)):(100*span($7, $5)) \
  with yerrorbars pt 7 ps 0.5 lw line_pt lc rgb colour(i) title horizon_text(HORIZON[i])
unset output
