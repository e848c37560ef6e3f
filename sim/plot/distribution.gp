# distribution: how high the price goes on a path, and how much is forced on it.
# histograms.csv: quantity,lo,hi,count    (rows peak_usd and forced_usd and, with attribution, no_impact_peak_usd and
# no_impact_forced_usd; lo = hi = 0: nothing forced; a quantity's rows ascend)

# ---- Constants
plot_mm = narrow ? 36 : 52
left_mm = 9; right_mm = 7
gap_mm = 13                        # between panels side by side
bottom_mm = 11.5
top_mm = 13.5                      # above the axes: axis title and quantiles
bars = narrow ? 50 : 70            # at most about this many over an axis
tail = 0.002                       # share of the paths left out at either end of an axis
headroom = 1.3
array LEVEL[5] = [0.5, 0.95, 0.05, 0.75, 0.25]     # quantiles marked above a panel, in order of importance
bar_colour = 0x8FC6E7; beyond_colour = 0x4DB898
without_pt = 0.7                   # the outline of the world without impact

# ---- One quantity of the file. Positions x are prices, or log10 of notionals and of prices that lie far apart; a fine bin is spread evenly in x.
ours(a) = strcol(1) eq quantity ? a : 0
to_x(v) = logarithmic ? log10(v) : v
from_x(x) = logarithmic ? 10.**x : x
array BAR[1]                       # an array before functions that assign to it
bar_of(x) = int(clamp((x-lo)/width, 0, n_bars-1))
overlap(i, a, b) = max(0, min(b, lo+(i+1)*width) - max(a, lo+i*width))/(b-a)
share_out(i, a, b, n) = i > bar_of(b) ? 0 : (BAR[i+1] = BAR[i+1] + overlap(i, a, b)*n, share_out(i+1, a, b, n))
spread(a, b, n) = share_out(bar_of(a), a, b, n)
# eval fill_bars("which"): BAR[i] is the number of paths in bar i of the panel's axis
fill_bars(which) = "array BAR[n_bars]; do for [i=1:n_bars] { BAR[i] = 0.0 }; stats 'histograms.csv' using ".\
  sprintf("(strcol(1) eq '%s' && $3 > 0 ? spread(to_x($2), to_x($3), $4) : 0) nooutput", which)
found(n) = below-$4 < n && below >= n ? ($3 <= 0 ? 0 : from_x(to_x($2) + (to_x($3)-to_x($2))*(n-below+$4)/$4)) : value
# eval locate(n): value = where n of the counts are below
locate(n) = "below = 0; value = 0; stats 'histograms.csv' using ".\
  sprintf("(strcol(1) eq quantity ? (below = below+$4, value = found(%.17g)) : 0) nooutput", n)
count = "stats 'histograms.csv' using (ours($4)) nooutput; n_all = STATS_sum; ".\
  "stats 'histograms.csv' using (ours($3 > 0 ? 0 : $4)) nooutput; n_zero = STATS_sum"

quantity = "peak_usd"; logarithmic = 0
eval count
eval locate(0.5*n_all); median = value
eval locate(0.95*n_all)
title_text = sprintf("Median peak %s, one path in 20 above %s; ", price(median), price(value)).\
  (forced_zero_share >= 1 ? "nothing forced on any path" : sprintf("mean forced %s", money_range(forced_mean, forced_lo, forced_hi)))
subtitle_text = sprintf("%s · %s × %g · quantiles above the axes", scenario_name, scaled_name, levels_scale).\
  (attributed ? " · grey outline: without the impact of liquidations" : "").beyond_text

panel_height = bottom_mm + plot_mm + top_mm
eval page("distribution", (narrow ? 2 : 1)*panel_height + 2)
set multiplot
do for [k=1:2] {
  quantity = word("peak_usd forced_usd", k); logarithmic = k == 2
  set autoscale                                    # stats leaves out what is outside the ranges of the last panel
  eval count
  drawn = n_all > n_zero
  if (drawn) {
    eval locate(n_zero + tail*(n_all-n_zero)); lo = value
    eval locate(n_all - tail*(n_all-n_zero)); hi = value
  } else { lo = 1e6; hi = 1e9 }
  if (hi > steep_ratio*lo) { logarithmic = 1 }
  lo = to_x(lo); hi = to_x(hi); mark = has_target ? to_x(target_price) : 0
  if (k == 2 && hi-lo < 1) { middle = (lo+hi)/2; lo = middle-0.5; hi = middle+0.5 }    # a decade at least
  target_far = k == 1 && has_target && far(mark, lo, hi)
  marked = k == 1 && has_target && !target_far
  if (marked) { lo = min(lo, mark); hi = max(hi, mark) }
  width = step(max(hi-lo, logarithmic ? 0 : 0.05*hi)/bars)
  anchor = marked ? mark : 0                       # bars meet at the target
  lo = anchor + width*floor((lo-anchor)/width); hi = anchor + width*max(ceil((hi-anchor)/width), (lo-anchor)/width + 4)

  n_bars = int((hi-lo)/width + 0.5)
  eval fill_bars("no_impact_".quantity)
  array WITHOUT[n_bars]; do for [i=1:n_bars] { WITHOUT[i] = 100*BAR[i]/max(1, n_all) }
  eval fill_bars(quantity)
  top = 0
  set print $bars
  do for [i=1:n_bars] {
    a = lo + (i-1)*width; percent = 100*BAR[i]/max(1, n_all); top = max(top, max(percent, WITHOUT[i]))
    print sprintf("%.17g,%.17g,%.17g,%d,%.17g", a, a+width, percent, marked && a + 0.5*width > mark ? beyond_colour : bar_colour, WITHOUT[i])
  }
  set print

  # Where the panel is, and its axes
  half = (width_mm - left_mm - right_mm - gap_mm)/2
  l = narrow || k == 1 ? left_mm : width_mm - right_mm - half
  r = narrow || k == 2 ? width_mm - right_mm : left_mm + half
  b = bottom_mm + (narrow && k == 1 ? panel_height : 0)
  below_text = k == 1 ? "highest price of a path, USD" : "forced notional of a path, ".money_unit(from_x(hi))
  eval panel(l, r, b, b + plot_mm, "% of paths", below_text)
  set label 4 at screen (l-left_mm+edge_mm)/width_mm, y_mm(b + plot_mm + top_mm - 1.5)
  unit = money_scale(from_x(hi)); decades = hi-lo
  set xrange [lo:hi]; set yrange [0:headroom*max(top, 1e-6)]; set ytics 0, step(min(100, headroom*max(top, 1e-6))/(narrow ? 4 : 5)), 100
  if (!logarithmic) { eval price_tics("x", lo, hi, ticks_in(r-l)) } else {
    set xtics ()
    do for [e=int(floor(lo)):int(ceil(hi))] { do for [m=1:9] {
      if (e + log10(m) >= lo && e + log10(m) <= hi) {
        labelled = m == 1 || (decades < (k == 1 ? 1.6 : 2) && (m == 2 || m == 5))
        if (labelled) { set xtics add ((k == 1 ? price_tick(m*10.**e) : sprintf("%g", m*10.**e/unit)) e + log10(m)) } else { set xtics add ("" e + log10(m) 1) }
      }
    } }
  }

  # Quantiles above the axes, their labels where there is room
  array PLACE[5]; array SIZE[5]
  set x2range [lo:hi]; set x2tics () out scale 0.5 font note_font offset 0, -0.4
  do for [i=1:5] {
    eval locate(LEVEL[i]*n_all)
    number = k == 1 ? price(value) : money(value)
    SIZE[i] = value <= 0 || to_x(value) < lo || to_x(value) > hi ? -1e3 : text_mm(number, note_pt) + 1.5
    PLACE[i] = SIZE[i] < 0 ? 0 : (r-l)*(to_x(value)-lo)/(hi-lo)
    if (SIZE[i] > 0 && fits(i)) { set x2tics add (sprintf("%g %%%%\n%s", 100*LEVEL[i], number) to_x(value)) }
  }

  # What is beyond the target, or has nothing forced
  note = ""; colour = k == 1 ? target_colour : "#333333"
  if (k == 1 && has_target) {
    note = sprintf("target %s%s\ntouched: %s", price(target_price), target_far ? " ▶" : "", bare(chance(target_p, target_lo, target_hi)))
  }
  if (k == 2 && forced_zero_share > 0) { note = share(forced_zero_share)." of paths: nothing forced" }
  at = marked ? (r-l)*(mark-lo)/(hi-lo) : target_far ? r-l : 0
  left_of_it = at + text_mm(line_of(note, lines(note)), note_pt) > r-l && at > (r-l)/2
  unset for [i=11:12] label i
  eval text(10, "note", l+at+(left_of_it ? -1 : 1), footer_mm+b+plot_mm-2, note_pt, (left_of_it ? "right" : "left")." front tc rgb '".colour."'")
  unset arrow 1
  if (marked) { set arrow 1 from mark, graph 0 to mark, graph 1 nohead front lw line_pt lc rgb target_colour }
  if (!drawn) { unset ytics; unset x2tics }
  plot $bars using (($1+$2)/2):(0):1:2:(0):3:4 with boxxyerror lc rgb variable title "paths", \
  for [i=1:attributed] $bars using (($1+$2)/2):5 with histeps lw without_pt lc rgb grey_colour title "without impact"
  eval page_done
}
unset multiplot
unset output
