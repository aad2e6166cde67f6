// Package slackemulator is Slack in memory: its Web API, its Socket Mode and
// the people who use it, as strict as Slack itself. An app is pointed at it with
// nothing but a different base URL for the Web API; tests and the sandbox then
// act as people (type a command, press a button, fill a modal) and read what
// people would see.
//
//	srv := slackemulator.NewServer(t, slackemulator.WithManifest(manifest))
//	ana := srv.AddUser("ana")
//	ops := srv.AddChannel("#ops", ana)
//	// … start the app with srv.APIURL(), srv.BotToken(), srv.AppToken()
//	_, err := ana.Slash(ctx, "#ops", "/call (415) 555-0132 Ask about returns")
//	card, err := ops.WaitMessage(ctx, slackemulator.HasButton("Place call"))
//	_, err = card.Button("Place call").Click(ctx, ana)
//	done, err := card.Thread().Wait(ctx, slackemulator.Contains("Summary"))
//
// # Invariants
//
//   - What Slack refuses is refused, with Slack's own error code. Where Slack's
//     behaviour is not documented, the stricter reading is built, so that an app
//     that works here is not surprised there.
//   - Every wait takes a context and is woken by what happens; nothing polls.
//   - Timestamps of messages are unique and increase; the stream of [Event] is in
//     the order in which things happened.
//   - Everything kept for inspection (calls, envelopes, events) is bounded.
//   - It listens on loopback only and keeps nothing on disk.
//
// # Why
//
// The wire types are the package's own, and it imports nothing of the product
// and no Slack client: a fake that shares code with what it fakes agrees with its
// mistakes. One mutex guards the whole workspace: requests are short and in
// memory, and a total order of what happened is worth more to a reader of a test
// than parallelism.
package slackemulator
