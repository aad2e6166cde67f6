package bot

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/singleflight"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Workspace is the part of Slack's Web API that tells who somebody is.
type Workspace interface {
	GetUserInfoContext(ctx context.Context, user string, options ...slack.GetUserInfoOption) (*slack.User, error)
	GetUserGroupMembersContext(ctx context.Context, group string, options ...slack.GetUserGroupMembersOption) ([]string, error)
	AuthTestContext(ctx context.Context) (*slack.AuthTestResponse, error)
}

const (
	// lookupWithin is how long an envelope waits for facts about a person; the rest of
	// commitWithin is for the commit.
	lookupWithin = 1200 * time.Millisecond
	// fetchWithin bounds a request that nobody may be waiting for any more: what it
	// brings is there when they try again.
	fetchWithin = 10 * time.Second
	// profileFor and groupFor are how long what was read counts. A group lets people
	// in, so it counts for less long.
	profileFor = 5 * time.Minute
	groupFor   = 2 * time.Minute
	// maxKept bounds the people that are remembered.
	maxKept = 10_000
)

// Directory knows who people are, as Slack tells it. It keeps nothing that failed, so
// that whoever is refused for it can try again.
type Directory struct {
	slack  Workspace
	now    func() time.Time
	log    *slog.Logger
	gates  gates
	flight singleflight.Group

	mu       sync.Mutex
	profiles map[call.UserID]kept[profile]
	groups   map[call.GroupID]kept[map[string]bool]
	team     string // id of the workspace that the app is of; "": not known
}

// kept is something that counts until it is to be read again.
type kept[T any] struct {
	what  T
	until time.Time
}

// profile is what counts of a Slack user.
type profile struct{ guest, foreign, gone bool }

// NewDirectory returns a Directory that asks Slack. now is the clock by which what
// was read grows old.
func NewDirectory(w Workspace, now func() time.Time, log *slog.Logger) *Directory {
	return &Directory{
		slack: w, now: now, log: log, gates: gates{now: now},
		profiles: map[call.UserID]kept[profile]{}, groups: map[call.GroupID]kept[map[string]bool]{},
	}
}

// SetTeam tells the id of the workspace that the app is installed in, such as "T0123".
func (d *Directory) SetTeam(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.team = id
}

// Person reads what is needed of somebody, from memory or from Slack, and returns
// what it has after [lookupWithin] at most.
func (d *Directory) Person(ctx context.Context, id call.UserID, need call.Needs) call.Person {
	who := call.Person{ID: id}
	if id == "" || !need.Profile && len(need.Groups) == 0 {
		return who
	}
	ctx, cancel := context.WithTimeout(ctx, lookupWithin)
	defer cancel()
	var read sync.WaitGroup
	errs := make([]error, len(need.Groups)+1)
	in := make([]bool, len(need.Groups))
	if need.Profile {
		read.Go(func() {
			var p profile
			if p, errs[len(need.Groups)] = d.profile(ctx, id); errs[len(need.Groups)] == nil {
				who.Known, who.Guest, who.Foreign, who.Gone = true, p.guest, p.foreign, p.gone
			}
		})
	}
	for i, g := range need.Groups {
		read.Go(func() {
			var members map[string]bool
			members, errs[i] = d.members(ctx, g)
			in[i] = members[string(id)]
		})
	}
	read.Wait()
	for i, g := range need.Groups {
		switch {
		case in[i]:
			who.Groups = append(who.Groups, g)
		case errs[i] != nil:
			who.Unread = append(who.Unread, g)
		}
	}
	who.Denied = slices.ContainsFunc(errs, denied)
	if err := errors.Join(errs...); who.Denied {
		d.log.Error("Slack does not let callbot read who people are, so they are refused; install the app again with the scopes of its manifest", slog.String("user", string(id)), slog.Any("error", err))
	} else if err != nil {
		d.log.Warn("asking Slack who somebody is", slog.String("user", string(id)), slog.Any("error", err))
	}
	return who
}

// denied reports that Slack does not answer until the app has other permissions.
func denied(err error) bool {
	return err != nil && (tokenRefused(err) || slices.Contains([]string{"missing_scope", "no_permission", "access_denied"}, slackCode(err)))
}

func (d *Directory) profile(ctx context.Context, id call.UserID) (profile, error) {
	return lookup(ctx, d, "user "+string(id), d.profiles, id, profileFor, func(ctx context.Context) (profile, error) {
		team, err := d.ownTeam(ctx)
		if err != nil {
			return profile{}, err
		}
		var u *slack.User
		err = d.gates.pass(ctx, "users.info", "", func(ctx context.Context) (err error) {
			u, err = d.slack.GetUserInfoContext(ctx, string(id))
			return err
		})
		switch {
		case slices.Contains([]string{"user_not_found", "user_not_visible"}, slackCode(err)):
			return profile{foreign: true}, nil // whoever is not in our workspace
		case err != nil:
			return profile{}, err
		case u.ID != string(id) || u.TeamID == "":
			return profile{}, errors.New("users.info answered about somebody else, or without a workspace")
		}
		return profile{
			guest:   u.IsRestricted || u.IsUltraRestricted,
			foreign: u.IsStranger || u.TeamID != team && !slices.Contains(u.Enterprise.Teams, team),
			gone:    u.Deleted || u.IsBot,
		}, nil
	})
}

func (d *Directory) members(ctx context.Context, g call.GroupID) (map[string]bool, error) {
	return lookup(ctx, d, "group "+string(g), d.groups, g, groupFor, func(ctx context.Context) (map[string]bool, error) {
		var ids []string
		err := d.gates.pass(ctx, "usergroups.users.list", "", func(ctx context.Context) (err error) {
			ids, err = d.slack.GetUserGroupMembersContext(ctx, string(g))
			return err
		})
		if slackCode(err) == "no_such_subteam" {
			d.log.Error("a user group of the configuration is not in the workspace, so nobody is in it", slog.String("group", string(g)))
			return nil, nil
		}
		members := make(map[string]bool, len(ids))
		for _, id := range ids {
			members[id] = true
		}
		return members, err
	})
}

// ownTeam is the workspace that the app is of, which Slack may not have told at the start.
func (d *Directory) ownTeam(ctx context.Context) (string, error) {
	d.mu.Lock()
	team := d.team
	d.mu.Unlock()
	if team != "" {
		return team, nil
	}
	me, err := d.slack.AuthTestContext(ctx)
	if err != nil {
		return "", err
	}
	if me.TeamID == "" {
		return "", errors.New("auth.test does not say which workspace the app is of")
	}
	d.SetTeam(me.TeamID)
	return me.TeamID, nil
}

// lookup returns what is kept under id, or fetches it, once for all who wait for it.
// Whoever has no more time leaves, and the request goes on.
func lookup[K comparable, T any](ctx context.Context, d *Directory, key string, from map[K]kept[T], id K, counts time.Duration, fetch func(context.Context) (T, error)) (T, error) {
	d.mu.Lock()
	have, known := from[id]
	d.mu.Unlock()
	if known && d.now().Before(have.until) {
		return have.what, nil
	}
	done := d.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchWithin)
		defer cancel()
		asked := d.now()
		what, err := fetch(ctx)
		if err != nil {
			return what, err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if until := asked.Add(counts); until.After(from[id].until) { // a later request may have been faster
			makeRoom(from, d.now())
			from[id] = kept[T]{what, until}
		}
		return what, nil
	})
	select {
	case r := <-done:
		what, _ := r.Val.(T)
		return what, r.Err
	case <-ctx.Done():
		d.flight.Forget(key) // who tries again does not wait for what may hang
		var none T
		return none, ctx.Err()
	}
}

// makeRoom forgets what no longer counts, and some of the rest if that is too little.
func makeRoom[K comparable, T any](in map[K]kept[T], now time.Time) {
	if len(in) < maxKept {
		return
	}
	for k, v := range in {
		if !now.Before(v.until) {
			delete(in, k)
		}
	}
	for k := range in {
		if len(in) <= maxKept*3/4 {
			return
		}
		delete(in, k)
	}
}
