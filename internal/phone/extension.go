package phone

// extensionLabels are what people write before an extension, the longer first.
var extensionLabels = []struct {
	label string
	// most is how many digits may follow: few where the label has other meanings.
	most int
}{
	{"extension", 15},
	{"extn", 15},
	{"ext", 15},
	{"durchwahl", 9},
	{"anexo", 9},
	{"ramal", 9},
	{"poste", 9},
	{"interno", 9},
	{"int.", 9},
	{"x", 9},
	{"#", 7},
}

// extension reads an extension at i, behind a number: "x12", "ext. 12", "…2671#12", "(ext
// 12)", ",,12", ";ext=12". It returns its digits and where it ends.
func (r *reader) extension(i int) (string, int) {
	start := i
	for r.at(i) == ' ' && i-start < 3 {
		i++
	}
	if r.at(i) == ',' && r.at(i+1) == ',' { // dialled after a pause
		for r.at(i) == ',' || r.at(i) == ' ' {
			i++
		}
		return r.extensionDigits(i, 15)
	}
	open := false
	switch c := r.at(i); {
	case c == ',' || c == ';' || c == '-' && r.at(i+1) == ' ':
		i++
		for r.at(i) == ' ' {
			i++
		}
	case c == '(' || c == '[':
		open = true
		i++
	}
	for _, l := range extensionLabels {
		if !r.hasPrefix(i, l.label) {
			continue
		}
		j := i + len(l.label)
		if l.label == "#" && (i != start || !isDigit(r.at(j))) {
			continue // "#5 combo price", "# 1 priority"
		}
		for r.at(j) == '.' || r.at(j) == ':' || r.at(j) == '=' || r.at(j) == '#' {
			j++
		}
		for r.at(j) == ' ' && j-i < len(l.label)+4 {
			j++
		}
		digits, end := r.extensionDigits(j, l.most)
		if digits == "" {
			continue
		}
		if open && (r.at(end) == ')' || r.at(end) == ']') {
			end++
		}
		return digits, end
	}
	return "", start
}

// extensionDigits reads up to most digits that are a word of their own.
func (r *reader) extensionDigits(i, most int) (string, int) {
	from := i
	for isDigit(r.at(i)) {
		i++
	}
	if i == from || i-from > most {
		return "", from
	}
	digits := r.digits(from, i)
	switch c := r.at(i); {
	case c == '#' && !isDigit(r.at(i+1)): // "12#"
		i++
	case isLetter(c):
		return "", from
	case (c == '-' || c == '.' || c == ':' || c == '/') && isDigit(r.at(i+1)):
		return "", from
	}
	return digits, i
}
