package bot

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// scene is a call at one moment, and the slots whose look at it is kept as a file.
type scene struct {
	name  string
	slots []string
	story *story
	view  func(*call.View)
	home  home
}

func TestGolden(t *testing.T) {
	for _, s := range scenes(t) {
		t.Run(s.name, func(t *testing.T) {
			v := call.View{Now: s.story.at.Add(25 * time.Second), Ahead: -1}
			if s.view != nil {
				s.view(&v)
			}
			h := s.home
			if h.origin == "" {
				h.origin = "C0OPS"
			}
			rendered := map[string]message{"card": renderCard(s.story.call, v, h)}
			for slot, render := range map[string]func() (message, bool){
				"status":     func() (message, bool) { return renderStatus(s.story.call, v, h) },
				"result":     func() (message, bool) { return renderResult(s.story.call, v, h) },
				"transcript": func() (message, bool) { return renderTranscript(parts(s.story.call)[0]) },
				"shared": func() (message, bool) {
					return renderShared(s.story.call, bo, h), s.story.call.Shareable()
				},
				"other_result": func() (message, bool) { return renderOtherResult(s.story.call, h) },
				"other_transcript": func() (message, bool) {
					if all := parts(s.story.call); len(all) > 1 {
						return renderTranscript(all[1])
					}
					return message{}, false
				},
			} {
				if m, ok := render(); ok {
					rendered[slot] = m
				}
			}
			if c := s.story.call; c.Erased.Done() {
				rendered = map[string]message{}
				for _, slot := range erasable {
					rendered[string(slot)] = renderErased(c, slot)
				}
			}
			for _, slot := range s.slots {
				m, ok := rendered[slot]
				if !ok {
					t.Errorf("there is no %s", slot)
					continue
				}
				golden(t, slot+"_"+s.name, m)
			}
			for slot, m := range rendered {
				check(t, m)
				if name := s.story.call.Status; slot == "result" && name.Active() && !s.story.call.Unwatched && !s.story.call.Erased.Done() {
					t.Errorf("a call that is %s has a result", name)
				}
			}
		})
	}
}

func credits(n int) func(*call.View) { return func(v *call.View) { v.Credits = &n } }

func paused(v *call.View) { v.Pause = call.Pause{By: bo, At: askedAt.Add(-time.Hour)} }

func banned(v *call.View) {
	v.Ban = call.Ban{By: bo, At: askedAt, Reason: "They asked us <!channel> not to call again"}
}

// calledBefore is a view with an earlier call to the number, asked for by bo there.
func calledBefore(t testing.TB, conversation string) func(*call.View) {
	return func(v *call.View) {
		earlier := newStory(t).with(func(c *call.Call) { c.Requester = bo }).talking().reported(call.Completed, booked).call
		v.Recent = &call.Recent{Call: earlier, Conversation: conversation, Channel: conversation, TS: "1700000000.000100"}
	}
}

// standsBefore is a view in which another call to the number stands so.
func standsBefore(earlier *story) func(*call.View) {
	return func(v *call.View) { v.Recent = &call.Recent{Call: earlier.call, Conversation: "C0OTHER"} }
}

// quietThen is a view in quiet hours.
func quietThen(t testing.TB) func(*call.View) {
	return func(v *call.View) { v.Quiet, v.Now = hoursOf(t), askedAt.Add(6*time.Hour) }
}

func ahead(n int) func(*call.View) { return func(v *call.View) { v.Ahead = n } }

func later(d time.Duration) func(*call.View) { return func(v *call.View) { v.Now = v.Now.Add(d) } }

// private is a call to a business that is for some people alone.
func private(s *story) *story {
	return s.with(func(c *call.Call) { c.Private, c.Business = true, "Dr. Grey" })
}

func scenes(t testing.TB) []scene {
	start := func() *story { return newStory(t) }
	card, status, result, transcript := []string{"card"}, []string{"status"}, []string{"result"}, []string{"transcript"}
	all := []string{"card", "status", "result"}
	return append([]scene{
		{"requested", card, start(), credits(4), home{}},
		{"requested_full", card, start().with(func(c *call.Call) {
			c.Business, c.Website, c.Extension = "Zuni Café", "https://zunicafe.example/menu", "12"
			c.Objective = "Ask for a table for 2.\nIf 7pm is taken, 7:30 is fine too."
		}), credits(2), home{}},
		{"requested_disclosing", card, start().with(func(c *call.Call) { c.Disclosure = "This is an automated call for Acme." }), nil, home{}},
		{"requested_vague", card, start().with(func(c *call.Call) { c.Objective = "call them" }), credits(4), home{}},
		{"requested_with_password", card, start().with(func(c *call.Call) { c.Objective = "Ask for the balance, the password is hunter2" }), nil, home{}},
		{"requested_one_credit", card, start(), credits(1), home{}},
		{"requested_no_credits", card, start(), credits(0), home{}},
		{"erased", []string{"card", "result"}, start().talking().reported(call.Completed, booked).erased(), nil, home{}},
		{"erased_expired", card, start().on(call.Event{Kind: call.Expire, At: askedAt.Add(time.Hour)}).erased(), nil, home{}},
		{"erased_silent", card, start().talking().reported(call.Completed, call.Result{Outcome: call.Achieved}).erased(), nil, home{}},
		{"erased_withdrawn", card, start().forgotten(), nil, home{}},
		{"erased_withdrawn_approved", card, start().approved().forgotten(), nil, home{}},
		{"erased_refused", card, start().refused(call.ReasonInvalid, "secret").erased(), nil, home{}},
		{"erased_unwatched", card, start().talking().on(call.Event{Kind: call.StopWatching}).erased(), nil, home{}},
		{"erased_accepted_late", card, start().placing().lost(call.ReasonUnknownFate).on(call.Event{Kind: call.Abandon, Actor: ana}).erased().on(call.Event{Kind: call.Accept, ProviderID: "cl_late"}), nil, home{}},
		{"requested_in_dm", card, start(), nil, home{dm: true}},
		{"requested_in_dm_from_a_group", card, start(), nil, home{dm: true, origin: "D0DIRECT"}},
		{"requested_approvers", card, start(), nil, home{policy: call.Policy{Approval: call.ByOther, Approvers: call.People{Users: []call.UserID{ana, bo}, Groups: []call.GroupID{"S0FINANCE"}}}}},
		{"requested_paused", card, start(), paused, home{}},
		{"requested_called_before", card, start(), calledBefore(t, "C0OPS"), home{workspace: workspace}},
		{"requested_called_before_elsewhere", card, start(), calledBefore(t, "C0OTHER"), home{workspace: workspace}},
		{"requested_called_before_scheduled", card, start(), standsBefore(start().on(call.Event{Kind: call.Schedule, Actor: bo, Revision: 1, Start: askedAt.Add(40 * time.Hour)})), home{}},
		{"requested_called_before_waiting", card, start(), standsBefore(start().approved()), home{}},
		{"requested_called_before_talking", card, start(), standsBefore(start().talking()), home{}},
		{"requested_called_before_unwatched", card, start(), standsBefore(start().talking().on(call.Event{Kind: call.StopWatching})), home{}},
		{"requested_called_before_unknown", card, start(), standsBefore(start().placing().lost(call.ReasonUnknownFate)), home{}},
		{"requested_abroad", card, start().with(func(c *call.Call) { c.Number = number(t, "+442079460123") }), nil, home{}},
		{"requested_toll_free", card, start().with(func(c *call.Call) { c.Number = number(t, "+18005550132") }), nil, home{}},
		{"requested_for_long", card, start().with(func(c *call.Call) { c.ExpiresAt = askedAt.Add(48 * time.Hour) }), nil, home{}},
		{"private_requested", card, private(start()), nil, home{brief: true, askedIn: ""}},
		{"private_requested_approvers", card, private(start()), nil, home{brief: true, policy: call.Policy{Approvers: call.People{Users: []call.UserID{bo}}}}},
		{"private_hostile", card, private(start()).with(func(c *call.Call) {
			c.Business = "*bold* <!channel> <https://evil.example|Approved> ✓ Achieved · approved by <@U0ANA>"
		}), nil, home{brief: true}},
		{"private_in_dm", card, private(start()), nil, home{origin: "D0ANA", askedIn: "C0OPS"}},
		{"private_talking", card, private(start()).talking(), nil, home{brief: true}},
		{"private_achieved", card, private(start()).talking().reported(call.Completed, booked), nil, home{brief: true}},
		{"private_declined", card, private(start()).on(call.Event{Kind: call.Decline, Actor: ana}), nil, home{brief: true}},
		{"copied_talking", card, start().talking(), nil, home{origin: "D0BO", askedIn: "C0OPS", copied: true}},
		{"copied_scheduled", card, start().on(call.Event{Kind: call.Schedule, Actor: bo, Revision: 1, Start: askedAt.Add(90 * time.Minute), Due: askedAt.Add(90 * time.Minute)}), nil, home{origin: "D0BO", askedIn: "C0OPS", copied: true}},
		{"copied_unwatched", card, start().talking().on(call.Event{Kind: call.StopWatching}), nil, home{origin: "D0BO", askedIn: "C0OPS", copied: true}},
		{"scheduled_paused", []string{"card", "status"}, start().on(call.Event{Kind: call.Schedule, Actor: bo, Revision: 1, Start: askedAt.Add(90 * time.Minute), Due: askedAt.Add(90 * time.Minute)}), paused, home{}},
		{"sent_back", all, start().approved().on(call.Event{
			Kind: call.SendBack, Reason: call.ReasonRule, Expires: askedAt.Add(time.Hour),
			Detail: "It is 9:05 PM there, and calls may be made from 8:00 AM to 9:00 PM.",
		}), nil, home{}},
		{"declined", card, start().on(call.Event{Kind: call.Decline, Actor: ana}), nil, home{}},
		{"expired", card, start().on(call.Event{Kind: call.Expire, At: askedAt.Add(30 * time.Minute)}), nil, home{}},
		{"asked_again", card, start().on(call.Event{Kind: call.Expire, At: askedAt.Add(30 * time.Minute)}).
			on(call.Event{Kind: call.AskAgain, Actor: ana, Expires: askedAt.Add(2 * time.Hour)}), nil, home{}},

		{"waiting", []string{"card", "status"}, start().approved(), ahead(2), home{}},
		{"waiting_paused", []string{"card", "status"}, start().approved(), paused, home{}},
		{"waiting_next", status, start().approved(), ahead(0), home{}},
		{"waiting_one_ahead", status, start().approved(), ahead(1), home{}},
		{"waiting_in_thread", []string{"card", "status"}, start().approved(), nil, home{thread: true}},
		{"waiting_number_busy", status, start().approved().on(call.Event{Kind: call.Hold, Reason: call.ReasonNumberBusy}), nil, home{}},
		{"waiting_rate_limited", status, start().placing().on(call.Event{Kind: call.HandBack, Attempt: 1, Reason: call.ReasonRateLimited}), nil, home{}},
		{"waiting_rate_limited_for_long", status, start().placing().on(call.Event{Kind: call.HandBack, Attempt: 1, Reason: call.ReasonRateLimited}).with(func(c *call.Call) { c.DueAt = c.Since.Add(5 * time.Minute) }), nil, home{}},
		{"waiting_unreachable", []string{"card", "status"}, start().placing().on(call.Event{Kind: call.HandBack, Attempt: 1, Reason: call.ReasonUnreachable}), nil, home{}},
		{"canceled_before", []string{"card", "status", "result"}, start().approved().on(call.Event{Kind: call.Cancel, Actor: bo}), nil, home{}},

		{"placing", []string{"card", "status"}, start().placing(), nil, home{}},
		{"placed", []string{"card", "status"}, start().accepted(), nil, home{}},
		{"placed_in_thread", card, start().accepted(), nil, home{thread: true}},
		{"ringing", status, start().accepted().reported(call.Dialing, call.Result{}), nil, home{}},
		{"talking", []string{"card", "status"}, start().talking(), nil, home{}},
		{"talking_long", status, start().talking(), later(4 * time.Minute), home{}},
		{"talking_overdue", status, start().talking().on(call.Event{Kind: call.Observe, Overdue: true}), later(3 * time.Minute), home{}},
		{"talking_no_news", status, start().talking(), later(20 * time.Minute), home{}},
		{"talking_unreadable", status, start().talking().on(call.Event{Kind: call.Miss, Reason: call.ReasonProviderKey}), nil, home{}},
		{"talking_gone", status, start().talking().on(call.Event{Kind: call.Miss, Reason: call.ReasonGone}), nil, home{}},
		{"talking_unwatched", all, start().talking().on(call.Event{Kind: call.StopWatching}), later(time.Hour), home{}},

		{"unconfirmed", []string{"card", "status"}, start().placing().lost(call.ReasonUnknownFate), nil, home{}},
		{"unconfirmed_interrupted", status, start().placing().lost(call.ReasonInterrupted).looks(2, call.LookNone), nil, home{}},
		{"undecided_none", all, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNone), nil, home{}},
		{"undecided_quiet", status, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNone), quietThen(t), home{}},
		{"refused_quiet", result, start().refused(call.ReasonNoCredits, ""), quietThen(t), home{}},
		{"undecided_several", status, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookSeveral), nil, home{}},
		{"undecided_unclear", status, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookUnclear), nil, home{}},
		{"undecided_cut_short", status, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookCutShort), nil, home{}},
		{"undecided_no_numbers", status, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNoDetail), nil, home{}},
		{"undecided_no_list", status, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNoList), nil, home{}},
		{"left_by_person", all, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNone).
			on(call.Event{Kind: call.Abandon, Actor: ana}), nil, home{}},
		{"left_by_time", []string{"status", "result"}, start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNone).
			on(call.Event{Kind: call.Abandon, At: askedAt.Add(25 * time.Hour)}), nil, home{}},
		{"waiting_to_place_again", []string{"card", "status"}, lostAndApproved(t), nil, home{}},
		{"canceled_with_lost_attempt", []string{"card", "status", "result"}, lostAndApproved(t).on(call.Event{Kind: call.Cancel, Actor: bo}), nil, home{}},
		{"sent_back_with_lost_attempt", []string{"card", "status", "result"}, lostAndApproved(t).on(call.Event{
			Kind: call.SendBack, Reason: call.ReasonRule, Expires: askedAt.Add(time.Hour), Detail: "This number is on the do-not-call list.",
		}), nil, home{}},
		{"placed_twice", []string{"card", "status"}, placedTwice(t), nil, home{}},
		{"placed_twice_first_ended", []string{"card", "status", "result"}, placedTwice(t).reported(call.Completed, booked).other(call.InProgress, call.Result{}), nil, home{}},
		{"placed_twice_other_ended", []string{"status", "other_result", "other_transcript"}, placedTwice(t).reported(call.Dialing, call.Result{}).other(call.Completed, alreadyBooked), nil, home{}},
		{"placed_twice_both_ended", append(all, "other_result"), placedTwice(t).reported(call.Completed, booked).other(call.Failed, call.Result{}), nil, home{}},
		{"placed_twice_unwatched", append(all, "other_result"), placedTwice(t).reported(call.Completed, booked).other(call.Dialing, call.Result{}).on(call.Event{Kind: call.StopWatching}), nil, home{}},
		{"placed_twice_both_unwatched", []string{"status", "result"}, placedTwice(t).reported(call.InProgress, call.Result{}).on(call.Event{Kind: call.StopWatching}), nil, home{}},
		{"placed_again_one_lost", result, lostAndApproved(t).looks(1, call.LookNone).on(call.Event{Kind: call.Place}).
			on(call.Event{Kind: call.Accept, ProviderID: "cl_second", Attempt: 2}).reported(call.Completed, booked), nil, home{}},
		{"placed_twice_other_long", []string{"other_transcript"}, placedTwice(t).other(call.Completed, with(alreadyBooked, func(r *call.Result) {
			r.Transcript = strings.Repeat("Agent: Is Monday fine?\nHost: No, rather Tuesday.\n", 60)
		})), nil, home{}},
		{"placed_four_times", []string{"status"}, placedTwice(t).on(call.Event{Kind: call.Accept, ProviderID: "cl_third"}).on(call.Event{Kind: call.Accept, ProviderID: "cl_fourth"}), nil, home{}},
		{"found_while_placed_again", []string{"status"}, lostAndApproved(t).looks(1, call.LookNone).on(call.Event{Kind: call.Place}).
			on(call.Event{Kind: call.Accept, ProviderID: "cl_first", Attempt: 1}), nil, home{}},
		{"found_after_declining", []string{"card", "status"}, lostAndApproved(t).on(call.Event{
			Kind: call.SendBack, Reason: call.ReasonRule, Expires: askedAt.Add(time.Hour),
		}).on(call.Event{Kind: call.Decline, Actor: ana}).on(call.Event{Kind: call.Accept, ProviderID: "cl_first"}), nil, home{}},

		{"refused_invalid", all, start().refused(call.ReasonInvalid, "to_phone_number is not callable"), nil, home{}},
		{"refused_bad_key", all, start().refused(call.ReasonBadKey, ""), nil, home{}},
		{"refused_no_credits", all, start().refused(call.ReasonNoCredits, ""), nil, home{}},
		{"refused_rate_limited", []string{"card", "result"}, start().refused(call.ReasonRateLimited, ""), nil, home{}},
		{"refused_unreachable", []string{"card", "result"}, start().refused(call.ReasonUnreachable, ""), nil, home{}},
		{"refused_not_sent", []string{"card", "result"}, start().refused(call.ReasonInterrupted, ""), nil, home{}},
		{"refused_with_lost_attempt", result, lostAndApproved(t).looks(1, call.LookNone).on(call.Event{Kind: call.Place}).
			on(call.Event{Kind: call.Refuse, Attempt: 2, Reason: call.ReasonNoCredits}), nil, home{}},

		{"achieved_never_again", result, start().talking().reported(call.Completed, booked), banned, home{}},
		{"achieved", append(all, transcript...), start().with(func(c *call.Call) { c.Business = "Zuni Café" }).talking().reported(call.Completed, booked), nil, home{}},
		{"shared", []string{"shared"}, start().with(func(c *call.Call) { c.Business = "Zuni Café" }).talking().reported(call.Completed, booked), nil, home{}},
		{"shared_private", []string{"shared"}, private(start()).talking().reported(call.Completed, booked), nil, home{}},
		{"achieved_in_dm", result, start().talking().reported(call.Completed, booked), nil, home{dm: true}},
		{"achieved_in_thread", status, start().talking().reported(call.Completed, booked), nil, home{thread: true}},
		{"partial", []string{"card", "result"}, start().talking().reported(call.Completed, with(booked, func(r *call.Result) {
			r.Outcome, r.Summary = call.Partial, "7pm was full. They offered 8:15 and hold it until 6pm."
		})), nil, home{}},
		{"not_achieved", []string{"card", "result"}, start().talking().reported(call.Completed, with(booked, func(r *call.Result) {
			r.Outcome, r.Summary, r.Duration = call.NotAchieved, "They are closed tonight.", 125*time.Second
		})), nil, home{}},
		{"unknown_outcome", []string{"card", "result"}, start().talking().reported(call.Completed, with(booked, func(r *call.Result) { r.Outcome = "voicemail_left" })), nil, home{}},
		{"no_outcome", []string{"card", "result"}, start().talking().reported(call.Completed, with(booked, func(r *call.Result) { r.Outcome = "" })), nil, home{}},
		{"silent_still_looking", result, start().talking().on(call.Event{
			Kind: call.Observe, ReportedStatus: call.Completed, Due: askedAt.Add(time.Hour),
			Result: call.Result{Outcome: call.Achieved, Duration: 42 * time.Second},
		}), nil, home{}},
		{"settling", []string{"card", "status"}, start().talking().on(call.Event{
			Kind: call.Observe, ReportedStatus: call.Completed, Due: askedAt.Add(time.Hour),
			Result: call.Result{Outcome: call.Achieved, Duration: 42 * time.Second},
		}), nil, home{settling: true}},
		{"silent", []string{"card", "status", "result"}, start().talking().reported(call.Completed, with(booked, func(r *call.Result) { r.Transcript = " \n" })), nil, home{}},
		{"enriching", result, start().talking().on(call.Event{
			Kind: call.Observe, ReportedStatus: call.Completed, Due: askedAt.Add(time.Hour),
			Result: call.Result{Outcome: call.Partial, Duration: 42 * time.Second},
		}), nil, home{}},
		{"never_enriched", result, start().talking().reported(call.Completed, call.Result{Outcome: call.Partial, Duration: 42 * time.Second}), nil, home{}},
		{"no_recording", result, start().talking().reported(call.Completed, with(booked, func(r *call.Result) { r.RecordingURL = "" })), nil, home{}},
		{"talk_unseen", status, start().accepted().reported(call.Completed, booked), nil, home{}},
		{"nothing_seen", status, start().accepted().reported(call.Completed, call.Result{Outcome: call.NotAchieved, Summary: "Nobody picked up."}), nil, home{}},
		{"ringing_unwatched", []string{"result"}, start().accepted().reported(call.Dialing, call.Result{}).on(call.Event{Kind: call.StopWatching}), later(time.Hour), home{}},
		{"failed", all, start().accepted().reported(call.Dialing, call.Result{}).reported(call.Failed, call.Result{}), nil, home{}},
		{"failed_unseen", []string{"status", "result"}, start().accepted().reported(call.Failed, call.Result{}), nil, home{}},
		{"failed_talking", []string{"status", "result"}, start().talking().reported(call.Failed, call.Result{Duration: 12 * time.Second, Summary: "The line dropped."}), nil, home{}},
		{"canceled_by_provider", all, start().accepted().reported(call.Canceled, call.Result{}), nil, home{}},
		{"long_transcript", transcript, start().talking().reported(call.Completed, with(booked, func(r *call.Result) {
			r.Transcript = strings.Repeat("Agent: Is Monday fine?\nHost: No, rather Tuesday.\n", 60)
		})), nil, home{}},
		{"long_summary", append(result, transcript...), start().talking().reported(call.Completed, with(booked, func(r *call.Result) {
			r.Summary = strings.Repeat("They read out the whole menu, dish by dish. ", 80)
		})), nil, home{}},
	}, slices.Concat(hostileScenes(t), timedScenes(t), formScenes(t), workflowScenes(t))...)
}

func with(r call.Result, change func(*call.Result)) call.Result { change(&r); return r }

// placedTwice was approved again after its first attempt was lost, and both went through.
func placedTwice(t testing.TB) *story {
	return lostAndApproved(t).looks(1, call.LookNone).on(call.Event{Kind: call.Place}).
		on(call.Event{Kind: call.Accept, ProviderID: "cl_second", Attempt: 2}).on(call.Event{Kind: call.Accept, ProviderID: "cl_first", Attempt: 1})
}

var alreadyBooked = call.Result{
	Outcome: call.NotAchieved, Duration: 9 * time.Second, RecordingURL: "https://agentphone.app/r/def.wav",
	Summary:    "The host said that this table was booked already.",
	Transcript: "Agent: Hi, I'd like to book a table.\nHost: You did, a minute ago.",
}

// lostAndApproved was approved again after its first attempt was lost.
func lostAndApproved(t testing.TB) *story {
	s := newStory(t).placing().lost(call.ReasonUnknownFate).looks(3, call.LookNone)
	return s.approved()
}
