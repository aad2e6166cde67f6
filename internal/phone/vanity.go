package phone

import "github.com/nyaruka/phonenumbers"

// vanity reads letters as a keypad's digits: 1-800-FLOWERS. It is tried only where
// digits alone make no number. Letters may stand apart by a space only in capitals
// and in a toll-free number, so that a forgotten digit and a shout ("415 555 ASAP")
// make no number.
func (r *reader) vanity(at int) []reading {
	var found []reading
	r.keypadRuns(at, func(digits string, letters, to int, loose bool) {
		number, ok := r.dialable(r.plusAt(at), digits)
		if letters < 3 || !ok || loose && phonenumbers.GetNumberType(number) != phonenumbers.TOLL_FREE {
			return
		}
		found = append(found, reading{to: to, number: number})
	})
	return found
}

// overlongVanity is the number reached by a word that is longer than it needs to be,
// 1-800-MICROSOFT: North American exchanges ignore what follows the tenth digit.
func (r *reader) overlongVanity(at int) (*phonenumbers.PhoneNumber, bool) {
	var number *phonenumbers.PhoneNumber
	r.keypadRuns(at, func(digits string, letters, _ int, loose bool) {
		most := 10
		if digits != "" && digits[0] == '1' {
			most = 11
		}
		if number != nil || loose || letters < 4 || len(digits) <= most {
			return
		}
		cut, ok := r.dialable(r.plusAt(at), digits[:most])
		if ok && cut.GetCountryCode() == phonenumbers.NANPA_COUNTRY_CODE {
			number = cut
		}
	})
	return number, number != nil
}

func (r *reader) plusAt(at int) bool {
	for r.at(at) == '(' || r.at(at) == ' ' {
		at++
	}
	return r.at(at) == '+'
}

// keypadRuns reports every place where a number with letters may end: its digits so
// far, how many of them were letters, and whether letters stood apart.
func (r *reader) keypadRuns(at int, report func(digits string, letters, to int, loose bool)) {
	i := at
	for r.at(i) == '(' || r.at(i) == '+' || r.at(i) == ' ' {
		i++
	}
	if !isDigit(r.at(i)) {
		return
	}
	digits := make([]byte, 0, 24)
	letters, loose, apart := 0, false, false
	for i < len(r.syms) && len(digits) < 24 {
		from := i
		capitals := true
		for isDigit(r.at(i)) || isLetter(r.at(i)) {
			c := r.at(i)
			if isLetter(c) {
				if extension, _ := r.extension(i); extension != "" && letters > 0 {
					break
				}
				if apart {
					loose = true
				}
				letters++
				capitals = capitals && isUpper(c)
				c = keypadDigit(c)
			}
			digits = append(digits, c)
			i++
		}
		if i == from || apart && !capitals || r.at(i) == 0 && i < len(r.syms) {
			return
		}
		to := i
		joined := false
		if _, next, ok := r.letterJoint(i); ok {
			joined = next-i == 1 && r.at(i) != ' ' || r.at(i) == ')' && next-i == 1
			apart = !joined
			i = next
		} else {
			i = len(r.syms)
		}
		if !joined {
			report(string(digits), letters, to, loose)
		}
	}
}

// letterJoint is a joint before digits or letters.
func (r *reader) letterJoint(i int) (joint, int, bool) {
	for j := i; j-i < 4; j++ {
		switch c := r.at(j); {
		case j > i && (isDigit(c) || isLetter(c)):
			return jointLoose, j, true
		case c != ' ' && c != '-' && c != '.' && c != '/' && c != ')' && c != '(':
			return 0, i, false
		}
	}
	return 0, i, false
}
