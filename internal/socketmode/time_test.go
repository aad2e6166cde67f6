package socketmode_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// The tests in this file run in bubbles: time is simulated, and a goroutine
// that the client leaves behind fails the test.

type openerFunc func(ctx context.Context) (string, error)

func (f openerFunc) StartSocketModeContext(ctx context.Context) (*slack.SocketModeConnection, string, error) {
	address, err := f(ctx)
	return nil, address, err
}

// attempts runs a client whose every attempt to open fails, and gives when they
// were made, counted from the start.
func attempts(t *testing.T, cfg socketmode.Config, how func(n int) error, until time.Duration) []time.Duration {
	t.Helper()
	start := time.Now()
	var mu sync.Mutex
	var at []time.Duration
	cfg.Handle, cfg.Logger = plainAck, slog.New(slog.DiscardHandler)
	cfg.Open = openerFunc(func(context.Context) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		at = append(at, time.Since(start))
		return "", how(len(at))
	})
	ctx, cancel := context.WithTimeout(t.Context(), until)
	defer cancel()
	if err := socketmode.New(cfg).Run(ctx); err != nil {
		t.Errorf("Run returned %v", err)
	}
	return at
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := attempts(t, socketmode.Config{Links: 1, OpenBurst: 1000}, func(int) error { return errors.New("down") }, 10*time.Minute)
		var last time.Duration
		for i, want := range []time.Duration{0, 1, 2, 4, 8, 16, 32, 60, 60, 60} {
			want *= time.Second
			if got := at[i] - last; got < want/2 || got > want {
				t.Errorf("attempt %d came %s after the one before, want %s to %s", i+1, got, want/2, want)
			}
			last = at[i]
		}
	})
}

// TestBackoffIsRandom keeps many processes from coming back in step.
func TestBackoffIsRandom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 10 {
			at := attempts(t, socketmode.Config{Links: 1}, func(int) error { return errors.New("down") }, 5*time.Second)
			seen[at[1]] = true
		}
		if len(seen) < 5 {
			t.Errorf("10 first retries came at only %d moments", len(seen))
		}
	})
}

func TestOpenLimit(t *testing.T) {
	hour := func(t *testing.T, how func(int) error) int {
		cfg := socketmode.Config{Links: 2, OpenBurst: 4, BackoffMin: time.Millisecond, BackoffMax: time.Millisecond}
		at := attempts(t, cfg, how, time.Hour+time.Second)
		for i := range at {
			n := 0
			for _, other := range at[i:] {
				if other-at[i] < time.Minute {
					n++
				}
			}
			if n > 5 {
				return n // in one minute: more than the burst and one
			}
		}
		return len(at)
	}
	t.Run("errors of Slack", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			if got := hour(t, func(int) error { return slack.StatusCodeError{Code: 500} }); got < 60 || got > 65 {
				t.Errorf("%d attempts, want 64 in an hour", got)
			}
		})
	})
	t.Run("requests that never reached Slack are free", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			failing := func(n int) error {
				if n <= 100 {
					return fmt.Errorf("post: %w", &net.OpError{Op: "dial", Err: errors.New("no route")})
				}
				return slack.StatusCodeError{Code: 500}
			}
			cfg := socketmode.Config{Links: 1, OpenBurst: 4, BackoffMin: time.Second, BackoffMax: time.Second}
			at := attempts(t, cfg, failing, 2*time.Minute)
			if len(at) < 104 {
				t.Errorf("%d attempts, want 100 free ones and the burst", len(at))
			}
		})
	})
}

// TestRetryAfter holds back both links for as long as Slack asks, within reason.
func TestRetryAfter(t *testing.T) {
	for retryAfter, want := range map[time.Duration]time.Duration{
		90 * time.Second: 90 * time.Second,
		time.Hour:        10 * time.Minute,
		0:                time.Second,
	} {
		t.Run(retryAfter.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				at := attempts(t, socketmode.Config{BackoffMin: time.Millisecond, BackoffMax: time.Millisecond}, func(n int) error {
					if n == 2 {
						return &slack.RateLimitedError{RetryAfter: retryAfter}
					}
					return errors.New("down")
				}, 20*time.Minute)
				if gap := at[2] - at[1]; gap < want || gap > want+time.Second {
					t.Errorf("attempts at %s, want %s between the second and the third", at[:3], want)
				}
			})
		})
	}
}

// TestSentAwayAfterHello is Slack at its worst: each link is greeted and told
// to go at once. That must not become a busy loop.
func TestSentAwayAfterHello(t *testing.T) {
	for _, reason := range []string{"too_many_websockets", "refresh_requested", "warning", "whatever"} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := pipe(t)
				fake.greeting = []string{hello, fmt.Sprintf(`{"type":"disconnect","reason":%q}`, reason)}
				b := fake.run(socketmode.Config{Links: 2})
				time.Sleep(10 * time.Minute)
				if err := b.stop(); err != nil {
					t.Errorf("Run returned %v", err)
				}
				if got := fake.opens.Load(); got < 8 || got > 18 {
					t.Errorf("%d links opened in 10 minutes, want 8 and one a minute", got)
				}
				if got := b.client.Connected(); got != 0 {
					t.Errorf("%d links connected after the end", got)
				}
			})
		})
	}
}

// TestDeadLink lets a link fall silent without a word, as a NAT does.
func TestDeadLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		fake.deaf = true
		b := fake.run(socketmode.Config{Links: 1})
		fake.next()
		synctest.Wait()
		if got := b.client.Connected(); got != 1 {
			t.Fatalf("%d links connected, want 1", got)
		}
		time.Sleep(30*time.Second - time.Millisecond)
		synctest.Wait()
		if got := b.client.Connected(); got != 1 {
			t.Error("given up too early")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got := b.client.Connected(); got != 0 {
			t.Error("still taken for alive after 30s of silence")
		}
		time.Sleep(time.Second)
		fake.next()
	})
}

// TestIdleLink is the opposite: nothing to say for a day, but pings answered.
func TestIdleLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		b := fake.run(socketmode.Config{})
		time.Sleep(24 * time.Hour)
		if got := b.client.Connected(); got != 2 {
			t.Errorf("%d links connected, want 2", got)
		}
		if got := fake.opens.Load(); got != 2 {
			t.Errorf("%d links opened, want 2", got)
		}
	})
}

func TestNoHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		fake.greeting = nil
		b := fake.run(socketmode.Config{Links: 1})
		one := fake.next()
		time.Sleep(9 * time.Second)
		if one.isGone() || b.client.Connected() != 0 {
			t.Error("not waiting for hello")
		}
		one.wantGone()
		fake.next()
	})
}

// TestHangingAPI bounds apps.connections.open, for which slack-go's HTTP client
// has no time-out.
func TestHangingAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		fake.open = func(n int64, _ http.ResponseWriter, r *http.Request) bool {
			if n == 1 {
				<-r.Context().Done()
			}
			return n == 1
		}
		start := time.Now()
		fake.run(socketmode.Config{Links: 1})
		select {
		case <-fake.links:
		case <-time.After(time.Minute):
		}
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// TestStaleInQueue leaves alone what waited longer than Slack does.
func TestStaleInQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		var handled []string
		fake.run(socketmode.Config{Links: 1, Workers: 1, Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
			handled = append(handled, e.ID)
			if e.ID == "slow" {
				time.Sleep(5 * time.Second)
			}
			return socketmode.Ack{}
		}})
		link := fake.next()
		link.send(slash("slow"))
		link.send(slash("stale"))
		time.Sleep(4 * time.Second)
		link.send(slash("fresh"))
		link.wantAck("slow")
		link.wantAck("fresh")
		link.wantQuiet()
		if len(handled) != 2 {
			t.Errorf("handled %v", handled)
		}
	})
}

// TestShutdownIsBounded stops while one handler heeds its context and another
// does not.
func TestShutdownIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		release := make(chan struct{})
		b := fake.run(socketmode.Config{AckDeadline: 2 * time.Second, ShutdownGrace: time.Second, Handle: func(ctx context.Context, e socketmode.Envelope) socketmode.Ack {
			if e.ID == "stubborn" {
				<-release
			} else {
				<-ctx.Done()
			}
			return socketmode.NoAck
		}})
		link := fake.next()
		link.send(slash("heedful"))
		link.send(slash("stubborn"))
		synctest.Wait()
		start := time.Now()
		if err := b.stop(); !errors.Is(err, socketmode.ErrHandlersRunning) {
			t.Errorf("Run returned %v", err)
		}
		if took := time.Since(start); took < time.Second || took > 4*time.Second {
			t.Errorf("stopped after %s", took)
		}
		close(release)
	})
}

// TestRefreshWhileSlackIsDown keeps the old link in use for as long as there is
// no other.
func TestRefreshWhileSlackIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		var up atomic.Bool
		fake.open = func(n int64, w http.ResponseWriter, _ *http.Request) bool {
			if n == 1 || up.Load() {
				return false
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		b := fake.run(socketmode.Config{Links: 1})
		old := fake.next()
		time.Sleep(time.Hour)
		old.disconnect("warning")
		time.Sleep(10 * time.Minute)
		old.send(slash("e1"))
		old.wantAck("e1")
		up.Store(true)
		time.Sleep(2 * time.Minute)
		fake.next().send(slash("e2"))
		if !old.isGone() || b.client.Connected() != 1 {
			t.Error("the old link outlived its grace")
		}
	})
}

// TestLinksComeBackSoon: after an outage of Slack in which its links were cut, they are
// not kept waiting because too much was asked meanwhile.
func TestLinksComeBackSoon(t *testing.T) {
	for _, outage := range []time.Duration{12 * time.Second, time.Minute, 10 * time.Minute} {
		t.Run(outage.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := pipe(t)
				var down atomic.Bool
				fake.open = func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
					if down.Load() {
						w.WriteHeader(http.StatusInternalServerError)
					}
					return down.Load()
				}
				b := fake.run(socketmode.Config{})
				links := []*slackLink{fake.next(), fake.next()}
				time.Sleep(time.Hour)
				down.Store(true)
				before := fake.opens.Load()
				for _, l := range links {
					_ = l.ws.NetConn().Close()
				}
				time.Sleep(outage)
				if got, most := fake.opens.Load()-before, int64(9+outage/time.Minute); got > most {
					t.Errorf("Slack was asked %d times in the outage, want %d at most", got, most)
				}
				down.Store(false)
				up := time.Now()
				most := min(outage, time.Minute) + 2*time.Second
				for n := range 2 {
					for b.client.Connected() <= n && time.Since(up) < 10*time.Minute {
						time.Sleep(time.Second)
					}
					if took := time.Since(up); took > most {
						t.Errorf("link %d was back after %s, want %s at most", n+1, took, most)
					}
					if outage > time.Minute {
						most += time.Minute // what was asked meanwhile counts
					}
				}
			})
		})
	}
}
