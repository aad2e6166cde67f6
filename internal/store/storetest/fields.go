package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

var fieldTests = map[string]func(*testing.T, Database){
	"every field of a call is stored": func(t *testing.T, db Database) {
		w := begin(t, db)
		var c call.Call
		fill(t, reflect.ValueOf(&c).Elem(), "Call", new(int))
		if zero := zeroFields(reflect.ValueOf(c), "Call"); len(zero) > 0 {
			t.Fatalf("the test left %v empty, so it could not see whether they are stored", zero)
		}
		made, err := w.Create(t.Context(), "", c, call.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, made, numbers); diff != "" {
			t.Errorf("created (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(c, w.get(c.ID), numbers); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
	},

	"every field of a call survives a change": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.approve(1)
		var all call.Call
		fill(t, reflect.ValueOf(&all).Elem(), "Call", new(int))
		all.Erased = call.Erased{} // nothing else happens to a call after that
		all.ID, all.Version, all.Status, all.Number = c.ID, c.Version, c.Status, c.Number
		claimed := w.claim(c.ID)
		if diff := cmp.Diff(c, claimed, numbers); diff != "" {
			t.Errorf("claimed (-want +got):\n%s", diff)
		}
		e := call.Event{Kind: call.Hold, At: w.now(), Reason: call.ReasonNoCredits, Due: w.now().Add(time.Minute)}
		want, err := call.Apply(all, e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Advance(t.Context(), all, e)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, numbers); diff != "" {
			t.Errorf("advanced (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, w.get(c.ID), numbers); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
	},

	"any text, time and number comes back as it was": func(t *testing.T, db Database) {
		w := begin(t, db)
		text := rapid.StringN(0, 60, -1).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) })
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			when := rapid.Map(rapid.Int64Range(1, 1<<45), func(ms int64) time.Time { return time.UnixMilli(ms).UTC() })
			c := call.Call{
				ID: call.ID(fmt.Sprintf("random%d", n)), Version: rapid.Int64Range(1, 1<<62).Draw(r, "version"), Status: call.Completed,
				Request: call.Request{
					Objective: text.Draw(r, "objective"), Business: text.Draw(r, "business"), Number: line(t, rapid.IntRange(0, 99).Draw(r, "line")),
				},
				RequestedAt: when.Draw(r, "requested"), DueAt: when.Draw(r, "due"),
				Result: call.Result{
					Summary: text.Draw(r, "summary"), Transcript: strings.Repeat(text.Draw(r, "transcript"), 200),
					Duration: time.Duration(rapid.Int64Range(0, 1<<40).Draw(r, "duration")) * time.Millisecond,
				},
				Attempts: rapid.Int().Draw(r, "attempts"), Overdue: rapid.Bool().Draw(r, "overdue"),
			}
			if _, err := w.Create(t.Context(), "", c, call.Origin{}); err != nil {
				r.Fatal(err)
			}
			if diff := cmp.Diff(c, w.get(c.ID), numbers); diff != "" {
				r.Fatalf("read again (-want +got):\n%s", diff)
			}
		})
	},

	"whatever a provider sends can be stored": func(t *testing.T, db Database) {
		w := begin(t, db)
		const odd = "a\x00b\xff\xfec\u0000"
		c := w.accepted(1)
		c = w.update(c.ID, call.Event{Kind: call.Accept, ProviderID: odd, Due: w.now()})
		c = w.update(c.ID, call.Event{Kind: call.Miss, Reason: call.ReasonGone, Detail: odd})
		result := call.Result{Outcome: odd, Summary: odd, Transcript: odd, RecordingURL: odd}
		for _, k := range []call.Kind{call.Observe, call.ObserveOther} {
			c = w.update(c.ID, call.Event{Kind: k, ReportedStatus: call.Completed, Result: result})
		}
		want := call.Result{}
		for _, s := range []*string{&want.Outcome, &want.Summary, &want.Transcript, &want.RecordingURL} {
			*s = call.Storable(odd)
		}
		if diff := cmp.Diff([]call.Result{want, want}, []call.Result{c.Result, c.Other.Result}); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(c, w.get(c.ID), numbers); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
	},

	"what is returned is what is stored, to the millisecond": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.move(1234567 * time.Nanosecond)
		c := w.request(1)
		if diff := cmp.Diff(c, w.get(c.ID), numbers); diff != "" {
			t.Errorf("returned and stored differ (-returned +stored):\n%s", diff)
		}
		if got, want := c.RequestedAt, w.now().Truncate(time.Millisecond); !got.Equal(want) {
			t.Errorf("requested at %v, want %v", got, want)
		}
	},
}

// numbers compares telephone numbers by what they dial, and hours by when they are.
var numbers = cmpopts.EquateComparable(phone.Number{}, call.Hours{})

// fill sets every field below v to a value that no other field has.
func fill(t testing.TB, v reflect.Value, path string, n *int) {
	t.Helper()
	*n++
	switch field := v.Addr().Interface().(type) {
	case *time.Time:
		*field = time.UnixMilli(1_700_000_000_000 + int64(*n)).UTC()
		return
	case *time.Duration:
		*field = time.Duration(*n) * time.Millisecond
		return
	case *phone.Number:
		*field = line(t, *n)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), path+"."+v.Type().Field(i).Name, n)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("%s %d", path, *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("%s is a %s: teach this test and the store what to do with it", path, v.Type())
	}
}

// zeroFields lists what is still empty below v.
func zeroFields(v reflect.Value, path string) []string {
	if v.IsZero() {
		return []string{path}
	}
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() || v.Type() == reflect.TypeFor[phone.Number]() {
		return nil
	}
	var list []string
	for i := range v.NumField() {
		list = append(list, zeroFields(v.Field(i), path+"."+v.Type().Field(i).Name)...)
	}
	return list
}
