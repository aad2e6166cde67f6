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
