# SPDX-License-Identifier: GPL-3.0-or-later
# closeup: the largest cascade of one path: its price beside the price had no order moved it, the displacement, the forced flow; above them
# where it is on the whole path. A path without a cascade is shown whole.

strip_mm = on_cascade ? 9 : 0      # height of the whole path

eval largest_bin("flow_short", "paths.csv", "executed('short')", 8)
eval largest_bin("flow_long", "paths.csv", "executed('long')", 8)
# What the orders of the cascade did: from the displacement just before it to the furthest while it lasts
moved_from = 0; furthest = 0
if (on_cascade) {
  stats 'paths.csv' using (is(id) && $2 < cascade_begin_s ? (moved_from = $6, 0) : 0) skip 1 @own nooutput
  stats 'paths.csv' using (is(id) && $2 >= cascade_begin_s && $2 <= cascade_end_s && abs($6-moved_from) > abs(furthest) ? (furthest = $6-moved_from, 0) : 0) skip 1 @own nooutput
}
moved_text = signed(percent(on_cascade ? furthest : up > -down ? up : down))
at_once = cascade_end_s <= cascade_begin_s
title_text = on_cascade ? sprintf("The largest cascade: %s of %s USD %s move the price by %s %%", plural(cascade_liquidations, "liquidation"), \
    money(cascade_usd), at_once ? "at once" : "within ".cell_time(cascade_end_s-cascade_begin_s), moved_text) : \
  whole_text.": ".(n == 0 ? "no liquidations" : sprintf("%s, %s USD", plural(n, "liquidation"), money(forced))).\
  (n == 0 || cascade_usd > 0 || deepest > 0 ? "" : ", no cascade").\
  (n == 0 && n_orders == 0 ? "" : down == up ? "; orders do not move the price" : n_orders > 0 ? sprintf("; all orders moved the price by up to %s %%", moved_text) : \
  sprintf(", moving the price by up to %s %%", moved_text))
subtitle_text = path_text.(on_cascade ? sprintf(" · %s", plural(cascade_generations, "generation")).\
  (n > cascade_liquidations ? sprintf(" · of %s, %s USD, on the whole path", plural(n, "liquidation"), money(forced)) : "") : "")

base_2 = bottom_mm + small_mm + gap_mm; price_base = base_2 + small_mm + gap_mm; price_below = ""
strip_base = price_base + price_mm + gap_mm + (on_cascade ? 5 : 0)
eval page("closeup", (on_cascade ? strip_base + strip_mm : price_base + price_mm) + 7)
set multiplot

# ---- The whole path, and the place of the cascade on it
if (on_cascade) {
  whole_s = horizon_s <= 3*86400 ? 3600. : 86400.
  eval panel(left_mm, right, strip_base, strip_base + strip_mm, sprintf("price on the whole path, USD, against %s; line: the cascade", whole_s == 3600 ? "hours" : "days"), "")
  set xrange [0:horizon_s/whole_s]; set xtics () step(horizon_s/whole_s/((right-left_mm)/14.)) format "%g" offset 0, 0.3 font note_font
  whole_lo = 1e300; whole_hi = 0
  stats 'paths.csv' using (is(id) ? (whole_lo = min(whole_lo, $4), whole_hi = max(whole_hi, $4), 0) : 0) skip 1 @own nooutput
  whole_hi = max(whole_hi, 1.0001*whole_lo)
  set yrange [whole_lo:whole_hi]; eval price_tics("y", whole_lo, whole_hi, 1.4)
  set ytics font note_font
  set arrow 1 from cascade_begin_s/whole_s, graph -0.1 to cascade_begin_s/whole_s, graph 1.1 nohead back lw 2*line_pt lc rgb (furthest > 0 ? short_tint : long_tint)
  whole_at(t, p) = is(id) && moved_to(t/horizon_s*panel_mm, (p-whole_lo)/(whole_hi-whole_lo)*strip_mm) ? p : NaN
  plot 'paths.csv' using ($2/whole_s):(whole_at($2, $4)) skip 1 @own with lines lw hair_pt lc rgb "#333333" title "price on the whole path"
  unset arrow 1; set xtics offset 0, 0 font label_font; set ytics font label_font; set yrange [*:*]
  eval page_done
}
eval time_axis

# ---- Displacement
eval panel(left_mm, right, base_2, base_2 + small_mm, "displacement by ".(n_orders > 0 ? "all" : "forced")." orders, %", "")
down = low_moved; up = high_moved
eval small_axis(percent(down), percent(up))
seen_at(t, y) = is(id) && moved(t, y*small_mm/max(percent(up)-percent(down), 1e-12)) ? y : NaN
plot for [k=0:1] 'paths.csv' using (on_axis($2)):(seen_at($2, k ? min(0, percent($6)) : max(0, percent($6)))) skip 1 @own \
    with filledcurves y=0 lc rgb (k ? long_tint : short_tint) title "displacement", \
  '' using (on_axis($2)):(seen_at($2, percent($6))) skip 1 @own with lines lw hair_pt lc rgb "#333333" title "displacement"
eval page_done

# ---- Forced flow as it was executed: shorts up, longs down
flow = max(flow_short, flow_long); unit = money_scale(flow)
eval panel(left_mm, right, bottom_mm, bottom_mm + small_mm, "forced flow, ".money_unit(flow)." per ".bin_name, \
  on_cascade ? sprintf("%s from the first liquidation, %s after the start", time_unit, cell_time(cascade_begin_s)) : time_unit)
eval small_axis(-flow_long/unit, flow_short/unit)
set format x "%g"
set boxwidth bin_s/time_s absolute
signed_usd(side) = executed(side) ? (side eq "short" ? 1 : -1)*number(8)/unit : 0
in_time(side) = in_window($2) ? signed_usd(side) : 0
plot for [side in "short long"] 'paths.csv' using (to_bin($2)):(in_time(side)) skip 1 @own \
    smooth frequency with boxes lc rgb (side eq "short" ? short_colour : long_colour) title "forced flow of ".side."s", \
  0 with lines lw hair_pt lc rgb "#000000" notitle
