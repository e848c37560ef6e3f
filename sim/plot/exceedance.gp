# SPDX-License-Identifier: GPL-3.0-or-later
# exceedance: how the highest price and the forced notional of a path are distributed in several scenarios, and how often each is exceeded.
# scenario-N/histograms.csv: quantity,lo,hi,count    (rows peak_usd and forced_usd; lo = hi = 0: nothing forced; a quantity's rows ascend)

# ---- Constants
density_mm = narrow ? 20 : 26; curve_mm = narrow ? 32 : 40
left_mm = narrow ? 12 : 14; right_mm = 6
gap_mm = 16                        # between panels side by side
between_mm = 13                    # between density and exceedance
bottom_mm = 11.5; top_mm = 7
bars = narrow ? 50 : 70            # bins over an axis
tail = 5e-4                        # share of the paths left out at either end of an axis
least = 1e-4                       # smallest share on the axis
label_heights = 12                 # of a panel at which a name is tried, on either side of its curve
enough_mm = 3                      # to other lines and names; more is no better

# ---- One quantity of one file. Positions x are prices, or log10 of notionals.
ours(row) = row eq quantity
to_x(v) = logarithmic ? log10(v) : v
from_x(x) = logarithmic ? 10.**x : x
# eval count(i): n_all counts, n_zero of them of nothing forced; eval locate(i, n): value = where n of the counts are below
count(i) = sprintf("n_all = 0.; n_zero = 0.; stats '%s' using (ours(strcol(1)) ? (n_all = n_all+$4, n_zero = n_zero + ($3 > 0 ? 0 : $4), 0) : 0) nooutput", folder(i)."histograms.csv")
locate(i, n) = sprintf("below = 0.; value = 0.; stats '%s' using (ours(strcol(1)) ? (value = below < %.17g ? $3 : value, below = below+$4, 0) : 0) nooutput", folder(i)."histograms.csv", n)

array PEAK[n_scenarios]; array FORCED[n_scenarios]
do for [i=1:n_scenarios] {
  quantity = "peak_usd"; eval count(i); eval locate(i, 0.95*n_all); PEAK[i] = value
  quantity = "forced_usd"; eval count(i); eval locate(i, 0.95*n_all); FORCED[i] = value
}
# "a", "a or b", "a, b or c"
joined(i) = i == 1 ? "" : i == n_scenarios ? " or" : ","
title_text = "One path in 20 peaks above"
do for [i=1:n_scenarios] { title_text = title_text.joined(i).sprintf(" %s (%s)", price(PEAK[i]), said(i)) }
nothing = 1; do for [i=1:n_scenarios] { nothing = nothing && FORCED[i] <= 0 }
title_text = title_text.(nothing ? "; nothing is forced on 19 in 20" : ", and one in 20 forces more than")
if (!nothing) { do for [i=1:n_scenarios] { title_text = title_text.joined(i).sprintf(" %s USD (%s)", money(FORCED[i]), said(i)) } }
subtitle_text = names_text.beyond_text

block_mm = bottom_mm + curve_mm + between_mm + density_mm + top_mm
eval page("exceedance", (narrow ? 2 : 1)*block_mm + 1)
set multiplot
do for [k=1:2] {
  quantity = word("peak_usd forced_usd", k); logarithmic = k == 2
  set autoscale                    # stats leaves out what is outside the ranges of the last panel
  lo = 1e300; hi = -lo
  do for [i=1:n_scenarios] {
    eval count(i)
    if (n_all > n_zero) {
      eval locate(i, n_zero + tail*(n_all-n_zero)); lo = min(lo, to_x(value))
      eval locate(i, n_all - tail*(n_all-n_zero)); hi = max(hi, to_x(value))
    }
  }
  drawn = lo <= hi
  if (!drawn) { lo = 6.; hi = 9. }
  if (logarithmic && hi-lo < 1) { middle = (lo+hi)/2; lo = middle-0.5; hi = middle+0.5 }    # a decade at least
  if (!logarithmic && hi-lo < 1e-3*hi) { hi = 1.001*hi }
  marked = k == 1 && has_target && !far(target_price, lo, hi)
  if (marked) { lo = min(lo, target_price); hi = max(hi, target_price) }
  width = (hi-lo)/bars; n_bins = bars + 1
  bin(x) = int(clamp(floor((x-lo)/width), 0, n_bins-1)) + 1

  # Bins of all scenarios in one table: left edge, then for each scenario the share per bin and beyond the edge
  array SHARE[n_scenarios*n_bins]; array BEYOND[n_scenarios*n_bins]
  top = 0; ends = 0                # the largest bin, those at the ends of the axis aside
  do for [i=1:n_scenarios] {
    array N[n_bins]
    do for [b=1:n_bins] { N[b] = 0. }
    eval count(i)
    stats folder(i)."histograms.csv" using (ours(strcol(1)) && $3 > 0 ? (b = bin(to_x(($2+$3)/2)), N[b] = N[b]+$4, 0) : 0) nooutput
    above = 0.
    do for [b=n_bins:1:-1] {
      above = above + N[b]
      SHARE[(i-1)*n_bins+b] = 100*N[b]/max(1, n_all); BEYOND[(i-1)*n_bins+b] = above/max(1, n_all)
      top = max(top, b < n_bins && b > 1 ? SHARE[(i-1)*n_bins+b] : 0); ends = max(ends, SHARE[(i-1)*n_bins+b])
    }
  }
  if (top <= 0) { top = ends }
  set print $bins
  do for [b=1:n_bins] {
    row = sprintf("%.17g", lo + (b-1)*width)
    do for [i=1:n_scenarios] {
      beyond = BEYOND[(i-1)*n_bins+b]
      row = row.sprintf(",%.17g,%.17g", SHARE[(i-1)*n_bins+b], max(beyond, 1e-3*least))    # none is far below the axis
    }
    print row
  }
  set print

  # Where the two panels are
  half = (width_mm - left_mm - right_mm - gap_mm)/2
  l = narrow || k == 1 ? left_mm : width_mm - right_mm - half
  r = narrow || k == 2 ? width_mm - right_mm : left_mm + half
  base = bottom_mm + (narrow && k == 1 ? block_mm : 0)
  unit = money_scale(from_x(hi)); decades = hi-lo
  set xrange [lo:hi]
  if (k == 1) { eval price_tics("x", lo, hi, ticks_in(r-l)) } else {
    set xtics ()
    do for [e=int(floor(lo)):int(ceil(hi))] { do for [m=1:9] {
      if (e + log10(m) >= lo && e + log10(m) <= hi) {
        labelled = m == 1 || (decades < 2 && (m == 2 || m == 5))
        if (labelled) { set xtics add (sprintf("%g", m*10.**e/unit) e + log10(m)) } else { set xtics add ("" e + log10(m) 1) }
      }
    } }
  }

  # Density
  d = base + curve_mm + between_mm
  eval panel(l, r, d, d + density_mm, "% of paths", "")
  set label 4 at screen (l-left_mm+edge_mm)/width_mm, y_mm(d + density_mm + title_up_mm)
  set yrange [0:1.1*max(top, 1e-6)]; unset logscale y
  if (top > 0) { set ytics step(1.1*top/4) } else { set ytics (0) }
  if (marked) { set arrow 1 from target_price, graph 0 to target_price, graph 1 nohead front lw line_pt lc rgb target_colour }
  plot for [i=n_scenarios:1:-1] $bins using 1:(column(2*i)) with steps lw line_pt dt dash(i) lc rgb line_colour(i) title NAME[i]
  eval page_done

  # Exceedance
  eval panel(l, r, base, base + curve_mm, "% of paths beyond", k == 1 ? "highest price of a path, USD" : "forced notional of a path, ".money_unit(from_x(hi)))
  set label 4 at screen (l-left_mm+edge_mm)/width_mm, y_mm(base + curve_mm + title_up_mm)
  smallest = 10.**floor(log10(clamp(1./max(1, paths), least, 0.1)))
  set logscale y; set yrange [100*smallest:100]; set ytics autofreq; set format y "%g"
  # A name stands beside its curve where it is furthest from all lines and from the names before it
  height_of(p) = curve_mm*log10(max(p, smallest)/smallest)/log10(1/smallest)
  x_mm_of(b) = (r-l)*(b-1)*width/(hi-lo)
  from_line(y, p, q) = y < height_of(min(p, q)) ? height_of(min(p, q))-y : y > height_of(max(p, q)) ? y-height_of(max(p, q)) : 0
  line_clear(b, e, y, j) = b > e ? enough_mm : min(from_line(y, BEYOND[(j-1)*n_bins+b], BEYOND[(j-1)*n_bins+min(n_bins, b+1)]), line_clear(b+1, e, y, j))
  lines_clear(b, e, y, j) = j < 1 ? enough_mm : min(line_clear(b, e, y, j), lines_clear(b, e, y, j-1))
  names_clear(x, y, w, i) = i < 1 ? enough_mm : min(abs(x-NAME_X[i]) < (w+NAME_W[i])/2 ? max(0, abs(y-NAME_Y[i])-line_mm(label_pt)) : enough_mm, names_clear(x, y, w, i-1))
  bin_at(x) = int(clamp(floor(x/(r-l)*(hi-lo)/width) + 1, 1, n_bins))
  array NAME_X[n_scenarios+1]; array NAME_Y[n_scenarios+1]; array NAME_W[n_scenarios+1]
  NAME_X[1] = marked ? (r-l)*(target_price-lo)/(hi-lo) + ((r-l)*(hi-target_price)/(hi-lo) < text_mm("target 100,000", label_pt) ? -0.5 : 0.5)*text_mm("target 100,000", label_pt) : -1e3; NAME_Y[1] = 0.06*curve_mm; NAME_W[1] = text_mm("target 100,000", label_pt)
  do for [i=1:n_scenarios] {
    unset label 10+i
    w = text_mm(SHORT[i], label_pt); best = -1; NAME_X[i+1] = -1e3; NAME_Y[i+1] = 0; NAME_W[i+1] = w
    do for [h=label_heights-1:1:-1] { do for [way=1:-1:-2] {
      y = curve_mm*real(h)/label_heights; at = 0
      do for [b=1:n_bins] { if (height_of(BEYOND[(i-1)*n_bins+b]) >= y) { at = b } }
      x = x_mm_of(at + 0.5) + way*(1.5 + w/2)
      if (at > 0 && at < n_bins && x - w/2 > 0 && x + w/2 < r-l) {
        target_clear = marked && abs(x - (r-l)*(target_price-lo)/(hi-lo)) < w/2 + 0.5 ? 0 : enough_mm
        clear = min(min(names_clear(x, y, w, i), target_clear), lines_clear(bin_at(x-w/2), bin_at(x+w/2), y, n_scenarios))
        if (clear > best) { best = clear; NAME_X[i+1] = x; NAME_Y[i+1] = y }
      }
    } }
    if (best >= 0) { set label 10+i SHORT[i] at screen (l+NAME_X[i+1])/width_mm, y_mm(base+NAME_Y[i+1]) center front noenhanced tc rgb line_colour(i) }
  }
  on_left = marked && (r-l)*(hi-target_price)/(hi-lo) < text_mm("target 100,000", label_pt)
  if (marked && !on_left) { set label 9 "target ".price(target_price) at target_price, graph 0.06 left offset 0.5, 0 front tc rgb target_colour }
  if (on_left) { set label 9 "target ".price(target_price) at target_price, graph 0.06 right offset -0.5, 0 front tc rgb target_colour }
  plot for [i=n_scenarios:1:-1] $bins using 1:(100*column(2*i+1)) with lines lw line_pt dt dash(i) lc rgb line_colour(i) title NAME[i]
  eval page_done
  unset label 9; unset arrow 1; unset logscale y
  unset for [i=1:n_scenarios] label 10+i
}
unset multiplot
unset output
