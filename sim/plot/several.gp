# ---- Several scenarios: letters, colours and line styles. The base is A and black.
letter(i) = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i:i]
two_colours = "#C77700 #3A94C8"
line_colour(i) = i == 1 ? "#000000" : word(two_colours, i%2 + 1)
dash(i) = i < 4 ? 1 : i < 6 ? 2 : 3
folder(i) = sprintf("scenario-%d/", i)
names_text = "A (base): ".NAME[1]
do for [i=2:n_scenarios] { names_text = names_text." · ".letter(i).": ".NAME[i] }
touch(name, p) = p > 0 ? sprintf("P(touch %s)", price(p)) : sprintf("P(touch %s)", name)
