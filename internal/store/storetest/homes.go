package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

// homes claims the homes that are to be shown.
func (w *world) homes() []call.Home {
	w.Helper()
	list, err := w.ClaimHomes(w.Context(), 100, lease)
	if err != nil {
		w.Fatal(err)
	}
	return list
}

func (w *world) openHome(user call.UserID, blank bool) {
	w.Helper()
	if err := w.OpenHome(w.Context(), user, "D"+string(user), blank); err != nil {
		w.Fatal(err)
	}
}

func (w *world) shown(h call.Home, digest string, next time.Time) {
	w.Helper()
	h.Digest = digest
	if err := w.HomeShown(w.Context(), h, next, w.now()); err != nil {
		w.Fatal(err)
	}
}

func usersOf(list []call.Home) []call.UserID {
	var users []call.UserID
	for _, h := range list {
		users = append(users, h.User)
	}
	slices.Sort(users)
	return users
}

const (
	ben = call.UserID("U0BEN")
	eve = call.UserID("U0EVE")
)

// asks keeps a call that somebody asked for.
func (w *world) asks(id call.ID, who call.UserID, number int) call.Call {
	w.Helper()
	at := w.now()
	c, err := w.Create(w.Context(), "", call.Call{
		ID: id, Version: 1, Revision: 1, Status: call.Requested, Since: at,
		Request:     call.Request{Requester: who, Number: line(w, number), Objective: "Ask when they open"},
		RequestedAt: at, ExpiresAt: at.Add(time.Hour), DueAt: at.Add(time.Hour),
	}, call.Origin{Conversation: here})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// decides commits an event of somebody.
func (w *world) decides(id call.ID, e call.Event) call.Call {
	w.Helper()
	e.At = w.now()
	c, err := w.Update(w.Context(), "", id, func(c call.Call) (call.Event, error) {
		e.Revision = c.Revision
		return e, nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

var homeTests = map[string]func(*testing.T, Database){
	"a home is due when it is opened, and when a call of its person is published": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.openHome(ana, true)
		w.openHome(ben, true)
		list := w.homes()
		if diff := cmp.Diff([]call.UserID{ana, ben}, usersOf(list)); diff != "" || list[0].Channel != "D"+string(list[0].User) {
			t.Fatal(list, diff)
		}
		if again := w.homes(); len(again) != 0 {
			t.Fatalf("leased twice: %v", usersOf(again))
		}
		for _, h := range list {
			w.shown(h, "v1", time.Time{})
		}
		if due := w.homes(); len(due) != 0 {
			t.Fatalf("due without a reason: %v", usersOf(due))
		}
		w.asks("one", ana, 1)
		w.settle()
		due := w.homes()
		if diff := cmp.Diff([]call.UserID{ana}, usersOf(due)); diff != "" || due[0].Digest != "v1" {
			t.Fatalf("%v: %s", due, diff)
		}
		w.shown(due[0], "v2", time.Time{})
		// Ben approves: it is his as well.
		w.decides("one", call.Event{Kind: call.Approve, Actor: ben, Due: w.now()})
		w.settle()
		if diff := cmp.Diff([]call.UserID{ana, ben}, usersOf(w.homes())); diff != "" {
			t.Fatal(diff)
		}
	},
	"what changes while a home is shown makes it due again": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.openHome(ana, true)
		h := w.homes()[0]
		w.asks("one", ana, 1)
		w.settle()
		h.Digest = "v1"
		soon := w.now().Add(3 * time.Second)
		if err := w.HomeShown(t.Context(), h, time.Time{}, soon); err != nil {
			t.Fatal(err)
		}
		if due := w.homes(); len(due) != 0 {
			t.Fatal("due before it may be")
		}
		if next, err := w.NextHome(t.Context()); err != nil || !next.Equal(soon) {
			t.Fatalf("next: %v, %v; want %v", next, err, soon)
		}
		w.move(3 * time.Second)
		if due := w.homes(); len(due) != 1 || due[0].Digest != "v1" {
			t.Fatalf("due: %v", due)
		}
	},
	"a lease that ended is another's": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.openHome(ana, true)
		first := w.homes()[0]
		w.move(lease)
		second := w.homes()
		if len(second) != 1 {
			t.Fatalf("after the lease: %v", second)
		}
		first.Digest = "stale"
		if err := w.HomeShown(t.Context(), first, time.Time{}, w.now()); !errors.Is(err, call.ErrLost) {
			t.Fatalf("the first goes on: %v", err)
		}
		w.shown(second[0], "v1", time.Time{})
	},
	"a home is shown anew after somebody who gave nothing back": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.openHome(ana, true)
		w.shown(w.homes()[0], "v1", time.Time{})
		w.openHome(ana, false)
		gone := w.homes()[0]
		w.move(lease)
		next := w.homes()
		if len(next) != 1 || next[0].Digest != "" {
			t.Fatalf("claimed %+v, want one of which it is not known what it shows", next)
		}
		w.shown(next[0], "v2", time.Time{})
		for signaled(w.HomesChanged()) {
		}
		gone.Digest = "v1"
		if err := w.HomeShown(t.Context(), gone, time.Time{}, w.now()); !errors.Is(err, call.ErrLost) {
			t.Fatalf("the first goes on: %v", err)
		}
		if !signaled(w.HomesChanged()) {
			t.Error("nobody is told")
		}
		if again := w.homes(); len(again) != 1 || again[0].Digest != "" {
			t.Errorf("claimed %+v: the first may have shown something older since", again)
		}
	},
	"a blank home is shown whatever it showed before": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.openHome(ana, true)
		w.shown(w.homes()[0], "v1", time.Time{})
		w.openHome(ana, false)
		if h := w.homes()[0]; h.Digest != "v1" {
			t.Errorf("it shows %q", h.Digest)
		} else {
			w.shown(h, "v1", time.Time{})
		}
		w.openHome(ana, true)
		if h := w.homes()[0]; h.Digest != "" {
			t.Errorf("it shows %q and is blank", h.Digest)
		}
	},
	"a home that nobody looks at is left alone": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.openHome(ana, true)
		w.shown(w.homes()[0], "v1", time.Time{})
		w.move(25 * time.Hour)
		w.asks("one", ana, 1)
		w.settle()
		if due := w.homes(); len(due) != 0 {
			t.Errorf("due: %v", due)
		}
	},
	"a pause concerns everybody": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.openHome(ana, true)
		w.shown(w.homes()[0], "v1", time.Time{})
		if _, err := w.Pause(t.Context(), ben); err != nil {
			t.Fatal(err)
		}
		if due := w.homes(); len(due) != 1 {
			t.Errorf("due: %v", due)
		}
	},
	"an overview has one's own calls, and all undecided ones for who decides": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i, id := range []call.ID{"waits", "goes", "later", "declined", "older"} {
			w.asks(id, ana, i+1)
			w.move(time.Minute)
		}
		w.asks("bens", ben, 9)
		w.decides("goes", call.Event{Kind: call.Approve, Actor: ana, Due: w.now()})
		w.decides("later", call.Event{Kind: call.Schedule, Actor: eve, Start: w.now().Add(time.Hour), Due: w.now().Add(time.Hour)})
		w.decides("declined", call.Event{Kind: call.Decline, Actor: ana})
		w.decides("older", call.Event{Kind: call.Decline, Actor: ana})
		look := func(user call.UserID, all bool) map[string][]call.ID {
			o, err := w.Overview(t.Context(), user, all, 1)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string][]call.ID{}
			for _, p := range o.Undecided {
				got["undecided"] = append(got["undecided"], p.Call.ID)
			}
			for name, list := range map[string][]call.Recent{"live": o.Live, "scheduled": o.Scheduled, "settled": o.Settled} {
				for _, r := range list {
					if r.Conversation != here {
						t.Errorf("%s was asked for in %q", r.Call.ID, r.Conversation)
					}
					got[name] = append(got[name], r.Call.ID)
				}
			}
			return got
		}
		for _, test := range []struct {
			user call.UserID
			all  bool
			want map[string][]call.ID
		}{
			{ana, false, map[string][]call.ID{"undecided": {"waits"}, "live": {"goes"}, "scheduled": {"later"}, "settled": {"older"}}},
			{ana, true, map[string][]call.ID{"undecided": {"waits", "bens"}, "live": {"goes"}, "scheduled": {"later"}, "settled": {"older"}}},
			{eve, false, map[string][]call.ID{"scheduled": {"later"}}},
			{ben, false, map[string][]call.ID{"undecided": {"bens"}}},
		} {
			if diff := cmp.Diff(test.want, look(test.user, test.all)); diff != "" {
				t.Errorf("%s, all %v (-want +got):\n%s", test.user, test.all, diff)
			}
		}
		w.move(61 * 24 * time.Hour)
		if got := look(ana, false); len(got) != 0 {
			t.Errorf("after two months: %v", got)
		}
	},
	"a call that waits tells of the one before it": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.asks("first", ben, 1)
		w.decides("first", call.Event{Kind: call.Approve, Actor: ben, Due: w.now()})
		w.asks("second", ana, 1)
		o, err := w.Overview(t.Context(), ana, false, 1)
		if err != nil || len(o.Undecided) != 1 || o.Undecided[0].Earlier == nil || o.Undecided[0].Earlier.Call.ID != "first" {
			t.Errorf("%+v, %v", o.Undecided, err)
		}
	},
	"a conversation is welcomed once": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i, want := range []bool{true, false, false} {
			if first, err := w.Welcome(t.Context(), here); err != nil || first != want {
				t.Errorf("time %d: %v, %v", i+1, first, err)
			}
		}
		if first, err := w.Welcome(t.Context(), "C0OTHER"); err != nil || !first {
			t.Errorf("elsewhere: %v, %v", first, err)
		}
	},
	"use is counted for a day": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i, of := range []call.UserID{ana, ana, ben} {
			id := call.ID("c" + string(rune('1'+i)))
			w.asks(id, of, i+1)
			w.decides(id, call.Event{Kind: call.Approve, Actor: eve, Due: w.now()})
		}
		w.asks("undecided", ana, 7)
		got, err := w.Usage(t.Context(), 5)
		want := call.Usage{All: 3, Most: []call.UsageOf{{Requester: ana, Approvals: 2}, {Requester: ben, Approvals: 1}}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		w.move(25 * time.Hour)
		if got, err := w.Usage(t.Context(), 5); err != nil || got.All != 0 || len(got.Most) != 0 {
			t.Errorf("a day later: %+v, %v", got, err)
		}
	},
	"what somebody sent late is not taken for what is shown": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.openHome(ana, true)
		first := w.homes()[0]
		w.move(lease)
		second := w.homes()[0]
		first.Digest, second.Digest = "old", "new"
		// What the first sent takes effect after what the second did, which is kept last.
		if err := w.HomeShown(t.Context(), first, time.Time{}, w.now()); !errors.Is(err, call.ErrLost) {
			t.Fatalf("%v, want call.ErrLost", err)
		}
		w.shown(second, "new", time.Time{})
		due := w.homes()
		if len(due) != 1 || due[0].Digest != "" {
			t.Fatalf("due: %+v, want the home, of which nobody knows what it shows", due)
		}
		w.shown(due[0], "new", time.Time{})
		if due := w.homes(); len(due) != 0 {
			t.Errorf("due without a reason: %+v", due)
		}
	},
}
