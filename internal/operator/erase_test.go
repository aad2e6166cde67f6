package operator_test

import (
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// TestWhatWasKeptLongEnoughIsErased, whichever of two operators comes first, and what is
// younger is not.
func TestWhatWasKeptLongEnoughIsErased(t *testing.T) {
	o := newOffice(t, call.Budget{})
	old, young := o.approved("+14155550132"), o.approved("+14155550133")
	ended := func(c call.Call) bool { return c.Status == call.Completed && c.DueAt.IsZero() }
	stop := o.work()
	o.until(old, "ended", ended)
	o.until(young, "ended", ended)
	stop()
	if c, err := o.store.Get(t.Context(), old); err != nil || c.Erased.Done() || c.Summary == "" {
		t.Fatalf("erased though all is kept: %+v %v", c.Erased, err)
	}
	o.retention = time.Since(o.until(old, "known", ended).LastChange()) + 200*time.Millisecond
	if _, err := o.store.Update(t.Context(), "", young, func(c call.Call) (call.Event, error) {
		return call.Event{Kind: call.Accept, At: time.Now().Add(time.Hour), ProviderID: "cl_second"}, nil
	}); err != nil {
		t.Fatal(err)
	}
	o.work()
	o.work()
	c := o.until(old, "erased", func(c call.Call) bool { return c.Erased.Done() })
	if c.Summary != "" || c.Outcome != call.Achieved {
		t.Errorf("%+v", c)
	}
	if c, err := o.store.Get(t.Context(), young); err != nil || c.Erased.Done() {
		t.Errorf("what happened later is erased: %+v %v", c.Erased, err)
	}
}

// TestWhatIsToBeForgottenIsErasedWhenItHasEnded, though all is kept.
func TestWhatIsToBeForgottenIsErasedWhenItHasEnded(t *testing.T) {
	o := newOffice(t, call.Budget{})
	id := o.approved("+14155550132")
	o.work()
	o.until(id, "under way", func(c call.Call) bool { return c.Status.Active() })
	got, err := o.store.Forget(t.Context(), call.Forget{User: "U1"})
	if err != nil || got != (call.Forgotten{UnderWay: 1}) {
		t.Fatalf("%+v %v", got, err)
	}
	c := o.until(id, "erased", func(c call.Call) bool { return c.Erased.Done() })
	if c.Status != call.Completed || c.Objective != "" || c.Transcript != "" {
		t.Errorf("%+v", c)
	}
}
