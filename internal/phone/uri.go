package phone

import (
	"net/url"
	"strings"
)

// readLink reads Slack's link around a number, <tel:+14155550132|(415) 555-0132>, at
// the character at. ok is false if it is some other kind of bracket.
func (r *reader) readLink(at int) (Found, *Error, bool) {
	if !r.hasPrefix(at+1, "tel:") && !r.hasPrefix(at+1, "callto:") {
		return Found{}, nil, false
	}
	end := at
	for end < len(r.syms) && r.syms[end].c != '>' && r.syms[end].c != '\n' {
		end++
	}
	if r.at(end) != '>' {
		return Found{}, nil, false
	}
	inside := r.text[r.syms[at].to:r.syms[end].from]
	typed := r.text[r.syms[at].from:r.syms[end].to]
	uri, label, labelled := strings.Cut(inside, "|")
	found, err := wholeURI(uri, r.region)
	if err != nil {
		return Found{}, err, true
	}
	if labelled {
		shownNumber, labelErr := whole(label, r.region)
		if labelErr == nil && shownNumber.Number != found.Number {
			return Found{}, r.twoNumbers(found, shownNumber, typed, end+1), true
		}
		if found.Extension == "" && labelErr == nil {
			found.Extension = shownNumber.Extension
		}
	}
	found = r.behind(found, typed, end+1)
	return found, nil, true
}

// twoNumbers is the refusal of a link that shows one number and dials another.
func (r *reader) twoNumbers(dialled, shownNumber Found, typed string, end int) *Error {
	return &Error{
		Kind: KindAmbiguous, Typed: shown(typed),
		Choices: []Found{r.behind(shownNumber, typed, end), r.behind(dialled, typed, end)},
	}
}

// behind adds to a number from a link or URI what stands behind it.
func (r *reader) behind(found Found, typed string, end int) Found {
	found.Typed = typed
	if extension, after := r.extension(end); extension != "" && found.Extension == "" {
		found.Extension = extension
		found.Typed += r.typed(end, after)
		end = after
	}
	found.Rest = restAfter(r.text, r.syms[end-1].to, nil)
	return found
}

// readURI reads a bare URI, tel:+1-415-555-0132;ext=12 (RFC 3966), at the start.
func (r *reader) readURI(at int) (Found, *Error) {
	end := at
	for end < len(r.syms) && r.syms[end].c != ' ' && r.syms[end].c != '\n' {
		end++
	}
	for end > at && strings.IndexByte(",;:.!?|", r.syms[end-1].c) >= 0 {
		end--
	}
	typed := r.typed(at, end)
	found, err := wholeURI(typed, r.region)
	if err != nil {
		// "tel:(415) 555-0132 Ask": a label, and a number written as people do.
		_, number, _ := strings.Cut(typed, ":")
		plain := newReader(r.text, r.syms[end-1].to-len(number), r.region)
		if plain.hasPrefix(0, "tel:") || plain.hasPrefix(0, "callto:") {
			return Found{}, err
		}
		if found, plainErr := plain.read(); plainErr == nil {
			return found, nil
		}
		return Found{}, err
	}
	return r.behind(found, typed, end), nil
}

// wholeURI reads a tel: URI that is a number and nothing else.
func wholeURI(uri, region string) (Found, *Error) {
	_, rest, _ := strings.Cut(uri, ":")
	if decoded, err := url.PathUnescape(rest); err == nil {
		rest = decoded
	}
	number, parameters, _ := strings.Cut(strings.TrimPrefix(rest, "//"), ";")
	extension := ""
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		switch strings.ToLower(name) {
		case "ext":
			extension = value
		case "phone-context":
			// "+1" completes a local number; a domain makes it one of somebody's
			// own exchange, which cannot be dialled from outside.
			if strings.HasPrefix(value, "+") && !strings.HasPrefix(number, "+") {
				number = value + number
			}
		}
	}
	found, err := whole(number, region)
	if err != nil {
		err.Typed = shown(uri)
		return Found{}, err
	}
	if extension != "" {
		ext := newReader("x"+extension, 0, region)
		if digits, end := ext.extension(0); end == len(ext.syms) {
			found.Extension = digits
		}
	}
	return found, nil
}

// whole reads a text that has to be one number from end to end.
func whole(text, region string) (Found, *Error) {
	r := newReader(text, 0, region)
	at := r.skipSpace(0)
	found, err := r.readPlain(at)
	if err != nil {
		return Found{}, err
	}
	if found.Rest != "" {
		return Found{}, &Error{Kind: KindInvalid, Typed: shown(text)}
	}
	return found, nil
}

// readPlain reads a number without links, labels or marks around it.
func (r *reader) readPlain(at int) (Found, *Error) {
	t := r.scan(at)
	if len(t.groups) == 0 {
		return Found{}, &Error{Kind: KindNoNumber, Typed: r.firstWord(at)}
	}
	all := len(t.groups)
	if number, ok := r.dialable(t.plus, t.upTo(all)); ok {
		chosen := reading{to: t.groups[all-1].to, groups: all, number: number}
		if err := r.emergencyAmong(t, []reading{chosen}); err != nil {
			return Found{}, err
		}
		return r.accept(t.from, chosen, nil)
	}
	if err := r.emergencyAmong(t, nil); err != nil {
		return Found{}, err
	}
	if readings := r.vanity(at); len(readings) == 1 {
		return r.accept(t.from, readings[0], nil)
	}
	return Found{}, r.explain(t)
}
