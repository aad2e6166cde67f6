//go:build unix

package chaos

import (
	"testing"
	"time"
)

// TestChaosNegativeControl: a program that repeats a POST of which it knows nothing, in
// the same world, is found out. If it were not, the zeros of the storms would mean nothing.
func TestChaosNegativeControl(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes and waits for them")
	}
	t.Parallel()
	f := newFleet(t, "", seedOf(t), 100)
	tell[struct{}](f, "faults", 1)
	tell[struct{}](f, "crowd", CrowdConfig{PerSecond: perSecond})
	r := f.start("A", "", "CRASHPOINTS_REPEAT_POST=1")
	defer func() { r.kill() }()
	const enough = 3
	found := f.until(45*time.Second, func() bool {
		if time.Since(r.began) > 4*time.Second { // also across a crash
			r.kill()
			r = f.start("A", "", "CRASHPOINTS_REPEAT_POST=1")
		}
		return len(tally(tell[Ledger](f, "ledger", struct{}{})).Twice) >= enough
	})
	fig := tally(tell[Ledger](f, "ledger", struct{}{}))
	t.Logf("a POST repeated blindly: of %d calls approved, %d were dialled more often than approved: %q",
		fig.Approved, len(fig.Twice), fig.Twice[:min(3, len(fig.Twice))])
	if !found {
		t.Error("the harness does not notice that numbers are dialled twice")
	}
}

// TestChaosCounts: each way in which a ledger can be wrong is counted.
func TestChaosCounts(t *testing.T) {
	good := func() Ledger {
		return Ledger{Commands: []Command{{
			Tag: "K1T1", By: "ana", Acked: true, Approvals: 1, Calls: []string{"a"}, Dials: []string{"completed"},
			Cards: []Shown{{Text: "✓ Achieved after 1 min · call to Shop K1T1"}},
			Thread: []Shown{
				{Text: "✓ Achieved after 1 min\n✓ Approved  →  ✓ Placed  →  ✓ Rang  →  ✓ Talked  →  ✓ Done"},
				{Text: "@ana ✓ Achieved after 1 min: call to Shop K1T1."},
			},
		}}}
	}
	if wrong := tally(good()).wrong(); wrong != "" {
		t.Errorf("a ledger without a fault: %s", wrong)
	}
	copied := good()
	thread := &copied.Commands[0].Thread
	*thread = append([]Shown{{Text: "Waiting to call\n✓ Approved  →  ● Waiting  →  ○ Ringing\nNobody was called. I'll try once more."}}, *thread...)
	if wrong := tally(copied).wrong(); wrong != "" {
		t.Errorf("a copy that nobody knew of: %s", wrong)
	}
	for name, tc := range map[string]struct {
		spoil func(*Command)
		group func(Figures) []string
	}{
		"dialled twice":                    {func(c *Command) { c.Dials = append(c.Dials, "completed") }, func(f Figures) []string { return f.Twice }},
		"dialled, and nobody approved":     {func(c *Command) { c.Approvals = 0 }, func(f Figures) []string { return f.Unapproved }},
		"no result":                        {func(c *Command) { c.Thread = c.Thread[:1] }, func(f Figures) []string { return f.Unanswered }},
		"a thread that goes on":            {func(c *Command) { c.Thread[0].Text = "✓ Approved  →  ● Placed  →  ○ Ringing" }, func(f Figures) []string { return f.Unanswered }},
		"a card that was left behind":      {func(c *Command) { c.Cards[0].Text = "Approved. @ana asked to call K1T1" }, func(f Figures) []string { return f.Unanswered }},
		"nothing but a card":               {func(c *Command) { c.Thread = nil }, func(f Figures) []string { return f.Unanswered }},
		"acked into nothing":               {func(c *Command) { c.Cards = nil }, func(f Figures) []string { return f.Cardless }},
		"two calls of one command":         {func(c *Command) { c.Calls = []string{"a", "b"} }, func(f Figures) []string { return f.Doubled }},
		"ended, and AgentPhone knows none": {func(c *Command) { c.Dials = nil }, func(f Figures) []string { return f.Lied }},
		"nobody was called, but somebody":  {func(c *Command) { c.Cards[0].Text += " · nobody was called" }, func(f Figures) []string { return f.Lied }},
		"so says what follows the call": {func(c *Command) {
			for i := range c.Thread {
				c.Thread[i].Text += "\nNobody was called."
			}
		}, func(f Figures) []string { return f.Lied }},
	} {
		t.Run(name, func(t *testing.T) {
			l := good()
			tc.spoil(&l.Commands[0])
			if f := tally(l); len(tc.group(f)) == 0 {
				t.Errorf("not counted: %+v", f)
			}
		})
	}
}
