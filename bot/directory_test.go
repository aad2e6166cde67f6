package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
)

// registry is a Slack that tells who people are, as slowly and as wrongly as it is told.
type registry struct {
	mu     sync.Mutex
	people map[string]slack.User
	groups map[string][]string
	takes  time.Duration
	errs   []error // of the next requests
	asked  map[string]int
}

func newRegistry() *registry {
	return &registry{people: map[string]slack.User{}, groups: map[string][]string{}, asked: map[string]int{}}
}

func (r *registry) request(ctx context.Context, what string) error {
	r.mu.Lock()
	r.asked[what]++
	takes := r.takes
	var err error
	if len(r.errs) > 0 {
		err, r.errs = r.errs[0], r.errs[1:]
	}
	r.mu.Unlock()
	select {
	case <-time.After(takes):
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *registry) GetUserInfoContext(ctx context.Context, id string, _ ...slack.GetUserInfoOption) (*slack.User, error) {
	r.mu.Lock()
	u, known := r.people[id] // as it is when it is asked
	r.mu.Unlock()
	if err := r.request(ctx, "user"); err != nil {
		return nil, err
	}
	if !known {
		return nil, slack.SlackErrorResponse{Err: "user_not_found"}
	}
	if u.ID == "" {
		u.ID = id
	}
	return &u, nil
}

func (r *registry) GetUserGroupMembersContext(ctx context.Context, id string, _ ...slack.GetUserGroupMembersOption) ([]string, error) {
	if err := r.request(ctx, "group"); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	members, known := r.groups[id]
	if !known {
		return nil, slack.SlackErrorResponse{Err: "no_such_subteam"}
	}
	return slices.Clone(members), nil
}

func (r *registry) AuthTestContext(ctx context.Context) (*slack.AuthTestResponse, error) {
	if err := r.request(ctx, "team"); err != nil {
		return nil, err
	}
	return &slack.AuthTestResponse{TeamID: "T1"}, nil
}

func (r *registry) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

func (r *registry) times(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[what]
}

func directory(r *registry) *bot.Directory {
	d := bot.NewDirectory(r, time.Now, slog.New(slog.DiscardHandler))
	d.SetTeam("T1")
	return d
}

var profileOnly = call.Needs{Profile: true}

// TestProfiles: what Slack says of somebody, and what counts of it.
func TestProfiles(t *testing.T) {
	elsewhere := slack.User{TeamID: "T2"}
	elsewhere.Enterprise.Teams = []string{"T2", "T3"}
	here := slack.User{TeamID: "T2"}
	here.Enterprise.Teams = []string{"T2", "T1"}
	for name, tc := range map[string]struct {
		user slack.User
		want call.Person
	}{
		"a member":                     {slack.User{TeamID: "T1"}, call.Person{Known: true}},
		"a guest":                      {slack.User{TeamID: "T1", IsRestricted: true}, call.Person{Known: true, Guest: true}},
		"a single-channel guest":       {slack.User{TeamID: "T1", IsRestricted: true, IsUltraRestricted: true}, call.Person{Known: true, Guest: true}},
		"of another workspace":         {slack.User{TeamID: "T2"}, call.Person{Known: true, Foreign: true}},
		"a stranger":                   {slack.User{TeamID: "T1", IsStranger: true}, call.Person{Known: true, Foreign: true}},
		"of the organisation, here":    {here, call.Person{Known: true}},
		"of the organisation, but not": {elsewhere, call.Person{Known: true, Foreign: true}},
		"deactivated":                  {slack.User{TeamID: "T1", Deleted: true}, call.Person{Known: true, Gone: true}},
		"an app":                       {slack.User{TeamID: "T1", IsBot: true}, call.Person{Known: true, Gone: true}},
		"an answer without a team":     {slack.User{}, call.Person{}},
		"an answer about another":      {slack.User{ID: "U2", TeamID: "T1"}, call.Person{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry()
			r.people["U1"] = tc.user
			tc.want.ID = "U1"
			if diff := cmp.Diff(tc.want, directory(r).Person(t.Context(), "U1", profileOnly)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if got := directory(newRegistry()).Person(t.Context(), "U9", profileOnly); !got.Known || !got.Foreign {
		t.Errorf("somebody whom Slack does not know: %+v", got)
	}
}

// TestTheDirectoryRemembers for some minutes, and asks once for all who wait.
func TestTheDirectoryRemembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.people["U1"], r.groups["S1"], r.takes = slack.User{TeamID: "T1"}, []string{"U1"}, time.Second
		d := bot.NewDirectory(r, time.Now, slog.New(slog.DiscardHandler)) // it learns its workspace by itself
		need := call.Needs{Profile: true, Groups: []call.GroupID{"S1", "S9"}}
		ask := func() call.Person { return d.Person(t.Context(), "U1", need) }
		ask()
		time.Sleep(5 * time.Second) // the workspace and the person together took too long
		var together sync.WaitGroup
		for range 20 {
			together.Go(func() {
				if got := ask(); !got.Known || !slices.Equal(got.Groups, []call.GroupID{"S1"}) || len(got.Unread) > 0 {
					t.Errorf("got %+v", got)
				}
			})
		}
		together.Wait()
		if r.times("user") != 1 || r.times("group") != 2 || r.times("team") != 1 {
			t.Errorf("asked %v", r.asked)
		}
		r.set(func() { r.people["U1"], r.groups["S1"] = slack.User{TeamID: "T1", IsRestricted: true}, nil })
		time.Sleep(2*time.Minute + time.Second)
		if got := ask(); got.Guest || len(got.Groups) > 0 {
			t.Errorf("after two minutes: %+v", got)
		}
		time.Sleep(3 * time.Minute)
		if got := ask(); !got.Guest {
			t.Errorf("after five minutes: %+v", got)
		}
	})
}

// TestADirectoryThatIsNotAnswered knows nothing, in time, and keeps nothing of it.
func TestADirectoryThatIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.people["U1"], r.groups["S1"] = slack.User{TeamID: "T1"}, []string{"U1"}
		d := directory(r)
		need := call.Needs{Profile: true, Groups: []call.GroupID{"S1"}}
		nothing := call.Person{ID: "U1", Unread: need.Groups}
		began := time.Now()
		r.takes = time.Minute
		if diff := cmp.Diff(nothing, d.Person(t.Context(), "U1", need)); diff != "" {
			t.Errorf("slow (-want +got):\n%s", diff)
		}
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		r.set(func() { r.takes, r.errs = 0, []error{errors.New("no"), errors.New("no")} })
		if diff := cmp.Diff(nothing, d.Person(t.Context(), "U1", need)); diff != "" {
			t.Errorf("failing (-want +got):\n%s", diff)
		}
		if got := d.Person(t.Context(), "U1", need); !got.Known || len(got.Groups) != 1 {
			t.Errorf("right after it: %+v", got)
		}
		r.set(func() { r.errs = []error{&slack.RateLimitedError{RetryAfter: 30 * time.Second}} })
		if got := d.Person(t.Context(), "U2", profileOnly); got.Known {
			t.Errorf("held back: %+v", got)
		}
		asked := r.times("user")
		if got := d.Person(t.Context(), "U2", profileOnly); got.Known || r.times("user") != asked {
			t.Errorf("asked again before Retry-After was over: %+v", got)
		}
		if got := d.Person(t.Context(), "U1", profileOnly); !got.Known {
			t.Error("what is known waits too")
		}
		time.Sleep(31 * time.Second)
		if got := d.Person(t.Context(), "U2", profileOnly); !got.Known {
			t.Errorf("after Retry-After: %+v", got)
		}
		r.set(func() { r.errs = []error{slack.SlackErrorResponse{Err: "missing_scope"}} })
		if got := d.Person(t.Context(), "U3", profileOnly); got.Known || !got.Denied {
			t.Errorf("without the scope: %+v", got)
		}
		synctest.Wait()
	})
}

// TestALateAnswer does not take the place of a later one.
func TestALateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistry()
		r.people["U1"], r.takes = slack.User{TeamID: "T1"}, 4*time.Second
		d := directory(r)
		if got := d.Person(t.Context(), "U1", profileOnly); got.Known {
			t.Errorf("before the answer: %+v", got)
		}
		r.set(func() { r.people["U1"], r.takes = slack.User{TeamID: "T1", IsRestricted: true}, 0 })
		for range 2 {
			if got := d.Person(t.Context(), "U1", profileOnly); !got.Guest {
				t.Errorf("a guest by now: %+v", got)
			}
			time.Sleep(4 * time.Second)
		}
	})
}

// TestTheDirectoryIsBounded: a crowd does not fill the memory.
func TestTheDirectoryIsBounded(t *testing.T) {
	r := newRegistry()
	d := directory(r)
	for i := range bot.MaxKept + 100 {
		d.Person(t.Context(), call.UserID(fmt.Sprintf("U%d", i)), profileOnly)
	}
	if n := d.Kept(); n > bot.MaxKept || n < bot.MaxKept/2 {
		t.Errorf("%d are kept", n)
	}
}
