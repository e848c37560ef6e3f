# One path and the time shown of it.
# paths.csv: path,time_s,kind,price_usd,exogenous_usd,displacement_log,side,notional_usd,fill_usd,generation
# A liquidation whose order takes time has no fill_usd; what is executed of it follows in rows of kind fill.
# drivers.csv, where there are drivers: path,time_s,kind,driver,price_usd,volatility_per_sqrt_d,depth_left,order_usd,jump_log,DRIVER.MEASURE,...

# ---- Constants
id = sprintf("%d", closeup_path)
# from_s, to_s: the time shown. Unless set, of the close-up the largest cascade and what follows it; else the whole path, or a 15th of it
# around what makes up most of the forced flow.
on_cascade = figure eq "closeup" && cascade_usd > 0
before = 0.2; after = 0.8          # shown before and after the cascade, in its own length
least_s = 60.0                     # length of a cascade that is over at once
zoom = 1/15.                       # as a share of the horizon
bin_list = "0.1 0.5 1 5 15 60 300 900 3600 14400 86400"
bin_names = "'0.1 s' '0.5 s' second '5 s' '15 s' minute '5 minutes' '15 minutes' hour '4 hours' day"
bins = on_cascade ? 120 : 300      # at most, of a flow
price_mm = narrow ? 42 : 55
small_mm = narrow ? 15 : 18; small_tics = 5         # height of the other panels, tics they have room for
gap_mm = 8; bottom_mm = 11.5
left_mm = narrow ? 14 : 16
right_mm = narrow ? 16 : 19        # for the labels at the line ends
largest_mm = narrow ? 2 : 2.8      # radius of the largest circle
price_colour = "#000000"; price_pt = 0.7
most_circles = 60                  # more liquidations than fit are added up by time and price
circle_columns = 96; circle_rows = 72 # cells of the finest grid that this is tried on
fill_alpha = "#70"                 # transparency of circles
short_tint = "#F3C6A6"; long_tint = "#A6CDE6"

# ---- What happened on the path
number(column) = real(strcol(column))              # for columns that may be empty: $8 would drop the row
is(s) = strcol(1) eq s
kind(s) = is(id) && strcol(3) eq s
touched(side) = kind("liquidation") && strcol(7) eq side
executed(side) = (kind("liquidation") || kind("fill")) && strcol(7) eq side && valid(9)     # strcol of an empty last field is that of the row before
percent(d) = 100*(exp(d)-1)
plural(n, word) = thousands(n)." ".word.(n == 1 ? "" : "s")
n = 0; deepest = 0; forced = 0; largest = 0; sides = ""; down = 0; up = 0; row = -1; first_row = -1; last_row = -1
descent(s) = strlen(s) ? int(real(s)) : 0
liquidated(usd) = (n = n+1, forced = forced+usd, largest = max(largest, usd), deepest = max(deepest, descent(strcol(10))), sides = strstrt(sides, strcol(7)) ? sides : sides." ".strcol(7))
own_row(k) = (first_row = first_row < 0 ? k : first_row, last_row = k)
stats 'paths.csv' using (row = row+1, is(id) ? (own_row(row), down = min(down, $6), up = max(up, $6), strcol(3) eq "liquidation" ? liquidated(number(8)) : "", 0) : 0) skip 1 nooutput
own = sprintf("every ::%d::%d", max(first_row, 0), max(last_row, 0))       # the rows of the path stand together: whoever reads on reads these
if (thinned_liquidations > 0 && id eq sprintf("%d", closeup_path)) { n = thinned_liquidations }    # where a row is the sum of several

# ---- The time shown, in hours or days, and the bins of a flow
sum = 0; first = 0; last = horizon_s               # between a tenth and nine tenths of the forced notional
stats 'paths.csv' using (kind("liquidation") ? (first = sum < 0.1*forced ? $2 : first, \
  last = sum < 0.9*forced ? $2 : last, sum = sum+number(8), 0) : 0) skip 1 @own nooutput
zoomed = last-first < zoom*horizon_s/2
if (on_cascade) {
  length_s = cascade_end_s > cascade_begin_s ? cascade_end_s - cascade_begin_s : min(least_s, horizon_s)
  if (!exists("from_s")) { from_s = cascade_begin_s - before*length_s }
  if (!exists("to_s")) { to_s = min(horizon_s + 0.1*length_s, cascade_end_s + after*length_s) }
}
if (!exists("from_s")) from_s = zoomed ? max(0, first - 0.2*zoom*horizon_s) : 0.0
if (!exists("to_s")) to_s = zoomed ? min(horizon_s, from_s + zoom*horizon_s) : horizon_s
whole_text = sprintf("Path %s", id).(to_s-from_s >= horizon_s ? "" : sprintf(" over %g %s", time_end, time_unit))    # in a title that speaks of all of it
# Of a cascade time is measured from its first liquidation on
zero_s = on_cascade ? cascade_begin_s : 0.
time_s = on_cascade && to_s-from_s <= 300 ? 1. : on_cascade && to_s-from_s <= 3*3600 ? 60. : to_s-zero_s <= 3*86400 ? 3600. : 86400.
time_unit = time_s == 1 ? "seconds" : time_s == 60 ? "minutes" : time_s == 3600 ? "hours" : "days"
# What is far outside stays within what the terminals can count
on_axis(t) = (clamp(t, from_s - 1000*(to_s-from_s), to_s + 1000*(to_s-from_s)) - zero_s)/time_s
bin = on_cascade ? 1 : 6; while (bin < words(bin_list) && (to_s-from_s)/word(bin_list, bin) > bins) { bin = bin+1 }
bin_s = real(word(bin_list, bin)); bin_name = word(bin_names, bin)
in_window(t) = t >= from_s && t <= to_s
shown(t) = is(id) && in_window(t)
lo = 1e300; hi = -lo; end = start_price; end_exogenous = start_price; prior = start_price; prior_exogenous = start_price; prior_moved = 0
low_moved = 0; high_moved = 0   # of the displacement in the time shown
# What is before it counts as its beginning: a line comes from there
stats 'paths.csv' using (is(id) && $2 < from_s ? (prior = $4, prior_exogenous = $5, prior_moved = $6, 0) : 0) skip 1 @own nooutput
if (from_s > 0) { lo = min(prior, prior_exogenous); hi = max(prior, prior_exogenous); end = prior; end_exogenous = prior_exogenous; low_moved = min(0, prior_moved); high_moved = max(0, prior_moved) }
stats 'paths.csv' using (shown($2) ? (lo = min(lo, min($4, $5)), hi = max(hi, max($4, $5)), end = $4, end_exogenous = $5, \
  low_moved = min(low_moved, $6), high_moved = max(high_moved, $6), 0) : 0) skip 1 @own nooutput
if (lo > hi) { lo = start_price; hi = start_price }
n_orders = 0; n_jumps = 0; jumps_shown = 0; jump_log = 0    # of the drivers; the largest jump
before_jump(p, jump) = p*exp(-jump)
seen(jump) = (n_jumps = n_jumps+1, jump_log = abs(jump) > abs(jump_log) ? jump : jump_log, 0)
reach(p) = (jumps_shown = jumps_shown+1, lo = min(lo, p), hi = max(hi, p), 0)
if (strlen(drivers_text)) {
  stats 'drivers.csv' using (kind("order") ? (n_orders = n_orders+1, 0) : kind("jump") ? (seen(number(9)), \
    in_window($2) ? reach(before_jump($5, number(9))) : 0) : 0) skip 1 nooutput
}
eval stretch
steep = lo > 0 && hi > steep_ratio*lo
margin = steep ? (hi/lo)**0.1 : max(0.06*(hi-lo), 1e-5*start_price)
lo = steep ? lo/margin : lo-margin; hi = steep ? hi*margin : hi+margin

# ---- Circles: $circles has time_s,price_usd,notional_usd,side (0 short, 1 long). A grid that leaves few enough of them is taken; a circle is
# at the mean of time and price of what it adds up, weighted by notional. Liquidations outside the time shown have none.
cells = circle_columns*circle_rows
array SLOT[2*cells]; array CELL[2*cells]; array USD[2*cells]; array T_USD[2*cells]; array P_USD[2*cells]    # of a cell its slot, of a slot the rest
do for [k=1:2*cells] { SLOT[k] = 0 }
slots = 0
height_of(p) = steep ? log(p/lo)/log(hi/lo) : (p-lo)/(hi-lo)
cell_of(t, p, long) = long*cells + int(clamp(floor(circle_rows*height_of(p)), 0, circle_rows-1))*circle_columns + \
  int(clamp(floor(circle_columns*(t-from_s)/(to_s-from_s)), 0, circle_columns-1)) + 1
slot_of(k) = SLOT[k] > 0 ? SLOT[k] : (slots = slots+1, SLOT[k] = slots, CELL[slots] = k, USD[slots] = 0., T_USD[slots] = 0., P_USD[slots] = 0., slots)
add_to(j, t, p, usd) = (USD[j] = USD[j]+usd, T_USD[j] = T_USD[j]+usd*t, P_USD[j] = P_USD[j]+usd*p, 0)
undefine $circles
n_shown = 0; rows = ""
circle_row(t, p, usd, long) = sprintf("%s%.17g,%.17g,%.17g,%d", strlen(rows) ? "\n" : "", t, p, usd, long)
stats 'paths.csv' using (kind("liquidation") && in_window($2) ? (n_shown = n_shown+1, rows = n_shown <= most_circles ? rows.circle_row($2, $4, number(8), strcol(7) eq "long") : "", \
  add_to(slot_of(cell_of($2, $4, strcol(7) eq "long")), $2, $4, number(8))) : 0) skip 1 @own nooutput
added_up = n_shown > most_circles
coarsenings = "1 2 3 4 6 8 12 24"; coarse = 1; round = 1
if (added_up) {
  array ORDER[slots]; j = 0                        # slots by cell, so that sums are taken and circles drawn in the same order
  do for [k=1:2*cells] { if (SLOT[k] > 0) { j = j+1; ORDER[j] = SLOT[k] } }
  circles_at = most_circles + 1
  while (circles_at > most_circles && round <= words(coarsenings)) {
    coarse = int(word(coarsenings, round)); round = round+1
    nc = circle_columns/coarse; nr = circle_rows/coarse
    array C_USD[2*nc*nr]; array C_T[2*nc*nr]; array C_P[2*nc*nr]
    do for [k=1:2*nc*nr] { C_USD[k] = 0. }
    circles_at = 0; largest = 0
    do for [i=1:slots] {
      k = ORDER[i]; c = CELL[k]; q = (c-1)%cells; j = (c-1)/cells*nc*nr + (q/circle_columns)/coarse*nc + (q%circle_columns)/coarse + 1
      if (C_USD[j] == 0) { circles_at = circles_at+1; C_T[j] = 0.; C_P[j] = 0. }
      C_USD[j] = C_USD[j]+USD[k]; C_T[j] = C_T[j]+T_USD[k]; C_P[j] = C_P[j]+P_USD[k]; largest = max(largest, C_USD[j])
    }
  }
  set print $circles
  do for [k=1:2*nc*nr] { if (C_USD[k] > 0) { print sprintf("%.17g,%.17g,%.17g,%d", C_T[k]/C_USD[k], C_P[k]/C_USD[k], C_USD[k], k > nc*nr) } }
  set print
} else { set print $circles; print rows; set print }
cell_time(s) = s >= 172800 ? sprintf("%.2g d", s/86400) : s >= 7200 ? sprintf("%.2g h", s/3600) : s >= 120 ? sprintf("%.2g min", s/60) : sprintf("%.2g s", s)
two_digits(x) = real(sprintf("%.1e", x))
circles_text = !added_up ? "" : sprintf(", each the sum of those within %s and %s of price", cell_time((to_s-from_s)*coarse/circle_columns), \
  steep ? sprintf("%.2g %%", 100*((hi/lo)**(coarse/real(circle_rows))-1)) : price(two_digits((hi-lo)*coarse/circle_rows))." USD")

# What every figure of a path says beneath its title
path_text = sprintf("%s · %s × %g", scenario_name, scaled_name, levels_scale).(on_cascade ? " · path ".id : "").\
  (id eq sprintf("%d", closeup_path) && paths > 1 ? " · the path with most forced notional" : "").\
  (n == 0 ? "" : sprintf(" · circles: liquidations, orange shorts bought, blue longs sold, area by notional%s, the largest %s USD", circles_text, money(largest))).\
  (jumps_shown == 0 ? "" : " · triangles: jumps").\
  (on_cascade || to_s-from_s >= horizon_s ? "" : sprintf(" · %s %.3g to %.3g of %g", time_unit, from_s/time_s, to_s/time_s, horizon_s/time_s))

# ---- Panels one above the other, sharing the axis of time
right = width_mm - right_mm
x_of(c) = is("path") ? 0 : on_axis(column(c))      # the header serves as a point: gnuplot would warn about a plot without any
bin_at(t) = int(floor((t-zero_s)/bin_s))
to_bin(t) = (bin_at(t)+0.5)*bin_s/time_s
# eval largest_bin("NAME", "FILE", "which rows", column of USD): NAME is the largest bin of a flow in the time shown
largest_bin(name, file, rows, c) = "in_bin = -1e9; flow = 0; ".name." = 0; ".\
  sprintf("stats '%s' using (shown($2) && %s ? (usd = abs(number(%d)), flow = bin_at($2) == in_bin ? flow+usd : usd, ", file, rows, c).\
  sprintf("in_bin = bin_at($2), %s = max(%s, flow), 0) : 0) skip 1 %s nooutput", name, name, file eq "paths.csv" ? own : "")
small_axis(a, b) = a >= b ? "set yrange [-1:1]; set ytics (0)" : \
  sprintf("set yrange [%.17g:%.17g]; set ytics () %g", 1.1*a, 1.1*b, step((b-a)/small_tics))
# It begins a circle's radius before the start, so that none is cut off by the axis
begin_s = from_s > 0 || on_cascade ? from_s : -largest_mm/(right-left_mm)*(to_s-from_s)
time_axis = "set xrange [on_axis(begin_s):on_axis(to_s)]; set xtics () step((to_s-from_s)/time_s/((right-left_mm)/11)); set format x ''"
# Whether a point is more than a hair from the last one drawn; what is not makes a file large and cannot be seen
same_mm = 0.05; drawn_x = -1e3; drawn_y = -1e3
moved(t, y_mm) = moved_to(t/(to_s-from_s)*(right-left_mm), y_mm)
moved_to(x, y) = abs(x-drawn_x) > same_mm || abs(y-drawn_y) > same_mm ? (drawn_x = x, drawn_y = y, 1) : 0
