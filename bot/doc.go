// Package bot is the Slack app: it turns commands and clicks into decisions on
// calls, and calls into messages.
//
// # In
//
// [App.Handle] takes an envelope of Socket Mode, authorises and commits what it
// asks for, and only then says how to ack it. What was typed wrongly is answered to
// that person alone, or in the form that /call alone opens; the form makes and changes
// cards, by the same rules, and dials as little as a command. A command, a mention and a
// direct message are read in one way; nothing that an app wrote is heard. A list of calls
// carries in its buttons all that is known of it. Nothing is kept in memory between
// envelopes, but who people are: a [Directory] asks Slack for the facts that a
// [call.Policy] needs, and remembers them for minutes. The policy itself is applied in
// the transaction that decides.
//
// # Out
//
// [Publisher.Run] claims calls that Slack does not show as they are, renders each
// slot (card, status, result, transcript, recording; the last three once more where
// the provider made two calls of one) as a pure function of the call and sends what
// differs from what it sent last. A result that tells of another end than the one
// before it is a message of its own, since edits notify nobody. An update whose fate
// is not known is sent again, so that an old one cannot stay over a newer one: also after
// a process that died with one under way, and once more where Slack gave no answer and
// may have come to it late. A post whose fate is not known may show a message twice, and
// the buttons of both copies act on the same call; where it is known after all, the copy
// that nobody goes on with says so (stray.go).
//
// A call is shown where it was asked for. A private one is shown there in brief, and in
// full in direct messages with who asked and who approves; a named approver who does not
// see the conversation gets a copy of the card (stand.go).
//
// A workflow that asked for a call is told its end in the same way, once (step.go): it
// waits for content that is still looked for, since it cannot be told again. What can't be
// asked for fails its step before the event is acked (workflow.go), because there is no
// call yet that would remember it.
//
// [HomeTabs.Run] does the same with the Home tabs of those who opened theirs within a
// day: what is published of a call makes the homes due of those whom it concerns.
//
// An erased call is shown by a loop of its own, slowly, since nobody waits for that:
// what is known to stand in Slack is edited to a line or deleted, and nothing is posted.
//
// # Manifest
//
// commands, actions, events, functions and scopes stand in one table (manifest.go), from which
// manifest.yml is printed; what is not in the table is not handled.
//
// # Why nothing is posted from the handler
//
// A message that is sent before the commit can show what never happened, and one
// that is sent after it can be lost by a crash. The row remembers that Slack is
// behind, and the publisher catches up whoever crashed in between.
package bot
