package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// age is how long ago something was.
type age time.Duration

// maxAge is longer than anything has been kept.
const maxAge = 100 * 365 * 24 * time.Hour

// UnmarshalText reads a duration of Go that may begin with days.
func (a *age) UnmarshalText(text []byte) error {
	var d time.Duration
	rest := string(text)
	days, after, hasDays := strings.Cut(rest, "d")
	if hasDays {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return badAge(text)
		}
		d, rest = time.Duration(n)*24*time.Hour, after
	}
	if rest != "" || !hasDays {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 {
			return badAge(text)
		}
		d += more
	}
	if d <= 0 || d > maxAge {
		return badAge(text)
	}
	*a = age(d)
	return nil
}

func badAge(text []byte) error {
	return fmt.Errorf("%q must be a time such as 30d, 12h, 90m or 1d12h, of at most 36500d", text)
}

// String is a with days.
func (a age) String() string {
	const day = 24 * time.Hour
	d := time.Duration(a)
	text := ""
	if d >= day {
		text = strconv.Itoa(int(d/day)) + "d"
	}
	rest := d % day
	if rest == 0 && text != "" {
		return text
	}
	clock := rest.String()
	for _, zero := range []string{"m0s", "h0m"} { // 12h0m0s is 12h
		if strings.HasSuffix(clock, zero) {
			clock = clock[:len(clock)-2]
		}
	}
	return text + clock
}
