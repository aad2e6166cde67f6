package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

// TestHowAStepFails: whatever ends a call without a conversation ends the step, and what
// may still become one does not.
func TestHowAStepFails(t *testing.T) {
	start := func() *story { return newStory(t).with(func(c *call.Call) { c.Requester, c.Decider = "", bo }) }
	lost := func() *story { return start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNone) }
	for name, tc := range map[string]struct {
		story *story
		want  string // "": it goes on
	}{
		"requested":   {start(), ""},
		"approved":    {start().approved(), ""},
		"placing":     {start().placing(), ""},
		"talking":     {start().talking(), ""},
		"undecided":   {lost(), ""},
		"sent back":   {start().approved().on(call.Event{Kind: call.SendBack, Reason: call.ReasonRule, Expires: askedAt.Add(time.Hour)}), ""},
		"completed":   {start().talking().reported(call.Completed, booked), ""},
		"no longer":   {start().talking().on(call.Event{Kind: call.StopWatching}), "? Unknown: nobody knows whether the call has ended · call to (415) 555-0132."},
		"declined":    {start().on(call.Event{Kind: call.Decline, Actor: bo}), "✗ Canceled by Bo before it was approved · call to (415) 555-0132 · nobody was called."},
		"canceled":    {start().approved().on(call.Event{Kind: call.Cancel, Actor: ana}), "✗ Canceled by Ana before it was placed · call to (415) 555-0132 · nobody was called."},
		"expired":     {start().on(call.Event{Kind: call.Expire, At: askedAt.Add(30 * time.Minute)}), "✗ Expired: nobody decided in time · call to (415) 555-0132 · nobody was called."},
		"refused":     {start().refused(call.ReasonNoCredits, ""), "✗ Not placed: AgentPhone has no credits left · call to (415) 555-0132 · nobody was called."},
		"no number":   {start().refused(call.ReasonInvalid, "to_phone_number <is> not callable"), "✗ Not placed: AgentPhone did not accept it · call to (415) 555-0132 · nobody was called. AgentPhone said: “to_phone_number ‹is› not callable”"},
		"left":        {lost().on(call.Event{Kind: call.Abandon, Actor: bo}), "? Unknown: nobody knows whether it was placed · call to (415) 555-0132."},
		"failed":      {start().accepted().reported(call.Failed, call.Result{Summary: "The line\ndropped. <!channel>"}), "✗ Failed · call to (415) 555-0132. The line dropped. ‹!channel›"},
		"business":    {start().with(func(c *call.Call) { c.Business = "<@U0ANA> & Co" }).accepted().reported(call.Failed, call.Result{}), "✗ Failed · call to “‹@U0ANA› & Co”, (415) 555-0132."},
		"by provider": {start().accepted().reported(call.Canceled, call.Result{}), "✗ Canceled by AgentPhone · call to (415) 555-0132."},
	} {
		got := stepFailure(tc.story.call).plain(func(id string) string { return map[string]string{"U0ANA": "Ana", "U0BO": "Bo"}[id] })
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestWhatAWorkflowGets(t *testing.T) {
	const link = "https://example.slack.com/archives/C0OPS/p1"
	of := func(r call.Result) map[string]string {
		return stepOutputs(newStory(t).talking().reported(call.Completed, r).call, link)
	}
	if diff := cmp.Diff(map[string]string{
		"outcome": "Achieved", "summary": booked.Summary, "transcript": booked.Transcript, "duration": "42", "link": link,
	}, of(booked)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"outcome": "Ended, outcome not told", "link": link}, of(call.Result{})); diff != "" {
		t.Error(diff)
	}
	for outcome, want := range map[string]string{
		call.Achieved: "Reported as achieved, not confirmed", call.Partial: "Partly achieved", call.NotAchieved: "Not achieved",
		"<!here>": "Ended, outcome “‹!here›”",
	} {
		if got := of(call.Result{Outcome: outcome})["outcome"]; got != want {
			t.Errorf("%s: %q, want %q", outcome, got, want)
		}
	}
	long := of(call.Result{
		Summary:    strings.Repeat("🐝", 5000) + "\u202e",
		Transcript: "Host: <!channel> call <https://evil.example|our bank>\x00\r\n\n\n\nAgent: " + strings.Repeat("é", 5000),
	})
	for name, text := range long {
		if units(text) > maxOutput {
			t.Errorf("%s has %d characters", name, units(text))
		}
		if strings.ContainsAny(text, "<>\x00\r\u202e") {
			t.Errorf("%s is not inert: %q", name, text[:100])
		}
	}
	for _, name := range []string{"summary", "transcript"} {
		if !strings.HasSuffix(long[name], outputCut) {
			t.Errorf("%s does not say that it was cut", name)
		}
	}
	if !strings.HasPrefix(long["transcript"], "Host: ‹!channel› call ‹https://evil.example|our bank›") {
		t.Errorf("%q", long["transcript"][:80])
	}
}
