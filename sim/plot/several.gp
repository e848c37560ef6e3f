# ---- Several scenarios: names, colours and line styles. The base is black.
# A name is short by what all have in common at its beginning; names alike are told apart by their number.
set minussign                      # differences are negative as often as not
short_most = narrow ? 11 : 16      # letters at most
common = 0                         # length of that beginning, up to a blank
do for [k_=1:strlen(NAME[1])-1] {
  same_ = NAME[1][k_:k_] eq " "
  do for [i_=2:n_scenarios] { same_ = same_ && strlen(NAME[i_]) > k_ && NAME[i_][1:k_] eq NAME[1][1:k_] }
  if (same_) { common = k_ }
}
array SHORT[n_scenarios]
shortened(s) = strlen(s) > short_most ? s[1:short_most-1]."…" : s
do for [i_=1:n_scenarios] { SHORT[i_] = shortened(NAME[i_][common+1:*]) }
alike = 0
do for [i_=1:n_scenarios] { do for [j_=1:i_-1] { alike = alike || SHORT[i_] eq SHORT[j_] }; alike = alike || strlen(SHORT[i_]) == 0 }
if (alike) { do for [i_=1:n_scenarios] { SHORT[i_] = sprintf("%d", i_) } }
short_mm = 0
do for [i_=1:n_scenarios] { short_mm = max(short_mm, text_mm(SHORT[i_], label_pt)) }
literal(s) = s eq "" ? "" : (strstrt("_^{}@&~\\", s[1:1]) ? "\\" : "").s[1:1].literal(s[2:*])    # titles are enhanced text
said(i) = literal(SHORT[i])
two_colours = "#C77700 #3A94C8"
line_colour(i) = i == 1 ? "#000000" : word(two_colours, i%2 + 1)
dash(i) = i < 4 ? 1 : i < 6 ? 2 : 3
folder(i) = sprintf("scenario-%d/", i)
key_of(i) = SHORT[i] eq NAME[i] ? NAME[i] : SHORT[i].": ".NAME[i]
names_text = "base (black): ".key_of(1)
do for [i=2:n_scenarios] { names_text = names_text." · ".key_of(i) }
touch(name, p) = p > 0 ? sprintf("P(touch %s)", price(p)) : sprintf("P(touch %s)", name)
