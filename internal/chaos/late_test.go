//go:build unix

package chaos

import (
	"testing"
	"time"
)

// TestChaosLateEdit: what a process had sent to Slack before it was killed may take effect
// after what its successor sent. It must not stay over the end of the call.
func TestChaosLateEdit(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for leases")
	}
	t.Parallel()
	const onItsWay = 5 * time.Second // callbot allows a request 8 s
	f := newFleet(t, "", seedOf(t), 20)
	r := f.start("A", "")
	f.links(t, 2)
	tell[bool](f, "late", "Talking to")
	tag := tell[string](f, "order", "+14155550132")
	f.must(t, "the thread does not show that somebody talks", func() bool { return tell[bool](f, "late", "") })
	r.kill()
	r = f.start("A", "")
	defer r.kill()
	time.Sleep(onItsWay)
	tell[struct{}](f, "release", struct{}{})
	time.Sleep(time.Second) // it takes effect
	done := func() bool {
		for _, c := range tell[Ledger](f, "ledger", struct{}{}).Commands {
			if c.Tag == tag {
				return c.ending() == ended
			}
		}
		return false
	}
	if !f.until(30*time.Second, done) {
		l := tell[Ledger](f, "ledger", struct{}{})
		t.Error("an edit of a process that was killed stays over the end of the call")
		f.explain(l, []string{tag})
	}
}
