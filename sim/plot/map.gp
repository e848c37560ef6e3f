# map: what would be liquidated at which price, by leverage, with the running totals away from the current price.
# Under it the branching ratio: from 1 on, each order sets off one as large; danger zones shaded.
# map.csv: side,leverage,lo_usd,hi_usd,notional_usd,base_usd    branching.csv: side,price_lo_usd,price_hi_usd,ratio
# (rows of a side ordered outward from the current price)

# ---- Constants
plot_mm = narrow ? 55 : 75
left_mm = narrow ? 11 : 13
right_mm = narrow ? 10 : 12
bottom_mm = 11.5
ratio_mm = branching_bp > 0 ? (narrow ? 18 : 22) : 0; gap_mm = branching_bp > 0 ? 8 : 0
flag_mm = line_mm(label_pt)        # two rows of text above the axes: target and floor, current price
tier_top = "10 25 50"              # highest leverage of each tier but the last
tier_name = "'≤ 10' '≤ 25' '≤ 50' '> 50' unknown"
short_tier = "0xF8C9A5 0xEC9352 0xD55E00 0x7E3800 0xFBE7D9"
long_tier = "0xA6D0EA 0x559FD0 0x0072B2 0x00426A 0xDCEBF5"
short_line = "#7E3800"; long_line = "#00426A"; rim_pt = 2.4
headroom = 1.15
short_zone = "#FBE7D9"; long_zone = "#DCEBF5"; short_ratio = "#EC9352"; long_ratio = "#559FD0"
ratio_steep = 30                   # a ratio that reaches this has a logarithmic axis

# ---- Title
crossed(side, lo, hi) = side eq "short" ? hi <= start_price : lo >= start_price
short_where = " above the price"; long_where = " below"
stats 'map.csv' using (strcol(1) eq "side" || !crossed(strcol(1), $3, $4) ? 0 : (strcol(1) eq "short" ? (short_where = ", some already crossed", 0) : \
  (long_where = ", some already crossed", 0))) nooutput
title_text = short_usd + long_usd <= 0 ? "No liquidation levels" : \
  (short_usd > 0 ? sprintf("Shorts of %s USD%s", money(short_usd), short_where) : "No shorts above the price").", ".\
  (long_usd > 0 ? sprintf("longs of %s USD%s", money(long_usd), long_where) : "no longs below").\
  (short_usd <= 0 || long_usd <= 0 ? "" : short_usd >= long_usd ? sprintf(": %.3g to 1", short_usd/long_usd) : sprintf(": 1 to %.3g", long_usd/short_usd))
subtitle_text = sprintf("%s · %s at %s USD · %s × %g", scenario_name, strlen(symbol) ? symbol : "price", price(start_price), scaled_name, levels_scale)

# ---- Ranges, and the tiers present. The header is read as a row too, so that a map without rows has data.
tier(l) = l <= 0 ? 5 : l <= word(tier_top, 1) ? 1 : l <= word(tier_top, 2) ? 2 : l <= word(tier_top, 3) ? 3 : 4
tiers = ""; bin_usd = 0; top = 0; lo = start_price; hi = start_price
stats 'map.csv' using (strcol(1) eq "side" ? 0 : (bin_usd = bin_usd > 0 ? min(bin_usd, $4-$3) : $4-$3, lo = min(lo, $3), hi = max(hi, $4), top = max(top, $5+$6), \
  tiers = strstrt(tiers, word("1 2 3 4 5", tier($2))) ? tiers : tiers.word("1 2 3 4 5", tier($2)), 0)) nooutput
short_end = hi; long_end = lo        # where the running totals end
eval stretch
margin = max(0.05*(hi-lo), 1e-3*start_price); lo = lo-margin; hi = hi+margin
total = max(short_usd, long_usd)
if (total <= 0) { top = 1e6; total = 1e6 }
unit = money_scale(top); total_unit = money_scale(total)
colour(side, l) = int(word(side eq "short" ? short_tier : long_tier, tiers eq "5" ? 3 : tier(l)))

base_mm = bottom_mm + ratio_mm + gap_mm; axes_top = base_mm + plot_mm
depends_on = (strlen(venue_text) ? " · ".venue_text : "").(branching_bp > 0 ? " · book ".book_text : "")
eval footer("depends_on")
eval page("map", axes_top + 2*flag_mm + 9)
set multiplot
eval panel(left_mm, width_mm-right_mm, base_mm, axes_top, "", branching_bp > 0 ? "" : "price, USD")
set label 4 money_unit(top).(bin_usd > 0 ? " per ".price(bin_usd)." USD of price" : "") at screen edge_mm/width_mm, y_mm(axes_top + 2*flag_mm + 2)
set label 7 money_unit(total)." in total" at screen 1-edge_mm/width_mm, y_mm(axes_top + 2*flag_mm + 2) right

# ---- Legend of the leverage tiers
at_mm = edge_mm; legend_y = axes_top + 3*flag_mm + 3
if (tiers ne "5" && strlen(tiers)) {
  set label 6 "leverage" at screen at_mm/width_mm, y_mm(legend_y)
  at_mm = at_mm + text_mm("leverage", label_pt) + 2
  do for [t=1:5] {
    if (strstrt(tiers, word("1 2 3 4 5", t))) {
      do for [side=(short_usd > 0 ? 0 : 1):(long_usd > 0 ? 1 : 0)] {
        x_mm = at_mm + 2*side
        set object 2*t+side rectangle from screen x_mm/width_mm, y_mm(legend_y-1) to screen (x_mm+2)/width_mm, y_mm(legend_y+1) \
          fs solid noborder fc rgb int(word(side ? long_tier : short_tier, t))
      }
      set label 30+t word(tier_name, t) at screen (at_mm+5)/width_mm, y_mm(legend_y)
      at_mm = at_mm + 7 + text_mm(word(tier_name, t), label_pt)
    }
  }
}

# ---- Current price, target and floor: a line with a flag on it, the flag kept inside the page
line_x(p) = left_mm + panel_mm*(p-lo)/(hi-lo)
flag_x(p, mm, shift) = clamp(line_x(p) + shift*mm, edge_mm, width_mm-edge_mm-mm)
flag(i, p, row, text, shift, colour, style, length) = \
  sprintf("set label %d '%s' at screen %g/width_mm, y_mm(%g) ", i, text, flag_x(p, text_mm(text, label_pt), shift), axes_top + (row-0.4)*flag_mm).\
  sprintf("tc rgb '%s'; ", colour).(p < lo || p > hi ? "" : \
  sprintf("set arrow %d from first %.17g, graph 0 to first %.17g, screen y_mm(%g) ", i, p, p, axes_top + length*flag_mm).\
  sprintf("nohead front lc rgb '%s' %s", colour, style))
eval flag(11, start_price, 2, "now ".price(start_price), -0.5, "#000000", "lw 0.8 dt (8, 6)", target_far || floor_far ? 0 : 1.1)
target_text = "target ".price(target_price).(target_far ? " ▶" : ""); floor_text = (floor_far ? "◀ " : "")."floor ".price(floor_price)
target_mm = text_mm(target_text, label_pt); floor_mm = text_mm(floor_text, label_pt)
target_shift = target_far ? 0 : -0.5; floor_shift = floor_far ? -1 : -0.5
# Flags that would meet each other, or the line of the current price, stand on the far sides of their lines
covers(x, mm) = !target_far && !floor_far && line_x(start_price) > x - 0.3 && line_x(start_price) < x + 0.95*mm
target_x = flag_x(target_price, target_mm, target_shift); floor_x = flag_x(floor_price, floor_mm, floor_shift)
meet = has_target && has_floor && target_x < floor_x + floor_mm && floor_x < target_x + target_mm
outward(p, other) = p > other ? 0.04 : -1.04
if (!target_far && (meet || covers(target_x, target_mm))) { target_shift = outward(target_price, meet ? floor_price : start_price) }
if (!floor_far && (meet || covers(floor_x, floor_mm))) { floor_shift = outward(floor_price, meet ? target_price : start_price) }
if (has_target) { eval flag(12, target_price, 1, target_text, target_shift, target_colour, "lw line_pt", 0.1) }
if (has_floor) { eval flag(13, floor_price, 1, floor_text, floor_shift, floor_colour, "lw line_pt", 0.1) }

# ---- Bars, and running totals with a white rim, labelled at their ends
short_text = "shorts ".money(short_usd); long_text = "longs ".money(long_usd)
span(text) = (hi-lo)*text_mm(text, label_pt)/panel_mm
# A label stands at the end of its curve, or beside the line that would cross it there
beside(end, line, span) = abs(line-end) < span && abs(line-start_price) > span && (line-end)*(start_price-end) > 0 ? line : end
if (has_target) { short_end = beside(short_end, target_price, span(short_text)) }
if (has_floor) { long_end = beside(long_end, floor_price, span(long_text)) }
short_y = short_usd/total; long_y = long_usd/total # heights as shares of either axis: above the curve, and above the bars there
stats 'map.csv' using (strcol(1) eq "side" ? 0 : (y = ($5+$6)/top, \
  short_y = $4 > short_end-span(short_text) && $3 < short_end ? max(short_y, y) : short_y, \
  long_y = $3 < long_end+span(long_text) && $4 > long_end ? max(long_y, y) : long_y, 0)) nooutput
if (short_usd > 0) { set label 21 short_text at short_end, graph short_y/headroom right offset -0.5, 0.7 front tc rgb short_line }
if (long_usd > 0) { set label 22 long_text at long_end, graph long_y/headroom left offset 0.5, 0.7 front tc rgb long_line }
set border 11
set xrange [lo:hi]; set yrange [0:headroom*top/unit]; set y2range [0:headroom*total/total_unit]
set y2tics out scale 0.5
eval price_tics("x", lo, hi, ticks_in(panel_mm))
if (branching_bp > 0) { set xtics () step_; set format x "" }
running(side) = (strcol(1) eq "side" ? (sum = 0, sum) : strcol(1) eq side ? (sum = sum+$5, sum) : NaN)/total_unit
side(k) = word("short long", k%2+1)
# What is crossed counts from the current price on
outer(side) = strcol(1) eq "side" ? start_price : side eq "short" ? max($4, start_price) : min($3, start_price)
if (tiers eq "") { plot 0 with lines lw hair_pt } else {
  plot 'map.csv' skip 1 using (($3+$4)/2):(0):3:4:($6/unit):(($5+$6)/unit):(colour(strcol(1), $2)) with boxxyerror \
      lc rgb variable title "notional", \
    for [k=0:3] '' using (outer(side(k))):(running(side(k))) axes x1y2 with steps \
      lw (k < 2 ? rim_pt : line_pt) lc rgb (k < 2 ? "white" : k == 2 ? short_line : long_line) title side(k)."s in total"
}

# ---- Branching ratio
if (branching_bp > 0) {
  eval page_done
  do for [k=1:60] { unset label k; unset arrow k; unset object k }
  eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+ratio_mm, sprintf("branching ratio at %g bp; shaded: 1 or more", branching_bp), "price, USD")
  # The largest ratio is that of what the axis shows: the map adds up at its ends what is further out
  ratio_top = 0; top_at = 0; ratio_beyond = 0; sides = ""; array END[6]   # END: edges and ratio of the last row of each side
  stats 'branching.csv' using (strcol(1) eq "side" ? 0 : (sides = strstrt(sides, strcol(1)) ? sides : sides." ".strcol(1), \
    k_ = strcol(1) eq "short" ? 0 : 3, END[k_+1] = $2, END[k_+2] = $3, END[k_+3] = $4, \
    $4 > ratio_top && $2 < hi && $3 > lo ? (ratio_top = $4, top_at = clamp(($2+$3)/2, lo, hi), 0) : \
    (ratio_beyond = $2 < hi && $3 > lo ? ratio_beyond : max(ratio_beyond, $4), 0))) nooutput
  log_ratio = ratio_top >= ratio_steep; ratio_base = log_ratio ? 0.1 : 0
  # Room for the label above the highest bar
  ratio_end = log_ratio ? 10**(log10(10*ratio_top)*ratio_mm/(ratio_mm - 1.5*line_mm(label_pt)) - 1) : max(1.3, ratio_top*ratio_mm/(ratio_mm - 1.5*line_mm(label_pt)))
  set border 3; unset y2tics; set format x "%g"
  set yrange [ratio_base:ratio_end]
  if (log_ratio) { set logscale y; set ytics () 10 } else { set ytics () step(ratio_end/3.) }
  eval price_tics("x", lo, hi, ticks_in(panel_mm))
  set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead front lw 0.8 lc rgb "#000000"
  if (log_ratio || step(ratio_end/3.) > 1) { set label 1 "1" at graph 1, first 1 offset 0.7, 0 }
  if (ratio_top > 0) {
    near_one = abs(ratio_top-1) < 0.005 && ratio_top != 1          # then it takes more digits to tell which side of 1
    top_text = sprintf(near_one ? "%.4f at %s" : ratio_top < 9.995 ? "%.2f at %s" : "%.0f at %s", ratio_top, price(top_at))
    if (ratio_beyond > ratio_top) { top_text = top_text.sprintf(ratio_beyond < 9.995 ? "; %.2f beyond" : "; %.0f beyond", ratio_beyond) }
    top_y = ratio_top > 0.8 && ratio_top < 1 ? 1 : ratio_top       # not on the line
    # Beside its bar, away from the current price; where a line would cross it there, the nearest place that none crosses
    top_mm = text_mm(top_text, label_pt); away = flag_x(top_at, top_mm, top_at >= start_price ? 0.03 : -1.03)
    array LINE[3] = [line_x(start_price), has_target ? line_x(target_price) : -1e3, has_floor ? line_x(floor_price) : -1e3]
    crossed_at(x, k) = k < 1 ? 0 : (LINE[k] > x - 0.2 && LINE[k] < x + 0.92*top_mm) || crossed_at(x, k-1)
    top_x = away; nearest = crossed_at(away, 3) ? 1e3 : 0
    do for [k=1:3] { do for [shift in "0.8 0"] {
      x = clamp(LINE[k] + (shift > 0 ? 0.8 : -0.92*top_mm - 0.8), edge_mm, width_mm-edge_mm-top_mm)
      if (abs(x-away) < nearest && !crossed_at(x, 3)) { top_x = x; nearest = abs(x-away) }
    } }
    set label 2 top_text at screen top_x/width_mm, \
      first top_y offset 0, 0.7 front
  }
  set arrow 3 from first start_price, graph 0 to first start_price, graph 1 nohead front lw 0.8 dt (8, 6) lc rgb "#000000"
  if (has_target && target_price > lo && target_price < hi) { set arrow 4 from first target_price, graph 0 to first target_price, graph 1 nohead front lw line_pt lc rgb target_colour }
  if (has_floor && floor_price > lo && floor_price < hi) { set arrow 5 from first floor_price, graph 0 to first floor_price, graph 1 nohead front lw line_pt lc rgb floor_colour }
  # Rows go outward: a step begins at a row's edge towards the current price, and ends at the next; the last has none and is a box
  do for [side in sides] {
    k_ = side eq "short" ? 0 : 3
    if (END[k_+3] >= 1) { set object 51+k_ rectangle from END[k_+1], ratio_base to END[k_+2], ratio_end back fs solid noborder fc rgb (side eq "short" ? short_zone : long_zone) }
    if (END[k_+3] > ratio_base) { set object 52+k_ rectangle from END[k_+1], ratio_base to END[k_+2], END[k_+3] back fs solid noborder fc rgb (side eq "short" ? short_ratio : long_ratio) }
  }
  edge(side) = strcol(1) ne side ? NaN : side eq "short" ? $2 : $3
  if (sides eq "") { plot 0 with lines lw hair_pt notitle } else {
    plot for [side in sides] 'branching.csv' skip 1 using (edge(side)):($4 >= 1 ? ratio_end : ratio_base) \
        with fillsteps lc rgb (side eq "short" ? short_zone : long_zone) title "danger zone", \
      for [side in sides] '' skip 1 using (edge(side)):(max($4, ratio_base)) \
        with fillsteps lc rgb (side eq "short" ? short_ratio : long_ratio) title "branching ratio"
  }
}
unset multiplot
unset output
