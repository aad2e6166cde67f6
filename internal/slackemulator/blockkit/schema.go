package blockkit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A rule looks at the value that stands at the JSON pointer at, and reports to c
// what Slack would not take.
type rule func(c *check, at string, v any)

// A field of an object: its name, whether it must be there, and its rule.
type field struct {
	name     string
	required bool
	rule     rule
}

func required(name string, r rule) field { return field{name, true, r} }
func optional(name string, r rule) field { return field{name, false, r} }

// object takes an object with these fields and no others. The extra rules look
// at several fields at once; they run only on an object whose fields are right,
// so they may trust the shapes that those fields' rules ask for.
func object(fields []field, extra ...func(c *check, at string, m map[string]any)) rule {
	return func(c *check, at string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.refuse(at, "must provide an object")
			return
		}
		before := len(c.messages)
		known := make(map[string]bool, len(fields))
		for _, f := range fields {
			known[f.name] = true
			value, present := m[f.name]
			switch {
			case present:
				f.rule(c, at+"/"+f.name, value)
			case f.required:
				c.refuse(at, "missing required field: "+f.name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !known[name] {
				c.refuse(at, "invalid additional property: "+name)
			}
		}
		if len(c.messages) > before {
			return
		}
		for _, f := range extra {
			f(c, at, m)
		}
	}
}

// typed is an object with a "type", whose value was already looked at by oneOf.
func typed(fields []field, extra ...func(c *check, at string, m map[string]any)) rule {
	return object(append([]field{required("type", anyValue)}, fields...), extra...)
}

// oneOf picks the rule by the object's "type".
func oneOf(variants map[string]rule) rule {
	return func(c *check, at string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			c.refuse(at, "must provide an object")
			return
		}
		kind, present := m["type"]
		if !present {
			c.refuse(at, "missing required field: type")
			return
		}
		name, ok := kind.(string)
		if !ok {
			c.refuse(at+"/type", "must provide a string")
			return
		}
		r, ok := variants[name]
		if !ok {
			c.refuse(at+"/type", "unsupported type: "+name)
			return
		}
		r(c, at, v)
	}
}

// list takes an array of at least low and at most high items.
func list(low int, high limit, item rule) rule {
	return func(c *check, at string, v any) {
		items, ok := v.([]any)
		if !ok {
			c.refuse(at, "must provide an array")
			return
		}
		if len(items) < low {
			c.refuse(at, fmt.Sprintf("no less than %d items allowed", low))
		}
		if high.max > 0 && len(items) > high.max {
			c.refuse(at, fmt.Sprintf("no more than %d items allowed", high.max))
			return
		}
		for i, value := range items {
			item(c, at+"/"+strconv.Itoa(i), value)
		}
	}
}

// unlimited is for the lists and strings for which Slack names no limit.
var unlimited limit

// str takes a string of at least low and at most high characters.
func str(low int, high limit) rule {
	return func(c *check, at string, v any) {
		s, ok := v.(string)
		if !ok {
			c.refuse(at, "must provide a string")
			return
		}
		n := utf8.RuneCountInString(s)
		if n < low {
			c.refuse(at, fmt.Sprintf("must be more than %d characters", low-1))
		}
		if high.max > 0 && n > high.max {
			c.refuse(at, fmt.Sprintf("must be less than %d characters", high.max+1))
		}
	}
}

// nonEmpty takes any string but the empty one.
var nonEmpty = str(1, unlimited)

// enum takes one of the words.
func enum(words ...string) rule {
	return func(c *check, at string, v any) {
		s, ok := v.(string)
		if !ok {
			c.refuse(at, "must provide a string")
			return
		}
		if !slices.Contains(words, s) {
			c.refuse(at, "must be a valid enum value")
		}
	}
}

// pattern takes a string that matches re; what says how it should look.
func pattern(re *regexp.Regexp, what string) rule {
	return func(c *check, at string, v any) {
		s, ok := v.(string)
		if !ok {
			c.refuse(at, "must provide a string")
			return
		}
		if !re.MatchString(s) {
			c.refuse(at, "must be a valid "+what)
		}
	}
}

// link takes an absolute URL of at most high characters with one of the
// schemes, or with any scheme if none is given.
func link(high limit, schemes ...string) rule {
	length := str(1, high)
	return func(c *check, at string, v any) {
		before := len(c.messages)
		length(c, at, v)
		if len(c.messages) > before {
			return
		}
		s, _ := v.(string)
		u, err := url.Parse(s)
		if err != nil || u.Scheme == "" || (len(schemes) > 0 && (u.Host == "" || !slices.Contains(schemes, u.Scheme))) {
			c.refuse(at, "must be a valid url")
		}
	}
}

// boolean takes true and false.
func boolean(c *check, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.refuse(at, "must provide a boolean")
	}
}

// number takes any JSON number.
func number(c *check, at string, v any) {
	if _, ok := v.(json.Number); !ok {
		c.refuse(at, "must provide a number")
	}
}

// integer takes a whole number of at least low and at most high.
func integer(low int64, high limit) rule {
	return func(c *check, at string, v any) {
		n, ok := wholeNumber(v)
		switch {
		case !ok:
			c.refuse(at, "must provide an integer")
		case n < low:
			c.refuse(at, fmt.Sprintf("must be greater than %d", low-1))
		case high.max > 0 && n > int64(high.max):
			c.refuse(at, fmt.Sprintf("must be less than %d", high.max+1))
		}
	}
}

func wholeNumber(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

// anyValue takes everything.
func anyValue(*check, string, any) {}
