# Common to all figures: page, fonts, colours, number formats, helpers. Lengths are mm on the printed page, font sizes pt.
# Choose with: gnuplot -e "out_format='pdf'; width_mm=85" FIGURE.gp    (for a telephone: width_mm=103, which is 390 px)

if (!exists("out_format")) out_format = "svg"
if (!exists("width_mm")) width_mm = 175
width_mm = real(width_mm)
if (!strstrt("svg png pdf", out_format)) exit error "out_format must be svg, png or pdf"
narrow = width_mm < 120
do for [name in "start_price horizon_s short_usd long_usd target_price target_p target_lo target_hi floor_price floor_p floor_lo floor_hi"] {
  eval name." = exists('".name."') ? real(".name.") : 0.0"    # no integer division; NaN does not exist
}

# ---- Constants
font_face = out_format eq "svg" ? "sans-serif" : "DejaVu Sans"
title_pt = 9; label_pt = narrow ? 7 : 8; note_pt = 7; footer_pt = 6
if (!exists("png_dpi")) png_dpi = 300
line_pt = 1.2; hair_pt = 0.4
title_up_mm = 1.2*label_pt*25.4/72                 # from the top of the axes up to their title
below_mm = narrow ? 7.8 : 8.8                      # from the x axis down to its title
edge_mm = 2                                        # empty rim of the page
short_colour = "#D55E00"; long_colour = "#0072B2"  # shorts and upward, longs and downward
grey_colour = "#666666"; rule_colour = "#E4E4E4"   # exogenous or no impact; horizontal rules
target_colour = "#009E73"; floor_colour = "#CC79A7"
neutral_light = "#E4F1FA"; neutral_mid = "#C2DFF1"; neutral_dark = "#8FC6E7"

set encoding utf8
set datafile separator comma
set minussign                                      # of numbers on axes; text makes its own (minus, true_minus)
set datafile missing NaN                           # a row filtered out by NaN does not break a line

# ---- Text: size, wrapping
pt_mm = 25.4/72
pt(n) = n*(out_format eq "svg" ? 96./72 : 1)       # svg counts px
font(n) = sprintf("%s,%.2f", font_face, pt(n))
note_font = font(note_pt); label_font = font(label_pt)
line_mm(n) = 1.25*n*pt_mm
text_mm(s, n) = 0.60*n*pt_mm*strlen(s)             # estimate: gnuplot cannot measure text
chars(mm, n) = int(mm/(0.54*n*pt_mm))
# A number and its unit stay on one line
trimmed(w) = strlen(w) > 1 && strstrt(",;:.)", w[strlen(w):*]) ? trimmed(w[1:strlen(w)-1]) : w
is_unit(w) = strstrt("|%|bn|M|USD|pp|±|×|", "|".trimmed(w)."|") > 0
last_space(s, n) = n < 1 ? 0 : s[n:n] eq " " && !is_unit(word(s[n+1:*], 1)) && s[n-1:n-1] ne "±" && s[n-1:n-1] ne "×" ? n : last_space(s, n-1)
cut(s, n) = last_space(s, n+1) > 0 ? last_space(s, n+1) : n
wrap(s, n) = strlen(s) <= n ? s : no_dot_after(s[1:cut(s, n)])."\n".wrap(no_dot_before(s[cut(s, n)+1:*]), n)
no_dot_after(s) = s[strlen(s)-1:*] eq "· " ? s[1:strlen(s)-3] : s
no_dot_before(s) = s[1:2] eq "· " ? s[3:*] : s
lines(s) = strstrt(s, "\n") ? 1 + lines(s[strstrt(s, "\n")+1:*]) : 1
line_of(s, i) = i > 1 ? line_of(s[strstrt(s, "\n")+1:*], i-1) : strstrt(s, "\n") ? s[1:strstrt(s, "\n")-1] : s
bold(s) = "{/:Bold ".line_of(s, 1)."}".(lines(s) > 1 ? "\n".bold(s[strstrt(s, "\n")+1:*]) : "")
# eval text(first label, "name of a string variable", x, y, font size, "options"): its lines, the first at x, y mm from the lower left.
# Line by line, as terminals differ in how they space the lines of one label.
text(i, name, x, y, size, options) = sprintf("set for [k_=1:lines(%s)] label %d+k_ line_of(%s, k_) ", name, i, name).\
  sprintf("at screen %g/width_mm, (%g - (k_-1)*line_mm(%g))/height_mm font font(%g) %s; ", x, y, size, size, options)

# ---- Numbers
min(a, b) = a < b ? a : b
max(a, b) = a > b ? a : b
clamp(x, a, b) = max(a, min(b, x))
thousands(n) = n < 1000 ? sprintf("%d", n) : thousands(n/1000).sprintf(",%03d", n%1000)    # n: integer >= 0
price(x) = x >= 1000 ? thousands(int(x + 0.5)) : sprintf("%.5g", x)
price_tick(x) = x >= 1e6 ? sprintf("%g M", x/1e6) : price(x)
steep_ratio = 4                                    # prices further apart than this have a logarithmic axis
money_number(x) = x >= 999.5 ? sprintf("%.0f", x) : sprintf("%.3g", x)
money(x) = x >= 0.9995e9 ? money_number(x/1e9)." bn" : x >= 0.9995e6 ? money_number(x/1e6)." M" : price(x)
money_range(m, lo, hi) = (lo < hi && m >= 0.9995e6 ? fixed(m/money_scale(m), m/money_scale(m)).(m >= 0.9995e9 ? " bn" : " M") : money(m))." USD".\
  (lo < hi ? sprintf(" (%s to %s)", fixed(lo/money_scale(m), m/money_scale(m)), fixed(hi/money_scale(m), m/money_scale(m))) : "")
money_scale(x) = x >= 0.9995e9 ? 1e9 : x >= 1e5 || x <= 0 ? 1e6 : 1e3       # divisor and unit of an axis that ends at x
money_unit(x) = x >= 0.9995e9 ? "bn USD" : x >= 1e5 || x <= 0 ? "M USD" : "thousand USD"
superscript(n) = n < 10 ? word("⁰ ¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹", n+1) : superscript(n/10).superscript(n%10)
exponent(p) = int(floor(log10(p)))
share(p) = p <= 0 ? "0 %" : p < 1e-4 ? sprintf("%.1f × 10⁻%s", p/10.**exponent(p), superscript(-exponent(p))) : \
  sprintf(p > 0.99 ? "%.4g %%" : p >= 0.0995 ? "%.0f %%" : "%.2g %%", 100*p)
# A probability with its 95 % interval: "= 23.7 % ± 0.3", "= 0.04 % (0.01–0.09)", "= 3.2 × 10⁻⁷ (1.9–5.1)", "< 0.02 %".
least_decimals = 0                                 # of a probability in per cent, where several stand side by side
decimals(p, lo) = int(max(least_decimals, -floor(log10(max(100*(p-lo), 1e-9)))))
chance(p, lo, hi) = p <= 0 ? "< ".share(hi) : p >= 1 ? "> ".share(lo) : \
  p < 1e-4 ? sprintf("= %s (%.2g–%.2g)", share(p), lo/10.**exponent(p), hi/10.**exponent(p)) : \
  hi-p > 1.4*(p-lo) || p-lo > 1.4*(hi-p) ? chance_skew(p, lo, hi, decimals(p, lo)) : \
  chance_even(p, (hi-lo)/2, decimals(p, p-(hi-lo)/2))
chance_skew(p, lo, hi, d) = sprintf(sprintf("= %%.%df %%%% (%%.%df–%%.%df)", d, d, d), 100*p, 100*lo, 100*hi)
chance_even(p, half, d) = sprintf(sprintf("= %%.%df %%%% ± %%.%df", d, d), 100*p, 100*half)
# Two probabilities side by side, with as many decimals: shares(p, q) of each
pair_decimals(p, q) = max(share_decimals(p), share_decimals(q))
share_decimals(p) = p <= 0 || p >= 1 ? 0 : p > 0.99 ? int(1-floor(log10(100*(1-p)))) : p >= 0.0995 ? 0 : int(1-floor(log10(100*p)))
share_beside(p, q) = p > 0 && p < 1e-4 || q > 0 && q < 1e-4 ? share(p) : sprintf(sprintf("%%.%df %%%%", min(3, pair_decimals(p, q))), 100*p)
minus(s) = s[1:1] eq "-" ? "−".s[2:*] : s          # a number with a minus sign instead of a hyphen
signed(x) = minus(sprintf(abs(x) < 99.5 ? "%+.2g" : "%+.0f", x))
# As many decimals as m has digits, of three
digits(m) = abs(m) >= 99.95 ? 0 : abs(m) >= 9.995 ? 1 : 2
fixed(x, m) = minus(sprintf(sprintf("%%.%df", digits(m)), x))
# A difference of probabilities in percentage points, with its interval: "+2.7 ± 0.2 pp", or where that is not even "−80.0 pp (−95.2 to −50.3)"
uneven(v, lo, hi) = hi-v > 1.4*(v-lo) || v-lo > 1.4*(hi-v)
point(x, d) = minus(sprintf(sprintf("%%+.%df", d), 100*x))
points_in(v, lo, hi, d) = uneven(v, lo, hi) ? sprintf("%s pp (%s to %s)", point(v, d), point(lo, d), point(hi, d)) : \
  sprintf(sprintf("%%s ± %%.%df pp", d), point(v, d), 50*(hi-lo))
points(v, lo, hi) = points_in(v, lo, hi, hi-lo < 0.002 ? 2 : 1)
literal(s) = s eq "" ? "" : (strstrt("_^{}@&~\\", s[1:1]) ? "\\" : "").s[1:1].literal(s[2:*])    # titles are enhanced text
bare(s) = s[1:2] eq "= " ? s[3:*] : s              # without the leading equals sign

# Said in the subtitle of what shows simulated prices: the paths on which orders carried the price beyond where depth is known.
known_text = known_up_percent == known_down_percent ? sprintf("%.4g %%", known_up_percent) : \
  sprintf("%.4g %% up, %.4g %% down", known_up_percent, known_down_percent)
beyond_text = beyond_known_share > 0 ? sprintf(" · on %s of the paths the price left the known depth (%s)", share(beyond_known_share), known_text) : ""

# ---- Time: hours up to three days, days beyond
time_s = horizon_s <= 3*86400 ? 3600. : 86400.
time_unit = time_s == 3600 ? "hours" : "days"
time_end = horizon_s/time_s

# ---- Axes
step_of(x, m) = (x/m <= 1 ? 1 : x/m <= 2 ? 2 : x/m <= 5 ? 5 : 10)*m
step(x) = step_of(1.*x, 10.**floor(log10(x)))      # x rounded up to 1, 2 or 5 times a power of ten
ticks_in(mm) = max(2, int(mm/(1.15*text_mm("100,000", label_pt))))         # that many prices fit side by side
# eval price_tics("x", lo, hi, n): about n ticks with thousands separators
price_tics(axis, lo, hi, n) = sprintf( \
  "set %stics () norotate; step_ = max(step((%.17g)/%g), %g); set for [k_=int(ceil(%.17g/step_)):int(floor(%.17g/step_))] %stics add (price(k_*step_) k_*step_)", \
  axis, hi-lo, n, hi >= 2000 ? 1 : 0, lo, hi, axis)
# eval log_tics("x", lo, hi, n, "NAME"): at most about n labels, made by the function NAME, on a logarithmic axis: round steps over less than
# a decade, else 1-2-5, else decades; between them tics without labels.
log_tics(axis, lo, hi, n, name) = sprintf("a_ = %.17g; b_ = %.17g; n_ = %d; set %stics (); unset m%stics; ", lo, hi, n, axis, axis).\
  "span_ = log10(b_/a_); each_ = max(1, int(ceil(span_/n_))); ".\
  sprintf("if (span_ < 0.85) { step_ = step(1.5*(b_-a_)/n_); do for [k_=int(ceil(a_/step_)):int(floor(b_/step_))] { set %stics add (%s(k_*step_) k_*step_) } } ", axis, name).\
  "else { do for [e_=int(floor(log10(a_))):int(floor(log10(b_)))] { do for [m_=1:9] { v_ = m_*10.**e_; if (v_ >= a_*(1-1e-9) && v_ <= b_*(1+1e-9)) { ".\
  sprintf("if (m_ == 1 ? e_%%each_ == 0 : 3*span_ <= n_ && (m_ == 2 || m_ == 5)) { set %stics add (%s(v_) v_) } else { set %stics add ('' v_ 1) } } } } }", axis, name, axis)
# Labels along an axis, in order of importance: PLACE[i] is the middle and SIZE[i] the length in mm. fits(i): none before it is in the way.
fits(i) = fits_among(i, i-1)
fits_among(i, j) = j < 1 ? 1 : abs(PLACE[i]-PLACE[j]) < (SIZE[i]+SIZE[j])/2 && fits(j) ? 0 : fits_among(i, j-1)
far(x, lo, hi) = x < lo - 0.6*(hi-lo) || x > hi + 0.6*(hi-lo)    # too far to stretch an axis for it
# eval stretch: lo, hi reach to target and floor unless target_far, floor_far
stretch = "target_far = has_target && far(target_price, lo, hi); floor_far = has_floor && far(floor_price, lo, hi); ".\
  "if (has_target && !target_far) { lo = min(lo, target_price); hi = max(hi, target_price) }; ".\
  "if (has_floor && !floor_far) { lo = min(lo, floor_price); hi = max(hi, floor_price) }"

# ---- Page. Set title_text and subtitle_text, then: eval page("NAME", mm), mm being the height between subtitle and footer.
page_mm = width_mm - 2*edge_mm
# What the figure depends on. A figure that depends on less says so: eval footer("name of a string variable: ' · part'")
footer(name) = sprintf("footer_text = wrap(scenario_file.%s.' · squeeze '.version, chars(page_mm, footer_pt)); ", name).\
  "footer_mm = 2 + lines(footer_text)*line_mm(footer_pt)"
footer_text = wrap(scenario_file.(strlen(seed) ? sprintf(" · seed %s · %s path%s", seed, thousands(int(paths)), paths == 1 ? "" : "s") : "").\
  (strlen(vol_text) ? sprintf(" · volatility %s · book %s", vol_text, book_text) : "").(strlen(execution_text) ? " · ".execution_text : "").\
  (strlen(drivers_text) ? " · drivers ".drivers_text : "")." · squeeze ".version, chars(page_mm, footer_pt))
footer_mm = 2 + lines(footer_text)*line_mm(footer_pt)
terminal(name, height) = out_format eq "png" ? sprintf("pngcairo size %d,%d font '%s,%g' fontscale %g linewidth %g pointscale %g", \
    width_mm/25.4*png_dpi, height/25.4*png_dpi, font_face, label_pt, png_dpi/96., png_dpi/72., png_dpi/72.) : \
  out_format eq "pdf" ? sprintf("pdfcairo size %gcm,%gcm font '%s,%g' fontscale 0.75 linewidth 2", width_mm/10., height/10., font_face, label_pt) : \
  sprintf("svg size %d,%d font '%s' linewidth %g background 'white' name '%s'", width_mm/25.4*96, height/25.4*96, font(label_pt), 96./72, name)
page(name, mm) = "head = wrap(title_text, chars(page_mm, 1.13*title_pt)); sub = wrap(subtitle_text, chars(page_mm, label_pt)); ".\
  "head_mm = edge_mm + lines(head)*line_mm(title_pt); sub_mm = lines(sub)*line_mm(label_pt); ".\
  sprintf("height_mm = head_mm + sub_mm + %g + footer_mm; eval 'set terminal '.terminal('%s', height_mm); ", mm, name).\
  sprintf("set output '%s.%s'; eval page_text", name, out_format)
page_text = "head = bold(head); ".\
  "eval text(100, 'head', edge_mm, height_mm - edge_mm - line_mm(title_pt)/2, title_pt, ''); ".\
  "eval text(120, 'sub', edge_mm, height_mm - head_mm - line_mm(label_pt)/2, label_pt, 'noenhanced tc rgb \"#333333\"'); ".\
  "eval text(140, 'footer_text', edge_mm, footer_mm - line_mm(footer_pt)/2, footer_pt, 'noenhanced tc rgb grey_colour')"
page_done = "unset for [k_=100:160] label k_"      # for the later panels of a multiplot
y_mm(v) = (footer_mm + v)/height_mm                # a height above the footer, on the screen

# eval panel(left, right, bottom, top, "axis title", "title below"): edges of the axes in mm, from the left of the page, above the footer
panel(l, r, b, t, title, below) = sprintf("panel_mm = %g - %g; ", r, l).\
  sprintf("set lmargin at screen %g/width_mm; set rmargin at screen %g/width_mm; ", l, r).\
  sprintf("set bmargin at screen y_mm(%g); set tmargin at screen y_mm(%g); ", b, t).\
  sprintf("set label 4 '%s' at screen edge_mm/width_mm, y_mm(%g); ", title, t+title_up_mm).\
  sprintf("set label 5 '%s' at screen %g/width_mm, y_mm(%g) center", below, (l+r)/2., b-below_mm)

set border 3 lw 0.5
set tics out nomirror scale 0.5
set grid noxtics ytics lt 1 lc rgb rule_colour lw hair_pt back
set style fill solid noborder
unset key                                          # titles of plots remain: they are the tooltips of an SVG in a browser
