# closeup: one path: its price beside the price had no order moved it, the displacement, the forced flow.

eval largest_bin("flow_short", "paths.csv", "executed('short')", 8)
eval largest_bin("flow_long", "paths.csv", "executed('long')", 8)
moved_text = signed(percent(up > -down ? up : down))
title_text = whole_text.": ".(n == 0 ? "no liquidations" : sprintf("%s, %s USD", plural(n, "liquidation"), money(forced))).\
  (deepest > 0 ? sprintf(", cascades of up to %s", plural(deepest, "generation")) : "").\
  (n_orders > 0 ? sprintf("; all orders moved the price by up to %s %%", moved_text) : \
  n > 0 ? sprintf(", moving the price by up to %s %%", moved_text) : "")
subtitle_text = path_text

base_2 = bottom_mm + small_mm + gap_mm; price_base = base_2 + small_mm + gap_mm; price_below = ""
eval page("closeup", price_base + price_mm + 7)
set multiplot
eval time_axis

# ---- Displacement
eval panel(left_mm, right, base_2, base_2 + small_mm, "displacement by ".(n_orders > 0 ? "all" : "forced")." orders, %", "")
eval small_axis(percent(down), percent(up))
seen_at(t, y) = is(id) && moved(t, y*small_mm/max(percent(up)-percent(down), 1e-12)) ? y : NaN
plot for [k=0:1] 'paths.csv' using ($2/time_s):(seen_at($2, k ? min(0, percent($6)) : max(0, percent($6)))) skip 1 @own \
    with filledcurves y=0 lc rgb (k ? long_tint : short_tint) title "displacement", \
  '' using ($2/time_s):(seen_at($2, percent($6))) skip 1 @own with lines lw hair_pt lc rgb "#333333" title "displacement"
eval page_done

# ---- Forced flow as it was executed: shorts up, longs down
flow = max(flow_short, flow_long); unit = money_scale(flow)
eval panel(left_mm, right, bottom_mm, bottom_mm + small_mm, "forced flow, ".money_unit(flow)." per ".bin_name, time_unit)
eval small_axis(-flow_long/unit, flow_short/unit)
set format x "%g"
set boxwidth bin_s/time_s absolute
signed_usd(side) = executed(side) ? (side eq "short" ? 1 : -1)*number(8)/unit : 0
plot for [side in "short long"] 'paths.csv' using (to_bin($2)):(signed_usd(side)) skip 1 @own \
    smooth frequency with boxes lc rgb (side eq "short" ? short_colour : long_colour) title "forced flow of ".side."s", \
  0 with lines lw hair_pt lc rgb "#000000" notitle
