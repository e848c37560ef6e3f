# drivers: what the drivers did on one path: the states they report, volatility, depth, their other measures, their orders; the price.
# A measure whose values are words becomes a strip, another a panel; what does not vary has none. The results of a venue's liquidation engine stand
# beneath the price, the rest above it.

# ---- Constants
strip_mm = narrow ? 4 : 5
least = 0.1                        # what varies by less than this share of its largest value is not shown
log_below = 0.1                    # depth that falls below this share has a logarithmic axis
single_orders = narrow ? 100 : 200 # more orders than this are shown as a flow
lightest = 245; darkest = 145      # greys of a strip, from the calmest state to the least calm
behind = 0.3                       # strength of the first strip's greys behind the panels
level_colour = "#333333"

# ---- Series of numbers: volatility, depth, measures; and lists of states, a line each, for measures that are words
find(name, c) = c > 100 ? 0 : strcol(c) eq name ? c : find(name, c+1)
number_of(list, s) = strstrt("\n".list, "\n".s."\n") ? lines(list[1:strstrt("\n".list, "\n".s."\n")-1]) : 0
enter(s, t) = s eq state ? 0 : (state = s, states = number_of(states, s) ? states : states.s."\n", \
  begins = begins.sprintf(" %.17g", t), order = order.sprintf(" %d", number_of(states, s)), 0)
series = n_measures + 2
array COLUMN[series]; array MIN[series]; array MAX[series]
array LO[series]; array HI[series] # in the time shown
array STATES[series]; array BEGINS[series]; array ORDER[series]; array SHARES[series]    # ORDER: which state begins at BEGINS
array CALM[series]                 # of each state: depth over volatility at its best
do for [i=1:series] {
  c = i == 1 ? 6 : 7; a = 1e300; b = -a; lo_ = a; hi_ = b; states = ""; begins = ""; order = ""; state = ""; shares = ""; calm = ""
  if (i > 2) {
    name = value(sprintf("measure_%d", i-2))
    stats 'drivers.csv' using (c = find(name, 10), 0) every ::0::0 nooutput
  }
  stats 'drivers.csv' using (kind("output") && valid(c) ? (v = column(c), a = min(a, v), b = max(b, v), $2 <= to_s ? \
    (lo_ = $2 < from_s ? v : min(lo_, v), hi_ = $2 < from_s ? v : max(hi_, v), 0) : 0) : 0) skip 1 nooutput
  if (a > b) { stats 'drivers.csv' using (kind("output") ? enter(strcol(c), $2) : 0) skip 1 nooutput }
  do for [k=1:lines(states)-1] {
    sum = 0.
    do for [r=1:words(order)] {
      if (word(order, r) == k) { sum = sum + (r < words(order) ? word(begins, r+1) : horizon_s) - word(begins, r) }
    }
    deep = 0; quiet = 1e300
    stats 'drivers.csv' using (kind("output") && strcol(c) eq line_of(states, k) ? (deep = max(deep, $7), quiet = min(quiet, $6), 0) : 0) skip 1 nooutput
    shares = shares.sprintf(" %.9g", sum/horizon_s); calm = calm.sprintf(" %.9g", deep/max(quiet, 1e-9))
  }
  COLUMN[i] = c; MIN[i] = a; MAX[i] = b; LO[i] = lo_; HI[i] = hi_; STATES[i] = states; BEGINS[i] = begins; ORDER[i] = order; SHARES[i] = shares; CALM[i] = calm
}
wide(a, b) = b - a > least*max(abs(a), abs(b))
varies(i) = wide(MIN[i], MAX[i])
measure(i) = i > 2 ? value(sprintf("measure_%d", i-2)) : ""
of_venue(i) = i > 2 ? value(sprintf("measure_%d_of_venue", i-2)) : 0
calmer(i, k, j) = j < 1 ? 0 : (word(CALM[i], j) > 1.*word(CALM[i], k) || (word(CALM[i], j) == 1.*word(CALM[i], k) && j < k)) + calmer(i, k, j-1)
rank(i, k) = calmer(i, k, words(CALM[i]))          # 0: the calmest
grey(i, k) = lightest - (lightest-darkest)*rank(i, k)/max(2, words(SHARES[i])-1)
rgb_grey(v) = sprintf("#%02X%02X%02X", v, v, v)
ranked(i, r, k) = rank(i, k) == r ? k : ranked(i, r, k-1)      # the state of rank r among the first k
state_text(i, k) = line_of(STATES[i], k)." ".share(real(word(SHARES[i], k)))

# ---- Orders of drivers in the time shown
orders = 0; bought = 0; sold = 0
stats 'drivers.csv' using (kind("order") ? (orders = orders + in_window($2), usd = in_window($2)*number(8), \
  bought = max(bought, usd), sold = max(sold, -usd), 0) : 0) skip 1 nooutput
as_flow = orders > single_orders
sign_is(sign) = kind("order") && sign*number(8) > 0
if (as_flow) {
  eval largest_bin("bought", "drivers.csv", "sign_is(1)", 8)
  eval largest_bin("sold", "drivers.csv", "sign_is(-1)", 8)
}

# ---- Title
# Two balances in one unit
in_unit(x, unit) = abs(x) < 1e-3*unit ? "0" : x < 0 ? "−".in_unit(-x, unit) : unit > 1 ? money_number(x/unit) : price(x)
range_unit(top) = top >= 0.9995e6 ? money_scale(top) : 1.
money_between(a, b) = money_between_in(a, b, range_unit(max(abs(a), abs(b))))
money_between_in(a, b, unit) = sprintf("between %s and %s %s", in_unit(a, unit), in_unit(b, unit), unit > 1 ? money_unit(unit) : "USD")
said = ""; thinned = varies(2) && MIN[2] < 1
do for [i=3:series] {
  if (measure(i) eq "venue.fund" && MIN[i] < MAX[i]) { said = said.", insurance fund ".money_between(MIN[i], MAX[i]) }
  if (measure(i) eq "venue.adl" && MAX[i] > 0) { said = said.sprintf(", %s USD deleveraged", money(MAX[i])) }
  if (measure(i) eq "venue.fund_drawn" && MAX[i] > 0) { said = said.sprintf(", insurance fund paid %s USD", money(MAX[i])) }
  if (measure(i) eq "venue.bad_debt" && MAX[i] > 0) { said = said.sprintf(", bad debt of %s USD", money(MAX[i])) }
}
do for [i=3:series] {
  n_states = words(SHARES[i])
  if (n_states > 1) { said = said.", ".literal(state_text(i, ranked(i, n_states-1, n_states)))." of the time" }
  if (n_states == 1) { said = said.", always ".literal(line_of(STATES[i], 1)) }
}
if (varies(2)) { said = said.", depth ".(thinned ? "down" : "up")." to ".share(thinned ? MIN[2] : MAX[2]) }
if (n_jumps > 0) { said = said.", ".plural(n_jumps, "jump").(n_jumps == 1 ? " of " : " of up to ").signed(percent(jump_log))." %" }
if (n_orders > 0) { said = said.", ".plural(n_orders, "order")." by drivers" }
if (said eq "" && varies(1)) { said = sprintf(", volatility up to %.2g %% per sqrt(day)", 100*MAX[1]) }
if (said eq "" && n > 0) { said = sprintf(", %s of %s USD", plural(n, "liquidation"), money(forced)) }
title_text = whole_text.": ".(said eq "" ? "no jumps, no orders, steady volatility and depth" : said[3:*])
subtitle_text = path_text

# ---- What a series is called and measured in
ends(s, tail) = strlen(tail) && strlen(s) > strlen(tail) && s[strlen(s)-strlen(tail)+1:*] eq tail
without(s, tail) = ends(s, tail) ? s[1:strlen(s)-strlen(tail)] : s
spell(s) = s eq "" ? "" : (s[1:1] eq "_" ? " " : s[1:1] eq "." ? ": " : s[1:1]).spell(s[2:*])
tail_of(unit) = unit eq "usd" ? "_usd" : unit eq "1/s" ? "_per_s" : unit eq "s" ? "_s" : ""
unit_of(i) = i < 3 ? "%" : value(sprintf("measure_%d_unit", i-2))
name_of(i) = i == 1 ? "volatility" : i == 2 ? "depth left" : measure(i) eq "venue.fund" ? "insurance fund" : \
  measure(i) eq "venue.adl" ? "deleveraged so far" : measure(i) eq "venue.fund_drawn" ? "paid by the insurance fund" : \
  measure(i) eq "venue.bad_debt" ? "bad debt so far" : spell(without(measure(i), tail_of(unit_of(i))))
# Of a largest value x, in s or 1/s, the unit in which it is 1 or more
every = "1 60 3600 86400"; every_name = "second minute hour day"
slow(x, k) = k > 3 || x*word(every, k) >= 1 ? k : slow(x, k+1)
long(x, k) = k < 2 || x >= word(every, k) ? k : long(x, k-1)
scale_of(i, x) = unit_of(i) eq "%" ? 0.01 : unit_of(i) eq "usd" ? money_scale(x) : unit_of(i) eq "1/s" ? 1./word(every, slow(x, 1)) : \
  unit_of(i) eq "s" ? 1.*word(every, long(x, 4)) : 1.
unit_text(i, x) = i == 1 ? ", % per sqrt(day)" : i == 2 ? ", % of undisturbed" : unit_of(i) eq "usd" ? ", ".money_unit(x) : \
  unit_of(i) eq "1/s" ? ", per ".word(every_name, slow(x, 1)) : unit_of(i) eq "s" ? ", ".word(every_name, long(x, 4))."s" : \
  unit_of(i) eq "1" ? "" : ", ".unit_of(i)

# ---- The stack from the price up: orders (0), series, strips; a strip's states are listed beside its name. After it, what is beneath the price.
stack = orders > 0 ? "0" : ""
do for [i=series:1:-1] { if (STATES[i] eq "" && !of_venue(i) && wide(LO[i], HI[i])) { stack = stack.sprintf(" %d", i) } }
do for [i=series:3:-1] { if (strlen(STATES[i])) { stack = stack.sprintf(" %d", i) } }
upper = words(stack)
# Bad debt is what deleveraging did not reach, and stands in its panel where there is one
deleveraged = 0; owed = 0
do for [i=3:series] {
  if (measure(i) eq "venue.adl" && LO[i] < HI[i]) { deleveraged = i }
  if (measure(i) eq "venue.bad_debt" && LO[i] < HI[i]) { owed = i }
}
do for [i=3:series] { if (of_venue(i) && LO[i] < HI[i] && !(i == owed && deleveraged)) { stack = stack.sprintf(" %d", i) } }
beneath = words(stack) - upper
is_strip(i) = i > 2 && strlen(STATES[i])
entry_mm(i, k) = 5 + text_mm(state_text(i, k), label_pt)
# eval entries(i): the states of a strip from the calmest on, where they are listed: STATE[r], ENTRY_X[r], ENTRY_ROW[r]; entry_rows
array STATE[100]; array ENTRY_X[100]; array ENTRY_ROW[100]
entries(i) = sprintf("entry_rows = 1; x = edge_mm + text_mm(name_of(%d), label_pt) + 3; ", i).\
  sprintf("do for [r=1:words(SHARES[%d])] { STATE[r] = ranked(%d, r-1, words(SHARES[%d])); ", i, i, i).\
  sprintf("if (x + entry_mm(%d, STATE[r]) > width_mm-edge_mm) { x = edge_mm; entry_rows = entry_rows+1 }; ", i).\
  sprintf("ENTRY_X[r] = x; ENTRY_ROW[r] = entry_rows; x = x + entry_mm(%d, STATE[r]) }", i)
if (words(stack) > 4) { small_mm = narrow ? 12 : 14; small_tics = 3; gap_mm = 7 }
price_base = bottom_mm + beneath*(small_mm + gap_mm); price_below = beneath > 0 ? "" : time_unit
base = price_base + price_mm + gap_mm
array BASE[words(stack)+1]; array HEIGHT[words(stack)+1]; array ROWS[words(stack)+1]
do for [p=1:words(stack)] {
  i = int(word(stack, p))
  if (is_strip(i)) { eval entries(i) } else { entry_rows = 1 }
  ROWS[p] = entry_rows; HEIGHT[p] = is_strip(i) ? strip_mm : small_mm
  BASE[p] = p > upper ? bottom_mm + (words(stack)-p)*(small_mm + gap_mm) : base
  base = p > upper ? base : base + HEIGHT[p] + gap_mm + (entry_rows-1)*line_mm(label_pt)
}
eval page("drivers", base - gap_mm + 7)
set multiplot
eval time_axis

# ---- Strips: a box per stay in a state, named where it fits. Those of the topmost also stand behind the panels.
do for [p=upper:1:-1] {
  i = int(word(stack, p))
  if (is_strip(i)) {
    eval panel(left_mm, right, BASE[p], BASE[p] + HEIGHT[p], name_of(i), "")
    eval entries(i)
    title_y = BASE[p] + HEIGHT[p] + title_up_mm + (ROWS[p]-1)*line_mm(label_pt)
    set label 4 at screen edge_mm/width_mm, y_mm(title_y) noenhanced
    do for [r=1:words(SHARES[i])] {
      k = STATE[r]; x = ENTRY_X[r]; y = title_y - (ENTRY_ROW[r]-1)*line_mm(label_pt)
      set object 10+k rectangle from screen x/width_mm, y_mm(y-1) to screen (x+2)/width_mm, y_mm(y+1) \
        fs solid border rgb "#808080" lw 0.3 fc rgb rgb_grey(grey(i, k))
      set label 200+k state_text(i, k) at screen (x+3)/width_mm, y_mm(y) noenhanced
    }
    do for [r=1:words(ORDER[i])] {
      k = int(word(ORDER[i], r))
      a = max(from_s, word(BEGINS[i], r)); b = min(to_s, r < words(ORDER[i]) ? word(BEGINS[i], r+1) : horizon_s)
      if (a < b) {
        set object 1000+r rectangle from first a/time_s, graph 0 to first b/time_s, graph 1 fs solid noborder fc rgb rgb_grey(grey(i, k))
        if ((b-a)/(to_s-from_s)*panel_mm > text_mm(line_of(STATES[i], k), label_pt) + 1) {
          set label 1000+r line_of(STATES[i], k) at first (a+b)/2/time_s, graph 0.5 center noenhanced front
        }
        if (p == upper && rank(i, k) > 0) {
          set object 100000+r rectangle from first a/time_s, screen y_mm(bottom_mm) to first b/time_s, screen y_mm(BASE[p]) \
            behind fs solid noborder fc rgb rgb_grey(255 - behind*(255-grey(i, k)))
        }
      }
    }
    set border 0; set xtics (-1); set ytics (-1); set yrange [0:1]
    plot NaN notitle
    set border 3; eval time_axis
    eval page_done
    unset object
    unset for [k=201:300] label k
    unset for [r=1001:1000+words(ORDER[i])] label r
  }
}

# ---- Panels
set datafile missing               # where a measure does not apply the line breaks
held(c, scale) = kind("output") ? (held_ = valid(c) ? column(c)/scale : NaN) : held_
do for [p=words(stack):1:-1] {
  i = int(word(stack, p))
  if (i > 0 && !is_strip(i)) {
    with_debt = i == deleveraged && owed > 0; debt_column = with_debt ? COLUMN[owed] : c
    c = COLUMN[i]; top = max(abs(LO[i]), with_debt ? max(HI[i], HI[owed]) : abs(HI[i])); scale = scale_of(i, top)
    lowest = p > upper && p == words(stack)
    eval panel(left_mm, right, BASE[p], BASE[p] + HEIGHT[p], (with_debt ? "deleveraged (ADL) and bad debt so far" : name_of(i)).unit_text(i, top), lowest ? time_unit : "")
    set label 4 noenhanced
    set format x (lowest ? "%g" : "")
    if (i == 2 && LO[i] > 0 && LO[i] < log_below) {
      set logscale y; set yrange [10**floor(log10(LO[i]/scale)):1.3*HI[i]/scale]; set ytics () 10
    } else { eval small_axis(min(0, LO[i]/scale), max(0, (with_debt ? top : HI[i])/scale)) }
    if (with_debt) {
      close = abs(HI[owed]-HI[i])/max(top, 1e-9)*small_mm < line_mm(label_pt) ? (HI[owed] >= HI[i] ? 0.5 : -0.5) : 0     # of lines that end at one place
      set label 6 "bad debt" at graph 1, first HI[owed]/scale offset 0.7, close; set label 7 "ADL" at graph 1, first HI[i]/scale offset 0.7, -close tc rgb "#3A7CA5"
    }
    held_ = NaN
    if (unit_of(i) eq "usd") {
      plot for [k=1:2] 'drivers.csv' using ($2/time_s):(k == 1 ? max(0, held(c, scale)) : min(0, held(c, scale))) skip 1 \
          with fillsteps lc rgb (of_venue(i) ? neutral_mid : k == 1 ? short_tint : long_tint) title name_of(i), \
        '' using ($2/time_s):(held(c, scale)) skip 1 with steps lw 0.6 lc rgb (with_debt ? "#3A7CA5" : level_colour) title name_of(i), \
        for [k=1:with_debt] '' using ($2/time_s):(held(debt_column, scale)) skip 1 with steps lw line_pt lc rgb "#000000" title "bad debt"
    } else {
      plot 'drivers.csv' using ($2/time_s):(held(c, scale)) skip 1 with steps lw 0.6 lc rgb level_colour title name_of(i)
    }
    eval page_done
    unset label 6; unset label 7
    unset logscale y
  }
}
set datafile missing NaN

# ---- Orders of drivers: buys up, sells down
if (orders > 0) {
  unit = money_scale(max(bought, sold))
  eval panel(left_mm, right, BASE[1], BASE[1] + HEIGHT[1], "orders by drivers, ".money_unit(max(bought, sold)).(as_flow ? " per ".bin_name : ""), "")
  eval small_axis(-sold/unit, bought/unit)
  set boxwidth bin_s/time_s absolute
  if (as_flow) {
    plot for [sign=-1:1:2] 'drivers.csv' using (to_bin($2)):(sign_is(sign) ? number(8)/unit : 0) skip 1 \
        smooth frequency with boxes lc rgb (sign > 0 ? short_colour : long_colour) title (sign > 0 ? "bought" : "sold"), \
      0 with lines lw hair_pt lc rgb "#000000" notitle
  } else {
    plot for [sign=-1:1:2] 'drivers.csv' using (x_of(2)):(is("path") ? 0 : sign_is(sign) ? number(8)/unit : NaN) \
        with impulses lw 0.8 lc rgb (sign > 0 ? short_colour : long_colour) title (sign > 0 ? "bought" : "sold"), \
      0 with lines lw hair_pt lc rgb "#000000" notitle
  }
  eval page_done
}
