package bot

import (
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// TestAClickThatCameTooLate is told who was first, and what is possible now.
func TestAClickThatCameTooLate(t *testing.T) {
	start := func() *story { return newStory(t) }
	const again = "To have it called after all, type /call again."
	for name, tc := range map[string]struct {
		story *story
		actor call.UserID
		kind  call.Kind
		later time.Duration
		want  string
	}{
		"approved by another": {start().approved(), ana, call.Approve, 0, "<@U0BO> approved this call a moment ago, so it will be placed, once. To stop it, press Cancel in its thread."},
		"approved by oneself": {start().approved(), bo, call.Approve, 0, "You approved this call a moment ago, so it will be placed, once. To stop it, press Cancel in its thread."},
		"approved long ago":   {start().approved(), ana, call.Decline, time.Hour, "<@U0BO> approved this call at <!date^1795565540^{time}|12:12 AM UTC>, so it will be placed, once. To stop it, press Cancel in its thread."},
		"being placed":        {start().placing(), ana, call.Approve, 0, "<@U0BO> approved this call a moment ago. It is being placed right now and can no longer be stopped. Its thread follows it."},
		"under way":           {start().talking(), ana, call.Cancel, 0, "<@U0BO> approved this call a moment ago. It is under way and can no longer be stopped. Its thread follows it."},
		"no more news":        {start().talking().on(call.Event{Kind: call.StopWatching}), ana, call.Approve, 0, "<@U0BO> approved this call a moment ago. Nobody knows whether it has ended. Press Check again in its thread."},
		"unconfirmed":         {start().placing().lost(call.ReasonUnknownFate), ana, call.Decline, 0, "<@U0BO> approved this call a moment ago, but it is not clear yet whether it was placed. I'm finding out, and its thread says how it stands."},
		"undecided":           {start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNone), ana, call.Decline, 0, "<@U0BO> approved this call a moment ago, but nobody knows whether it was placed. Its thread has buttons to decide what to do."},
		"declined":            {start().on(call.Event{Kind: call.Decline, Actor: bo}), ana, call.Approve, 0, "<@U0BO> pressed Cancel on this card a moment ago. Nobody was called. " + again},
		"canceled":            {start().approved().on(call.Event{Kind: call.Cancel, Actor: bo}), ana, call.Cancel, 0, "<@U0BO> canceled this call a moment ago, before it was placed. Nobody was called. " + again},
		"canceled, one lost":  {lostAndApproved(t).on(call.Event{Kind: call.Cancel, Actor: bo}), ana, call.Cancel, 0, "<@U0BO> canceled this call a moment ago, before it was placed. An earlier attempt may have reached the number: nobody knows. " + again},
		"expired":             {start().on(call.Event{Kind: call.Expire, At: askedAt.Add(30 * time.Minute)}), ana, call.Approve, 0, "This card has expired. Nobody was called. Press Ask again on it to get a fresh one."},
		"refused":             {start().refused(call.ReasonNoCredits, ""), ana, call.Cancel, 0, "This call was not placed: AgentPhone has no credits left. Nobody was called. Its thread has a button to try again."},
		"refused for good":    {start().refused(call.ReasonInvalid, ""), ana, call.Cancel, 0, "This call was not placed: AgentPhone did not accept it. Nobody was called. Its thread says more."},
		"ended":               {start().talking().reported(call.Completed, booked), ana, call.Approve, 0, ""},
		"a changed card":      {start(), ana, call.Approve, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := tc.story.call
			_, err := call.Apply(c, call.Event{Kind: tc.kind, At: tc.story.at, Actor: tc.actor, Revision: c.Revision + 1})
			if call.CodeOf(err) != call.Conflict {
				t.Fatalf("no conflict: %v", err)
			}
			if got := conflictAnswer(c, tc.actor, err, tc.story.at.Add(tc.later)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			denied := call.Errorf(call.NotAllowed, "Only ana.")
			if got := conflictAnswer(c, "U0EVE", denied, tc.story.at.Add(tc.later)); tc.want != "" && !strings.HasPrefix(got, "Only ana. ") || strings.Contains(got, "press Cancel in") {
				t.Errorf("somebody else is told: %s", got)
			}
		})
	}
}
