package main

import (
	"testing"
	"time"
)

func TestAges(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]struct {
		d     time.Duration
		shown string
	}{
		"30d": {30 * day, "30d"}, "1d": {day, "1d"}, "12h": {12 * time.Hour, "12h"}, "90m": {90 * time.Minute, "1h30m"},
		"1d12h": {36 * time.Hour, "1d12h"}, "45s": {45 * time.Second, "45s"}, "24h": {day, "1d"}, "36500d": {36500 * day, "36500d"},
	} {
		var a age
		if err := a.UnmarshalText([]byte(text)); err != nil || time.Duration(a) != want.d || a.String() != want.shown {
			t.Errorf("%q: %v, %q, %v", text, time.Duration(a), a.String(), err)
		}
	}
	for _, text := range []string{
		"", "d", "30", "30 d", "-1d", "-1h", "1d-1h", "0d", "0s", "1.5d", "1h1d", "1dd", "36501d", "65535d", "99999999999d", "1d2540400h", "month", "1w",
	} {
		var a age
		if err := a.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for %v", text, time.Duration(a))
		}
	}
}
