# SPDX-License-Identifier: GPL-3.0-or-later
# ---- Price: the last panel drawn, from price_base up, with price_below under its axis
eval panel(left_mm, right, price_base, price_base + price_mm, "price, USD", price_below)
set format x (strlen(price_below) ? "%g" : "")
height(p) = steep ? log(max(p, 1e-3*lo)/lo)/log(hi/lo) : (p-lo)/(hi-lo)    # an unset target is 0
to_mm(p) = clamp(height(p)*price_mm, 1, price_mm-1)
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
    set label 10+i NAME[i] at screen (right+2)/width_mm, y_mm(price_base+PLACE[i]) tc rgb COLOUR[i]
    if (i > 2 && !fits(i)) { set label 10+i at graph (zoomed ? 0.5 : 0.01), first AT[i] offset 0, (i == 3 ? 0.5 : -0.5) }
    if (i > 2) { set arrow 10+i from graph 0, first AT[i] to graph 1, first AT[i] nohead lw 0.8 lc rgb COLOUR[i] }
  }
}
set yrange [lo:hi]
if (steep) {
  set logscale y; set ytics ()
  do for [e=int(floor(log10(lo))):int(floor(log10(hi)))] { do for [m in hi < 100*lo ? "1 2 5" : "1"] {
    p = m*10.**e
    if (p >= lo && p <= hi) { set ytics add (price_tick(p) p) }
  } }
} else { eval price_tics("y", lo, hi, 5) }
set print $circles append
print sprintf("0,%.17g,0,0\n0,%.17g,0,1", steep ? lo/2 : lo - 9*(hi-lo), steep ? lo/2 : lo - 9*(hi-lo))    # off the panel: none is empty
set print
radius(usd) = usd <= 0 ? 0. : largest_mm*sqrt(usd/largest)*(to_s-begin_s)/time_s/panel_mm
$header << EOD
path
EOD
jump_file = jumps_shown > 0 ? "drivers.csv" : "$header"
jumped(sign) = kind("jump") && in_window($2) && sign*number(9) >= 0
off = steep ? lo/2 : lo - 9*(hi-lo)             # where the header is: off the panel
at_jump(sign, share) = is("path") ? off : jumped(sign) ? before_jump(column(5), (1-share)*number(9)) : NaN
jump_ps = jumps_shown > 60 ? 0.3 : narrow ? 0.4 : 0.5
fill(side) = fill_alpha.(side eq "short" ? short_colour : long_colour)[2:*]
price_at(t, p) = is(id) && moved(t, height(p)*price_mm) ? p : NaN
# The price on top of the circles, with a white rim, so that they do not hide it
plot for [side in "short long"] $circles using ($4 == (side eq "short" ? 0 : 1) ? on_axis($1) : NaN):2:(radius($3)) \
    with circles fs solid border rgb "white" lw 0.2 lc rgb fill(side) title side." liquidations", \
  'paths.csv' using (on_axis($2)):(price_at($2, $5)) skip 1 @own with lines lw price_pt lc rgb "#999999" title "no impact", \
  for [k=0:1] '' using (on_axis($2)):(price_at($2, $4)) skip 1 @own with lines lw (k ? price_pt : 2*price_pt) lc rgb (k ? price_colour : "white") title "price", \
  jump_file using (x_of(2)):(at_jump(0, 0)):(0):(jumped(0) ? at_jump(0, 1) - at_jump(0, 0) : 0) \
    with vectors nohead lw 1.2 lc rgb price_colour title "jump", \
  for [sign=-1:1:2] '' using (x_of(2)):(at_jump(sign, 1)) with points pt (sign > 0 ? 9 : 11) ps jump_ps lc rgb price_colour title "jump"
unset multiplot
unset output
