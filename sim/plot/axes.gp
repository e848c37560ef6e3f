# ---- The varied keys of a sweep. points.csv: point,KEY...,...,paths,cut_off_paths; point 0 is the scenario as it is.
set datafile columnheaders
cell(name, otherwise) = strlen(strcol(name)) ? real(strcol(name)) : otherwise    # a cell that may be empty
# Divisor and name of a key's unit on an axis that ends at v
key_scale(unit, v) = unit eq "usd" || unit eq "usd/s" ? money_scale(v) : unit ne "s" ? 1. : v >= 172800 ? 86400. : v >= 7200 ? 3600. : v >= 300 ? 60. : 1.
key_unit(unit, v) = unit eq "usd" ? money_unit(v) : unit eq "usd/s" ? money_unit(v)."/s" : unit eq "1" ? "" : unit ne "s" ? unit : \
  v >= 172800 ? "d" : v >= 7200 ? "h" : v >= 300 ? "min" : "s"
key_text(unit, v) = unit eq "usd" ? money(v)." USD" : sprintf("%.4g%s", v/key_scale(unit, v), strlen(key_unit(unit, v)) ? " ".key_unit(unit, v) : "")
key_title(key, unit, top) = key.(strlen(key_unit(unit, top)) ? ", ".key_unit(unit, top) : "")
# Ticks from a to b in units of the axis, which shows to_axis of a value
to_axis(v, logarithmic) = logarithmic ? log10(v) : v
key_tics(axis, a, b, n, logarithmic) = !logarithmic ? sprintf("set %stics step(%.17g) format '%%g'", axis, (b-a)/n) : \
  sprintf("set %stics (); do for [e_=int(floor(log10(%.17g))):int(ceil(log10(%.17g)))] { do for [m_=1:9] { v_ = m_*10.**e_; ", axis, a, b).\
  sprintf("if (v_ >= %.17g && v_ <= %.17g) { if (m_ == 1 || %d && (m_ == 2 || m_ == 5)) ", a*(1-1e-9), b*(1+1e-9), log10(b/a) < 2.5).\
  sprintf("{ set %stics add (sprintf('%%g', v_) log10(v_)) } else { set %stics add ('' log10(v_) 1) } } } }", axis, axis)
