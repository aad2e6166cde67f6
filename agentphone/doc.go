// Package agentphone is a client of the AgentPhone API, with which an AI agent
// places a real phone call, follows an objective, and reports an outcome, a
// summary, a transcript and a recording.
//
// A call is created with [Client.CreateCall], followed with [Client.GetCall]
// until its [Status] is terminal, and listed with [Client.ListCalls]. The audio
// is streamed with [Client.Recording].
//
// # Invariants
//
//   - A POST is sent at most once. This package does not retry it, net/http is
//     left no way to replay it, and no redirect is followed.
//   - Every failure of a POST has a [Fate]: refused, never sent, or unknown. When
//     in doubt it is unknown.
//   - A status code is never lost to a body that cannot be read: every answer
//     that is not 2xx is an [*Error].
//   - The API key appears in the x-api-key header of requests to the base URL and
//     nowhere else: not in errors, not in a printed or logged Client, not in what
//     is sent to another host. (A key of less than 5 characters is no secret and
//     is not looked for in what servers say.)
//   - Every body is read up to a bound.
//
// # Why
//
// Why no retries? A repeated POST rings a stranger's phone twice, and the API
// has no idempotency key. A GET is safe to repeat, but each one counts against
// ten requests a minute that all holders of a key share, so only the caller can
// know when a repetition is worth its slot.
//
// Why a new connection for each POST? A request that is written to an idle
// connection just as the server closes it fails with an unknown fate although
// nothing was wrong. A handshake more, a few times a minute, avoids that.
//
// Why are [Status] and [Outcome] open strings? The API may grow. A value that
// this package does not know is handed on as it is; see [Status.Known].
package agentphone
