// Package operator makes approved calls happen: it places them with the provider,
// finds out what became of those whose fate is unknown, and watches them until
// their end is known, all inside the budget of requests that the key has.
//
// # Loops
//
// [Operator.Run] is three loops. The first claims calls whose next step is due and
// does that step: a requested call expires, a scheduled one begins, an approved one is placed, one that was
// being placed by a process that went away becomes unconfirmed, and an unconfirmed
// one is looked for. The second is the watch: one tick for all active calls at once,
// leased by whichever replica comes first until it is done. What the list tells is
// compared in memory and committed together, and a call that it shows unchanged costs
// no write: see BenchmarkTick for what 10,000 of them cost.
//
// The third asks the provider nothing: once a minute one replica erases the content of
// calls that were kept long enough, and of those that are to be forgotten.
//
// Any number of replicas may run. A claim and the tick are leases of 10 s, longer than
// any request to the provider, so that a replica that dies costs the others one lease.
//
// # Placing
//
// The intent is committed before the POST and the answer after it; the POST itself
// is sent once. What follows from its fate:
//
//	accepted            queued, watched
//	4xx                 refused; a first 429 goes back to wait for its turn
//	never sent          back to approved, later again
//	anything else       unconfirmed: looked for in the list, never repeated
//
// # Invariants
//
//   - No request is made that the budget did not grant.
//   - A call is POSTed only by the holder of its lease, after approved → placing was
//     committed, and before the deadline that was committed with it.
//   - News never end a watch except by a terminal status: a call that cannot be read
//     stays watched.
//
// # Why one tick and not one loop a call
//
// With one poll loop for each call the requests grow with the calls: ten calls use up
// the key's minute in ten seconds and nothing can be placed. One list read shows
// them all.
package operator
