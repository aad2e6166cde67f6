package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/sync/errgroup"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/operator"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
	"github.com/agentphone-slack/callbot/internal/store"
)

// instance is the bot, wired.
type instance struct {
	store     *store.Store
	operator  *operator.Operator
	app       *bot.App
	publisher *bot.Publisher
	homes     *bot.HomeTabs
	link      *socketmode.Client
	web       *slack.Client
	log       *slog.Logger
	// introduced: Slack told who we are.
	introduced bool
}

// redactEvery is the most that lies between two requests to Slack that only erase. Slack
// allows 50 of a kind a minute.
const redactEvery = 4 * time.Second

// newInstance opens the database and wires the bot. The caller closes it.
func newInstance(ctx context.Context, s settings, log *slog.Logger) (_ *instance, err error) {
	provider, err := agentphone.NewClient(s.agentPhoneKey, agentphone.WithBaseURL(s.agentPhoneURL), agentphone.WithHTTPClient(&http.Client{Transport: httpSeam(transport())}))
	if err != nil {
		return nil, fmt.Errorf("AGENTPHONE_API_KEY or AGENTPHONE_BASE_URL cannot be used: %w", err)
	}
	web := slack.New(s.slackBotToken,
		slack.OptionAppLevelToken(s.slackAppToken),
		slack.OptionAPIURL(s.slackAPIURL),
		slack.OptionHTTPClient(&http.Client{Transport: httpSeam(transport()), Timeout: 5 * time.Minute}),
	)
	db, err := store.Open(ctx, s.databaseURL, append(storeSeam(), store.WithBudget(s.budget), store.WithLogger(log))...)
	if err != nil {
		return nil, err
	}
	phone.Load()
	rules := call.Rules{Countries: s.countries, Limits: s.limits, Who: s.who, Disclosure: s.disclosure, Quiet: s.quiet, Private: s.private}
	o := operator.New(db, provider, operator.Config{
		Rules: rules, Poll: s.poll, Timeout: s.callTimeout, ApprovalTTL: s.approvalTTL,
		Window: s.budget.Window, Retention: s.retention, Now: db.Now, Logger: log,
	})
	directory := bot.NewDirectory(web, time.Now, log)
	app := bot.New(bot.Config{
		Service: call.NewService(db, rules, s.approvalTTL, db.Now),
		Slack:   web,
		Views:   web,
		Steps:   web,
		Region:  s.region, APIURL: s.slackAPIURL, Logger: log,
		Policy: s.who, Directory: directory, Newcomers: db, Past: db, Calls: db,
	})
	return &instance{
		store:    db,
		operator: o,
		app:      app,
		publisher: bot.NewPublisher(bot.PublisherConfig{
			Slack: web, Steps: web, Who: web, Outbox: db, Recordings: o.Recording, APIURL: s.slackAPIURL, Policy: s.who, Directory: directory,
			Refresh: s.poll, Redact: min(2*s.poll/5, redactEvery), Quiet: s.quiet, Now: db.Now, Logger: log,
		}),
		homes: bot.NewHomeTabs(bot.HomeTabsConfig{
			Slack: web, Homes: db, Directory: directory, Policy: s.who, Limits: s.limits, Quiet: s.quiet, Now: db.Now, Logger: log,
		}),
		link: socketmode.New(socketmode.Config{Open: web, Handle: app.Handle, APIURL: s.slackAPIURL, Dialer: linkSeam(), Logger: log}),
		web:  web,
		log:  log,
	}, nil
}

// transport keeps enough connections open for the bursts that one busy minute brings;
// the standard two a host leave thousands of closed ones behind.
func transport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 100
	t.ResponseHeaderTimeout = time.Minute
	return t
}

// introduce asks Slack who we are.
func (i *instance) introduce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	who, err := i.web.AuthTestContext(ctx)
	if err != nil {
		return err
	}
	i.introduced = true
	i.app.SetTeam(who.TeamID)
	i.app.SetSelf(who.UserID)
	i.app.SetWorkspace(who.URL)
	i.publisher.SetWorkspace(who.URL)
	i.homes.SetWorkspace(who.URL)
	i.log.Info("Slack accepts SLACK_BOT_TOKEN", slog.String("team", who.Team), slog.String("bot", who.User))
	return nil
}

// introduceLate goes on asking where Slack did not answer at the start: until it does nobody
// knows who is of another workspace, and messages link to nothing.
func (i *instance) introduceLate(ctx context.Context) {
	for wait := time.Second; !i.introduced; wait = min(2*wait, time.Minute) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := i.introduce(ctx); err != nil && ctx.Err() == nil {
			i.log.Warn("asking Slack who we are; it will be tried again", slog.Any("error", err))
		}
	}
}

// checkToken asks Slack who we are, so that a wrong token is told at the start. A
// Slack that does not answer is not waited for: it is asked again, and the loops keep trying.
func (i *instance) checkToken(ctx context.Context) error {
	err := i.introduce(ctx)
	if err == nil {
		return nil
	}
	if refusal, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		switch refusal.Err {
		case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type":
			return fmt.Errorf("Slack does not accept SLACK_BOT_TOKEN (%s): copy the Bot User OAuth Token from OAuth & Permissions at https://api.slack.com/apps, after installing the app", refusal.Err) //nolint:staticcheck // the sentence starts with a name
		}
	}
	if ctx.Err() != nil {
		return nil // it is told to stop
	}
	i.log.Warn("asking Slack who we are; it will be tried again", slog.Any("error", err))
	return nil
}

// checks are what readiness depends on.
func (i *instance) checks() []check {
	return []check{
		{"database", func(ctx context.Context) error {
			if err := i.store.Ping(ctx); err != nil {
				i.log.Debug("asked for readiness", slog.Any("error", err))
				return errors.New("it does not answer")
			}
			return nil
		}},
		{"Slack link", func(context.Context) error {
			if !i.link.Ready() {
				return errors.New("no Socket Mode link is up")
			}
			return nil
		}},
		{"Slack token", func(context.Context) error {
			if i.publisher.TokenRefused() {
				return errors.New("Slack does not accept SLACK_BOT_TOKEN") //nolint:staticcheck // the sentence starts with a name
			}
			return nil
		}},
	}
}

// run works until ctx is done or Slack refuses us for good, then lets what is under
// way finish.
func (i *instance) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		i.introduceLate(ctx)
		return nil
	})
	group.Go(func() error {
		defer i.app.Wait()
		return i.link.Run(ctx)
	})
	group.Go(func() error { return i.operator.Run(ctx) })
	group.Go(func() error { return i.publisher.Run(ctx) })
	group.Go(func() error { return i.homes.Run(ctx) })
	return group.Wait()
}

// close closes the database.
func (i *instance) close() {
	if err := i.store.Close(); err != nil {
		i.log.Warn("closing the database", slog.Any("error", err))
	}
}
