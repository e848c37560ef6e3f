# SPDX-License-Identifier: GPL-3.0-or-later
# tornado: how far each condition moves the probability, one at a time, from where the scenario stands.
# points.csv: point,condition,end,value,target_probability_difference,..._se,..._lo,..._hi,...    (point 0 is the scenario as it is)

# ---- Constants
row_mm = 9; bar_mm = 4.6
left_mm = narrow ? 16 : 22         # for the names of the conditions
right_mm = 6
bottom_mm = 11.5
low_colour = "#BCDDF2"; high_colour = "#5C9CCB"

what = has_target ? "target_probability" : has_floor ? "floor_probability" : "forced_usd"
event = has_target ? sprintf("P(touch %s)", price(target_price)) : has_floor ? sprintf("P(touch %s)", price(floor_price)) : "Mean forced notional"
change = what."_difference"

upper_unit(s) = strlen(s) > 4 && s[strlen(s)-3:] eq " usd" ? s[1:strlen(s)-3]."USD" : s
floor_at(v) = max(0, v)                                # neither a probability nor a notional is less
roof_at(v) = what eq "forced_usd" ? v : min(1, v)

# ---- The base, and both ends of every condition: base and paired difference
base = 0; base_lo = 0; base_hi = 0; n_points = 0
stats 'points.csv' using (n_points = n_points+1, $1 == 0 ? (base = column(what), base_lo = cell(what."_lo", base), base_hi = cell(what."_hi", base), 0) : 0) nooutput
n = (n_points-1)/2
array CONDITION[n]; array LABEL[2*n]; array END[2*n]; array END_LO[2*n]; array END_HI[2*n]; array SPAN[n]; array ROW[n]; array LEFT_OUT[2*n]
stats 'points.csv' using ($1 > 0 ? (k = int($1), CONDITION[(k+1)/2] = strcol(2), LABEL[k] = minus(upper_unit(strcol(4))), LEFT_OUT[k] = column("paths") == 0, \
  END[k] = base + cell(change, 0), END_LO[k] = floor_at(base + cell(change."_lo", cell(change, 0))), END_HI[k] = roof_at(base + cell(change."_hi", cell(change, 0))), 0) : 0) nooutput
do for [k=1:2*n] { if (LEFT_OUT[k]) { LABEL[k] = LABEL[k].": left out" } }
lo = min(base_lo, base); hi = max(base_hi, base)
do for [i=1:n] {
  SPAN[i] = max(max(END[2*i-1], END[2*i]), base) - min(min(END[2*i-1], END[2*i]), base)
  lo = min(lo, min(END_LO[2*i-1], END_LO[2*i])); hi = max(hi, max(END_HI[2*i-1], END_HI[2*i]))
}
if (lo >= hi) { hi = lo + 1e-6 }
do for [i=1:n] {                   # the widest on top; of equals the first
  ROW[i] = n
  do for [j=1:n] { if (SPAN[j] > SPAN[i] || SPAN[j] == SPAN[i] && j < i) { ROW[i] = ROW[i]-1 } }
}
widest = 1
do for [i=1:n] { if (ROW[i] == n) { widest = i } }
unit = what eq "forced_usd" ? money_scale(hi) : 0.01
beside(v, other) = what eq "forced_usd" ? money(v)." USD" : share_beside(v, other)
least = max(0, min(base, min(END[2*widest-1], END[2*widest]))); most = max(base, max(END[2*widest-1], END[2*widest]))
title_text = sprintf("%s %s; most moved by %s: %s to %s", event, \
  what eq "forced_usd" ? "= ".beside(base, base) : chance(base, base_lo, base_hi), CONDITION[widest], \
  beside(least, most), beside(most, least))
subtitle_text = sprintf("%s · %s × %g · bars: difference to the scenario (light: low end, dark: high end), whiskers: its 95 %% interval, grey: that of the scenario", scenario_name, scaled_name, levels_scale).beyond_text

plot_mm = n*row_mm
eval page("tornado", bottom_mm + plot_mm + 4)
eval panel(left_mm, width_mm-right_mm, bottom_mm, bottom_mm+plot_mm, "", event.(what eq "forced_usd" ? ", ".money_unit(hi) : ", %"))
# Where the labels stand, and an axis that leaves room for them: its scale depends on them in turn, and settles quickly
array LABEL_X[2*n]; array RIGHT[2*n]
do for [k=1:2*n] {
  other = END[k%2 ? k+1 : k-1]
  RIGHT[k] = END[k] == base ? (other == base ? k%2 == 0 : other < base) : END[k] > base
  LABEL_X[k] = RIGHT[k] ? max(END_HI[k], base) : min(END_LO[k], base)
  # Both ends on one side: the nearer one's label goes to the other side of the base
  if (END[k] != base && (END[k]-base)*(other-base) > 0 && abs(END[k]-base) < abs(other-base)) { RIGHT[k] = !RIGHT[k]; LABEL_X[k] = base }
}
from = lo; to = hi
do for [round=1:30] {
  per_mm = (to-from)/panel_mm; from = lo; to = hi
  do for [k=1:2*n] {
    span = (text_mm(LABEL[k], note_pt) + 2)*per_mm
    if (RIGHT[k]) { to = max(to, LABEL_X[k] + span) } else { from = min(from, LABEL_X[k] - span) }
  }
}
# The axis ends where probabilities do: beyond is room for labels alone
axis_from = max(0, from); axis_to = roof_at(to)
set border 0; unset ytics; set grid noytics noxtics
set arrow 2 from axis_from/unit, graph 0 to axis_to/unit, graph 0 nohead front lw 0.5
set xrange [from/unit:to/unit]; set yrange [0.4:n+0.6]
axis_mm = panel_mm*(axis_to-axis_from)/(to-from)
set xtics 0, step((axis_to-axis_from)/unit/max(1, axis_mm/10.)), axis_to/unit format '%g'
set object 1 rectangle from base_lo/unit, graph 0 to base_hi/unit, graph 1 back fs solid noborder fc rgb rule_colour
set arrow 1 from base/unit, graph 0 to base/unit, graph 1 nohead front lw hair_pt*2 lc rgb grey_colour
set print $ends
do for [k=1:2*n] {
  i = (k+1)/2
  if (!LEFT_OUT[k]) { print sprintf("%.17g,%d,%.17g,%.17g,%.17g,%d", base/unit, ROW[i], END[k]/unit, END_LO[k]/unit, END_HI[k]/unit, int("0x".(k%2 ? low_colour : high_colour)[2:*])) }
  if (RIGHT[k]) { set label 20+k LABEL[k] at LABEL_X[k]/unit, ROW[i] left offset 0.6, 0 font note_font front noenhanced
  } else { set label 20+k LABEL[k] at LABEL_X[k]/unit, ROW[i] right offset -0.6, 0 font note_font front noenhanced }
}
set print
do for [i=1:n] { set label 60+i CONDITION[i] at screen edge_mm/width_mm, first ROW[i] }
set datafile nocolumnheaders
half = bar_mm/row_mm/2
plot $ends using (($1+$3)/2):2:1:3:($2-half):($2+half):6 with boxxyerror fs solid 0.9 lc rgb variable title "ends", \
  '' using 3:2:4:5 with xerrorbars pt 7 ps 0.25 lw 0.8 lc rgb "#000000" title "95 %"
unset output
