package agentphonetest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

// TestFaultsAfterTheCallWasTaken: the call is placed, whatever its caller gets to see.
func TestFaultsAfterTheCallWasTaken(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t, agentphonetest.WithFault(agentphonetest.AcceptAndRespond(http.StatusAccepted, `{"data": {"call_`)))
	if a, err := post(t, s, ordinary, "x"); err != nil || a.status != http.StatusAccepted || a.body != `{"data": {"call_` {
		t.Errorf("%+v %v", a, err)
	}
	const d = 50 * time.Millisecond
	s.SetFault(agentphonetest.AcceptAndDelay(d))
	began := time.Now()
	if id := place(t, s, ordinary, "x"); id != s.Calls()[1].ID || time.Since(began) < d {
		t.Errorf("call %s was answered after %s", id, time.Since(began))
	}
	if got := s.Dials()[ordinary]; got != 2 {
		t.Errorf("dialled %d times", got)
	}
}

// TestHangingFaults: no answer comes until the simulator closes, and only one of them
// places the call.
func TestHangingFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		f     agentphonetest.Fault
		dials int
	}{
		"before": {agentphonetest.Hang, 0},
		"after":  {agentphonetest.AcceptAndHang, 1},
		"delay":  {agentphonetest.AcceptAndDelay(time.Hour), 1},
	} {
		arrived := make(chan struct{})
		s := agentphonetest.NewServer(t, agentphonetest.WithFault(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			close(arrived)
			fault.f(w, r, next)
		}))
		failed := make(chan error, 1)
		go func() {
			_, err := post(t, s, ordinary, "x")
			failed <- err
		}()
		<-arrived
		select {
		case err := <-failed:
			t.Errorf("%s: it did not hang: %v", name, err)
		case <-time.After(50 * time.Millisecond):
		}
		s.Close()
		if err := <-failed; err == nil {
			t.Errorf("%s: an answer came", name)
		}
		if got := s.Dials()[ordinary]; got != fault.dials {
			t.Errorf("%s: dialled %d times", name, got)
		}
	}
}

func TestSetList(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t)
	place(t, s, ordinary, "x")
	s.SetList(agentphonetest.ListOff)
	if a := get(t, s.URL+"/calls"); a.status != http.StatusNotFound {
		t.Errorf("off: %d", a.status)
	}
	s.SetList(agentphonetest.ListFull)
	if got := get(t, s.URL+"/calls").list(t); len(got) != 1 {
		t.Errorf("on again: %v", got)
	}
}

func TestRequestsSince(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithCredits(3))
	start := clk.Now()
	place(t, s, ordinary, "x")
	clk.Advance(time.Second)
	s.SetFault(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		clk.Advance(2 * time.Second)
		agentphonetest.AcceptAndReset(w, r, next)
	})
	if _, err := post(t, s, ordinary, "x"); err == nil {
		t.Error("answered")
	}
	for since, want := range map[time.Duration]int{-time.Hour: 2, 0: 2, 1: 1, time.Second: 1, time.Second + 1: 0} {
		if got := s.RequestsSince(start.Add(since)); len(got) != want {
			t.Errorf("since %s: %d requests, want %d", since, len(got), want)
		}
	}
	s.SetFault(nil)
	place(t, s, ordinary, "x")
	all := s.RequestsSince(start)
	if all[0].Took != 0 || all[1].Took != 2*time.Second || all[1].Status != 0 || all[2].Took != 0 {
		t.Errorf("took %s, %s, %s", all[0].Took, all[1].Took, all[2].Took)
	}
	if got := s.Credits(); got != 0 {
		t.Errorf("%d credits", got)
	}
	if s.SetCredits(agentphonetest.Unlimited); s.Credits() != agentphonetest.Unlimited {
		t.Errorf("%d credits", s.Credits())
	}
}
