// Package call is the domain: what an intended phone call is, which states it
// can be in, who may move it, and the sentences people are shown when it cannot
// move. It knows no Slack, no SQL and no HTTP.
//
// # One machine
//
// [Apply] is the whole life of a call: one pure function over one literal table
// of [Status] and [Kind]. It reads no clock (an [Event] carries its time) and
// does no I/O. What the table does not list is a conflict, and the person is
// shown the call as it now stands. The table as a picture:
//
//	requested ─ approve ─→ approved ⇄ placing ─→ queued → dialing → in_progress → completed | failed | canceled
//	    │  │                   ↑ │       │ └──→ refused      (the provider said no)
//	    │  │                   │ cancel  └────→ unconfirmed  (fate unknown) ─→ found: queued …
//	    │  ├─ decline → declined                  └─→ a person: approved again, or abandoned (or after 24 h)
//	    │  ├─ at ExpiresAt → expired ─ ask again → requested
//	    │  ├─ revise → requested, another revision (from refused too)
//	    │  └─ schedule → scheduled ─ begin → approved       (or cancel → canceled)
//	    └──── send back ←── approved, scheduled             (a rule no longer holds, or nobody ran then)
//
// testdata/machine.golden holds every status against every event, and other.golden
// those of a second call that the provider made of the same one.
//
// # Invariants
//
//   - Only an approval by a person leads to a POST: [Approve], and [Schedule] with a
//     time, are the only ways into [Approved] that a person does not have to repeat, and
//     [Place] is legal only there.
//   - A scheduled call begins at its time or up to [MaxLate] after it, never otherwise.
//   - Who may ask and who may decide is a [Policy]. It is applied to every request and
//     in the transaction of every decision, and whoever nothing is known of is refused.
//   - A POST whose fate is unknown is never repeated: [Place] is illegal in
//     [Placing] and [Unconfirmed].
//   - [Accept] is legal wherever a POST may be outstanding or lost, so that a late
//     answer is never thrown away.
//   - [Completed], [Failed] and [Canceled] stick; content may still arrive.
//   - A reported status never goes back.
//   - No acceptance is lost: the first is the call, a second is followed beside it as
//     [Call.Other], and still more are kept to be told ([Call.Further]).
//   - Whatever the provider sends can be stored: see [Storable].
//   - An erased call stays erased ([Erase]): no event brings content back, and nobody
//     decides anything about it any more. What the provider tells late is still counted.
//
// # Why a table and not methods
//
// A method for each step hides which steps are missing. The table can be printed,
// reviewed, and compared as a whole with the picture above.
package call
