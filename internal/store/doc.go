// Package store keeps calls in a SQL database: it is the [call.Repository] of the
// domain, the queue of the operator and of the publisher, and the budget of the
// provider's key.
//
// # The tables
//
//	calls ──────┬─< events        the audit log: every committed event, never content
//	 the row is │
//	 the job    ├─< attempts      each POST: its intent, committed before it, and its answer
//	            ├─< intake        keys of what was taken in, so that a redelivery changes nothing
//	            ├── kept          of a call that is not erased: when that is to be looked at
//	            └── publications  due to be shown; where it was asked for; a lease of its own
//	                     └─< messages   what was last sent, by slot
//	due                           calls that the watch has news of, many in a row, until
//	                              their publications are made due
//
//	budget ── requests            who may ask the provider now: one row to lock, one per request
//	gate                          one row: whether placing is paused; who decides by what was
//	                              decided before locks it, and so counts alone
//	orders                        who paused, resumed, banned and allowed: only added to
//	hash_key                      of the hashes that orders keep of numbers
//	ticks                         what one replica does at a time, such as the watch
//
// A call's row holds one column for each field of [call.Call], a lease, and two copies
// for the indexes: an active call has none, so that what the watch changes, thousands of
// rows at a time, stands in no index. Times are
// milliseconds since 1970, NULL for the zero time; what methods return is what is
// stored, to the millisecond.
//
// # Invariants
//
//   - One event, one transaction: the row, its audit entry, the attempt of a
//     [call.Place] and that it is due to be shown are committed together or not at all. The
//     row is written only if it still has the version that the event was decided on.
//   - What is claimed carries a lease. A crash needs no recovery: the lease runs out
//     and the row is still due. The operator's step commits only while its lease runs.
//     Where a lock keeps everybody else out, opening ends those of the run before, but
//     for publications: what that run had sent may still be on its way.
//   - [call.Place] keeps the lease, so that nobody looks at the call while its request
//     is under way. At most one call per number is placing or unconfirmed: a unique
//     index says so, which holds on every engine, also between transactions that do
//     not see each other.
//   - An answer to an attempt is committed outside of the call's version, and an
//     accepted one is never overwritten.
//   - The event that erases a call erases in its transaction also what attempts and
//     publications hold of it. SQLite overwrites what was erased, in its file and in the
//     log beside it; in Postgres, vacuum does.
//   - The publisher writes publications and messages, never calls. Events write to
//     publications only that it is due again, never to its lease.
//   - A commit that failed has [call.ErrUnclear] in its error's chain; without that,
//     an error means that nothing was changed.
//   - No transaction waits for rows that another one holds while it holds rows that the
//     other one waits for, except two that change many calls or publications: Postgres
//     ends one of them, and it is begun anew.
//
// Leases belong to a Store, not to a goroutine: what one claims, another of the same
// Store may finish. Two steps of one claimed call exclude each other by the version.
//
// # Why the rows are the queue
//
// A queue beside the calls can disagree with them: a job without its call, a call
// without its job, after every crash in between. A row that says when its next step is
// due cannot. And what a queue does to be fast, this does not need: the provider takes
// ten requests a minute.
//
// # Two engines, one text of SQL
//
// $1 placeholders, RETURNING, ON CONFLICT, partial indexes and even ->> mean the same to
// SQLite and to Postgres. So what differs is small enough to be one struct of texts: how
// rows are locked, how a JSON array becomes rows, and what errors mean. Statements are
// written for many writers: a row is locked by an UPDATE before it is decided on, and
// conditions stand in the statement that writes. SQLite has one writer, which is no
// other case, only one in which nobody comes in between. A parameter that only a CASE
// sees needs a CAST, or Postgres takes it for text.
//
// SQLite is one process on one file, and the local clock. On Postgres any number of
// equal replicas share the database and its clock, since on clocks of their own they
// would not agree on whose lease has ended. LISTEN and NOTIFY wake their loops early and
// decide nothing: what nobody heard of is found when it is due. No replica holds up the
// others for long, however it stops: its leases run out, and limits that are set for each
// session end a transaction that was left open.
//
// # Reading beside it
//
// A [Reader] has a connection of its own that cannot write, so that it works while
// others have the database open, also where a lock keeps every other Store out.
package store
