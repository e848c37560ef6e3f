# SPDX-License-Identifier: GPL-3.0-or-later
# ---- Several scenarios: names, colours and line styles. The base is black.
# A name is short by what it has in common with another at its beginning; names alike are told apart by their number.
short_most = narrow ? 11 : 16      # letters at most
array COMMON[n_scenarios]          # length of that beginning, up to a blank
array SHORT[n_scenarios]
do for [i_=1:n_scenarios] {
  COMMON[i_] = 0
  do for [k_=1:strlen(NAME[i_])-1] { do for [j_=1:n_scenarios] {
    if (j_ != i_ && NAME[i_][k_:k_] eq " " && strlen(NAME[j_]) > k_ && NAME[j_][1:k_] eq NAME[i_][1:k_]) { COMMON[i_] = k_ }
  } }
}
shortened(s) = strlen(s) > short_most ? s[1:short_most-1]."…" : s
do for [i_=1:n_scenarios] { SHORT[i_] = shortened(NAME[i_][COMMON[i_]+1:*]) }
alike = 0
do for [i_=1:n_scenarios] { do for [j_=1:i_-1] { alike = alike || SHORT[i_] eq SHORT[j_] }; alike = alike || strlen(SHORT[i_]) == 0 }
if (alike) { do for [i_=1:n_scenarios] { SHORT[i_] = sprintf("%d", i_) } }
short_mm = 0
do for [i_=1:n_scenarios] { short_mm = max(short_mm, text_mm(SHORT[i_], label_pt)) }
said(i) = literal(SHORT[i])
colours = "#D27F00 #2468A6 #8F63B3"                      # of unlike lightness too
line_colour(i) = i == 1 ? "#000000" : word(colours, (i-2)%3 + 1)
dash(i) = i < 5 ? 1 : i < 8 ? 2 : 3
folder(i) = sprintf("scenario-%d/", i)
# Whole names, each once: the short one is its end, or stands before it
ends_in(i) = strlen(NAME[i]) >= strlen(SHORT[i]) && NAME[i][strlen(NAME[i])-strlen(SHORT[i])+1:*] eq SHORT[i]
key_of(i) = ends_in(i) ? NAME[i] : SHORT[i].": ".NAME[i]
names_text = "base, black: ".key_of(1)
do for [i=2:n_scenarios] { names_text = names_text." · ".key_of(i) }
# Paths on which orders carried the price beyond where depth is known
beyond_text = ""
do for [i=1:n_scenarios] {
  if (BEYOND[i] > 0) { beyond_text = beyond_text.sprintf("%s %s of %s", strlen(beyond_text) ? "," : " · paths on which the price left the known depth:", share(BEYOND[i]), SHORT[i]) }
}
touch(name, p) = p > 0 ? sprintf("P(touch %s)", price(p)) : sprintf("P(touch %s)", name)
