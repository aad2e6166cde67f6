// Package chaos kills callbot again and again while people use it, and counts from
// outside whether it kept its promises. It holds tests alone; run them with
//
//	go test -v -run Chaos ./internal/chaos
//
// # Method
//
// Four kinds of process take part. The test starts, kills and stops. The program is the
// real one, built with the tag crashpoints and run as callbot run: one process on SQLite,
// two on Postgres. The world is a process of its own that nobody kills: the emulated
// Slack, the simulated AgentPhone, and the people, who know nothing but what Slack shows.
// Each person types /call, waits for the card, and then approves, declines, ignores it,
// presses two buttons at once, or has somebody else press; retypes and presses again what
// Slack says has failed; and where the thread asks, decides or does not.
//
// Meanwhile requests to both services are answered late, twice, with 429 and 500, before
// and after their effect, or with a reset connection; Slack delivers commands and clicks
// twice; and for some seconds the budget binds.
//
// # What is killed where
//
//   - At a random time: kill -9 from outside.
//   - At named points: the tagged build (cmd/callbot/seams_*.go) kills itself right before
//     and right after each commit, each request to AgentPhone and to Slack, and each ack.
//     After a request is when its answer has arrived and nobody has looked at it. A point
//     is named for what it does and for who asks: "operator.place Advance commit before",
//     "POST /calls operator.place>post after". Points are not listed anywhere. Processes
//     share a file of those at which one died; each dies at the first that it comes to
//     and that is not in there, none is spared. So one dies at every point that is
//     reached, however seldom, and a test fails if any is left. Besides, each third
//     process is to die at some of the known ones, the n-th time that it comes there.
//   - Stopped, not killed: SIGSTOP in the middle of two POSTs until nobody can think that
//     the process still holds them (on Postgres until the other replica has taken over),
//     then SIGCONT. Of one POST the answer comes late; of the other AgentPhone hears late.
//   - In [TestChaosFailover] one of two replicas is killed while it holds the watch's tick
//     and a POST, and another between the claim of a call and its POST.
//
// # How the figures are read
//
// After the storm nobody is killed at random any more, the faults end, and the programs
// run until nothing is open any more; even then one dies at a point that is new. Then
// what the simulator has accepted is held against what people pressed, and what stands
// in the threads against both. These must be zero:
//
//   - dialled twice: more calls at AgentPhone than decisions to place one. Each value of a
//     button that places is one decision, however often and by whomever it is pressed.
//   - unanswered: somebody approved, and neither a result nor a refusal, nor a message
//     that says that nobody knows and asks a person, stands in the thread; or the message
//     that follows the call, or the card, was left as if it went on.
//   - without a card: Slack got an ack for the command, and there is no card and no
//     answer that nothing was saved.
//   - two calls of one command, and threads that say what is not so.
//
// "Fate shown as not clear" counts threads that said for a while that nobody knew whether
// the call was placed; those found again were adopted from AgentPhone's list. Here calls
// come a thousand times as fast as the real limit allows, so that more of them than in
// life are too far down that list after a crash, and are left to a person.
//
// # Why
//
// Why count outside? A program that loses a call also loses the row that would tell. Why
// a negative control? Zeros prove nothing unless the same harness finds a program that
// repeats a POST blindly, as [TestChaosNegativeControl] has it do.
//
// CHAOS_SEED repeats the plans, faults and lives of a run (not its timing), CHAOS_KEEP
// names a directory for logs and, after a failure, the ledger.
package chaos
