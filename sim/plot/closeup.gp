# closeup: one path: its price beside the price had no forced order moved it, the displacement, the forced flow.
# paths.csv: path,time_s,kind,price_usd,exogenous_usd,displacement_log,side,notional_usd,fill_usd

# ---- Constants
id = sprintf("%d", closeup_path)
# from_s, to_s: the time shown. Unless set, the whole path, or a 15th of it around a cascade that makes up most of the forced flow.
zoom = 1/15.                      # as a share of the horizon
bin_list = "60 300 900 3600 14400 86400"; bin_names = "minute '5 minutes' '15 minutes' hour '4 hours' day"
bins = 300                         # at most, of the forced flow
price_mm = narrow ? 42 : 55
small_mm = narrow ? 15 : 18        # height of displacement, and of forced flow
gap_mm = 8; bottom_mm = 11.5
left_mm = narrow ? 14 : 16
right_mm = narrow ? 16 : 19        # for the labels at the line ends
largest_mm = narrow ? 2 : 2.8      # radius of the largest circle
price_colour = "#000000"; price_pt = 0.7
fill_alpha = "#70"                 # transparency of circles
short_tint = "#F3C6A6"; long_tint = "#A6CDE6"

# ---- What happened on the path
number(column) = real(strcol(column))              # for columns that may be empty: $8 would drop the row
is(s) = strcol(1) eq s
hit(side) = is(id) && strcol(3) eq "liquidation" && strcol(7) eq side
percent(d) = 100*(exp(d)-1)
signed(x) = sprintf(abs(x) < 99.5 ? "%+.2g" : "%+.0f", x)
n = 0; forced = 0; largest = 0; sides = ""; down = 0; up = 0
stats 'paths.csv' using (is(id) ? (down = min(down, $6), up = max(up, $6), 0) : 0) skip 1 nooutput
stats 'paths.csv' using (is(id) && strcol(3) eq "liquidation" ? (usd = number(8), n = n+1, forced = forced+usd, largest = max(largest, usd), \
  sides = strstrt(sides, strcol(7)) ? sides : sides." ".strcol(7), 0) : 0) skip 1 nooutput

# ---- The time shown, in hours or days, and its bins
sum = 0; first = 0; last = horizon_s               # between a tenth and nine tenths of the forced notional
stats 'paths.csv' using (is(id) && strcol(3) eq "liquidation" ? (first = sum < 0.1*forced ? $2 : first, \
  last = sum < 0.9*forced ? $2 : last, sum = sum+number(8), 0) : 0) skip 1 nooutput
zoomed = last-first < zoom*horizon_s/2
if (!exists("from_s")) from_s = zoomed ? max(0, first - 0.2*zoom*horizon_s) : 0.0
if (!exists("to_s")) to_s = zoomed ? min(horizon_s, from_s + zoom*horizon_s) : horizon_s
time_s = to_s <= 3*86400 ? 3600. : 86400.; time_unit = time_s == 3600 ? "hours" : "days"
bin = 1; while (bin < 6 && (to_s-from_s)/word(bin_list, bin) > bins) { bin = bin+1 }
bin_s = real(word(bin_list, bin))
shown(t) = is(id) && t >= from_s && t <= to_s
lo = 1e300; hi = -lo; end = start_price; end_exogenous = start_price
stats 'paths.csv' using (shown($2) ? (lo = min(lo, min($4, $5)), hi = max(hi, max($4, $5)), end = $4, end_exogenous = $5, 0) : 0) skip 1 nooutput
if (lo > hi) { lo = start_price; hi = start_price }
flow_short = 0; flow_long = 0                      # largest bin of either side
do for [side in sides] {
  in_bin = -1; flow = 0; top = 0
  stats 'paths.csv' using (shown($2) && hit(side) ? (usd = number(8), flow = int($2/bin_s) == in_bin ? flow+usd : usd, \
    in_bin = int($2/bin_s), top = max(top, flow), 0) : 0) skip 1 nooutput
  if (side eq "short") { flow_short = top } else { flow_long = top }
}
title_text = n == 0 ? sprintf("Path %s: no liquidations", id) : sprintf("Path %s: %s liquidation%s, %s USD, moving the price by up to %s %%", \
  id, thousands(n), n == 1 ? "" : "s", money(forced), signed(percent(up > -down ? up : down)))
subtitle_text = sprintf("%s · levels × %g", scenario_name, levels_scale).\
  (id eq sprintf("%d", closeup_path) && paths > 1 ? " · the path with most forced notional" : "").\
  (n == 0 ? "" : sprintf(" · circles: orange shorts bought, blue longs sold, area ∝ notional, largest %s USD", money(largest))).\
  (to_s-from_s >= horizon_s ? "" : sprintf(" · %s %.3g to %.3g of %g", time_unit, from_s/time_s, to_s/time_s, horizon_s/time_s))

eval stretch
margin = max(0.06*(hi-lo), 1e-5*start_price); lo = lo-margin; hi = hi+margin

small_axis(a, b) = a >= b ? "set yrange [-1:1]; set ytics (0)" : \
  sprintf("set yrange [%.17g:%.17g]; set ytics () %g", 1.1*a, 1.1*b, step((b-a)/5))
right = width_mm - right_mm
base_2 = bottom_mm + small_mm + gap_mm; base_1 = base_2 + small_mm + gap_mm
eval page("closeup", base_1 + price_mm + 7)
set multiplot
set xrange [from_s/time_s:to_s/time_s]
set xtics step((to_s-from_s)/time_s/((right-left_mm)/11)); set format x ""

# ---- Price
eval panel(left_mm, right, base_1, base_1 + price_mm, "price, USD", "")
to_mm(p) = clamp((p-lo)/(hi-lo)*price_mm, 1, price_mm-1)
array NAME[4] = ["price", "no impact", "target", "floor"]
array AT[4] = [end, end_exogenous, target_price, floor_price]
array COLOUR[4] = [price_colour, grey_colour, target_colour, floor_colour]
array PLACE[4]; array SIZE[4]
do for [i=1:4] { PLACE[i] = to_mm(AT[i]); SIZE[i] = line_mm(label_pt) }
if (!fits(2)) {                    # push the two ends apart
  apart = (1.01*SIZE[1] - abs(PLACE[1]-PLACE[2]))/2*(end < end_exogenous ? -1 : 1)
  PLACE[1] = PLACE[1]+apart; PLACE[2] = PLACE[2]-apart
}
SIZE[3] = has_target && target_price > lo && target_price < hi ? SIZE[3] : -1e3
SIZE[4] = has_floor && floor_price > lo && floor_price < hi ? SIZE[4] : -1e3
do for [i=1:4] {
  if (SIZE[i] > 0) {               # in the margin, or on its line where the margin is taken
    set label 10+i NAME[i] at screen (right+2)/width_mm, y_mm(base_1+PLACE[i]) tc rgb COLOUR[i]
    if (i > 2 && !fits(i)) { set label 10+i at graph (zoomed ? 0.5 : 0.01), first AT[i] offset 0, (i == 3 ? 0.5 : -0.5) }
    if (i > 2) { set arrow 10+i from graph 0, first AT[i] to graph 1, first AT[i] nohead lw 0.8 lc rgb COLOUR[i] }
  }
}
set yrange [lo:hi]
eval price_tics("y", lo, hi, 5)
radius(usd) = largest_mm*sqrt(usd/largest)*(to_s-from_s)/time_s/panel_mm
fill(side) = fill_alpha.(side eq "short" ? short_colour : long_colour)[2:*]
# The header serves as a circle off the panel: gnuplot would warn about a side without any
plot 'paths.csv' using ($2/time_s):(shown($2) ? $5 : NaN) skip 1 with lines lw price_pt lc rgb "#999999" title "no impact", \
  '' using ($2/time_s):(shown($2) ? $4 : NaN) skip 1 with lines lw price_pt lc rgb price_colour title "price", \
  for [side in "short long"] '' using (is("path") ? 0 : $2/time_s):(is("path") ? lo - 9*(hi-lo) : hit(side) ? $4 : NaN): \
    (hit(side) ? radius(number(8)) : 0) with circles fs solid border rgb "white" lw 0.2 lc rgb fill(side) title side." liquidations"
eval page_done
unset label 11; unset label 12; unset label 13; unset label 14; unset arrow 13; unset arrow 14

# ---- Displacement
eval panel(left_mm, right, base_2, base_2 + small_mm, "displacement by forced orders, %", "")
eval small_axis(percent(down), percent(up))
plot for [k=0:1] 'paths.csv' using ($2/time_s):(shown($2) ? (k ? min(0, percent($6)) : max(0, percent($6))) : NaN) skip 1 \
    with filledcurves y=0 lc rgb (k ? long_tint : short_tint) title "displacement", \
  '' using ($2/time_s):(shown($2) ? percent($6) : NaN) skip 1 with lines lw hair_pt lc rgb "#333333" title "displacement"

# ---- Forced flow: shorts up, longs down
flow = max(flow_short, flow_long); unit = money_scale(flow)
eval panel(left_mm, right, bottom_mm, bottom_mm + small_mm, "forced flow, ".money_unit(flow)." per ".word(bin_names, bin), time_unit)
eval small_axis(-flow_long/unit, flow_short/unit)
set format x "%g"
set boxwidth bin_s/time_s absolute
signed_usd(side) = hit(side) ? (side eq "short" ? 1 : -1)*number(8)/unit : 0
plot for [side in "short long"] 'paths.csv' using ((floor($2/bin_s)+0.5)*bin_s/time_s):(signed_usd(side)) skip 1 \
    smooth frequency with boxes lc rgb (side eq "short" ? short_colour : long_colour) title side." liquidations", \
  0 with lines lw hair_pt lc rgb "#000000" notitle
unset multiplot
unset output
