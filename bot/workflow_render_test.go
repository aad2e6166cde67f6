package bot

import (
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// workflowScenes are calls that a workflow asked for, with and without somebody named to
// decide.
func workflowScenes(t testing.TB) []scene {
	named := func() *story {
		return newStory(t).with(func(c *call.Call) { c.Requester, c.Decider = "", bo })
	}
	open := func() *story { return newStory(t).with(func(c *call.Call) { c.Requester = "" }) }
	anyone := home{awaited: true, policy: call.Policy{Approval: call.ByAnyone}}
	other := home{awaited: true, policy: call.Policy{Approval: call.ByOther}}
	approvers := home{awaited: true, policy: call.Policy{Approval: call.ByOther, Approvers: call.People{Users: []call.UserID{ana, bo}, Groups: []call.GroupID{"S0FINANCE"}}}}
	card, result := []string{"card"}, []string{"result"}
	byWorkflow := func(v *call.View) {
		v.Recent = &call.Recent{
			Call:         open().talking().reported(call.Completed, booked).call,
			Conversation: "C0OPS", Channel: "C0OPS", TS: "1700000000.000100",
		}
	}
	private := func(c *call.Call) { c.Private = true }
	return []scene{
		{"workflow_requested", card, named(), credits(4), home{awaited: true}},
		{"workflow_asked_again", card, named().on(call.Event{Kind: call.Expire, At: askedAt.Add(30 * time.Minute)}).
			on(call.Event{Kind: call.AskAgain, Actor: bo, Expires: askedAt.Add(2 * time.Hour)}), nil, home{}},
		{"workflow_requested_approvers", card, open(), nil, approvers},
		{"workflow_requested_anyone", card, open(), nil, anyone},
		{"workflow_requested_other", card, open(), nil, other},
		{"workflow_requested_nobody", card, open(), nil, home{awaited: true}},
		{"workflow_requested_in_dm", card, named(), nil, home{awaited: true, dm: true, policy: call.Policy{Approval: call.ByOther}}},
		{"workflow_called_before", card, named(), byWorkflow, home{awaited: true, workspace: workspace}},
		{"workflow_sent_back", []string{"card", "result"}, named().approved().on(call.Event{
			Kind: call.SendBack, Reason: call.ReasonRule, Expires: askedAt.Add(time.Hour),
			Detail: "It is 9:05 PM there, and calls may be made from 8:00 AM to 9:00 PM.",
		}), nil, home{}},
		{"workflow_expired", card, named().on(call.Event{Kind: call.Expire, At: askedAt.Add(30 * time.Minute)}), nil, home{}},
		{"workflow_declined", card, named().on(call.Event{Kind: call.Decline, Actor: bo}), nil, home{}},
		{"workflow_canceled_by_another", result, open().approved().on(call.Event{Kind: call.Cancel, Actor: ana}), nil, approvers},
		{"workflow_talking", []string{"card", "status"}, named().talking(), nil, home{}},
		{"workflow_achieved", []string{"card", "result"}, open().talking().reported(call.Completed, booked), nil, anyone},
		{"workflow_refused_invalid", []string{"card", "result"}, named().refused(call.ReasonInvalid, "to_phone_number is not callable"), nil, home{}},
		{"workflow_never_again", result, open().talking().reported(call.Completed, booked), banned, anyone},
		{"workflow_private_requested", card, named().with(private), nil, home{brief: true}},
		{"workflow_private_requested_approvers", card, open().with(private), nil, home{brief: true, policy: approvers.policy}},
		{"workflow_private_achieved", card, named().with(private).talking().reported(call.Completed, booked), nil, home{brief: true}},
	}
}
