// Package blockkit refuses the Block Kit JSON that Slack refuses.
//
// The emulator next door hands it the blocks of a message and the view of a
// modal or a Home tab, as they came over the wire, and answers the client with
// the code and the messages of the [Error] that comes back. So a layout that
// would fail in a real workspace fails in a test first, with the same words.
//
// # Invariants
//
//   - Nothing is forgiven: an unknown field, an unknown type, a null, a wrong
//     kind of value and an element on a surface that does not show it are all
//     refused, each with the JSON pointer of the place.
//   - Every number lives in one row of limits.go, beside where Slack says so.
//   - Any bytes may be given: the validator returns, it never panics. Its work
//     is proportional to the input, which the caller bounds.
//   - Characters are Unicode code points of the text as it was sent.
//
// # What is covered
//
// The blocks actions, context, context_actions, divider, file, header, image,
// input, markdown, rich_text, section, table and video, every element that
// belongs in them, and their composition objects. Slack's newer blocks
// (alert, card, carousel, container, data_table, data_visualization, layout,
// plan, task_card) are answered with "unsupported type", as Slack answers them
// in a workspace that does not have them yet.
//
// # Why
//
// Why a schema of its own, and not the types of a Slack library? Because a
// client library is lenient by design: it drops a field that it does not know
// and leaves a missing one empty, and those are the mistakes to be found. And a
// fake that shares code with what it fakes agrees with its mistakes.
//
// Why not a JSON Schema? Slack publishes none for Block Kit, its limits depend
// on the surface, and its messages are part of what clients see.
package blockkit
