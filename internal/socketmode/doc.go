// Package socketmode receives what Slack sends to an app over Socket Mode and
// answers it in time.
//
// A [Client] keeps several links (WebSocket connections) open at once, hands
// every envelope that arrives on any of them to one [Handler], and sends the
// handler's [Ack] back on the link the envelope came from. It knows Slack's
// framing and nothing of what the payloads mean.
//
// # Invariants
//
//   - An envelope is acked after its handler returned and said so, never
//     before. What nobody handles is not acked either, so that Slack delivers
//     an event again and tells a person that their click did not arrive. The
//     exceptions have nothing in them to be saved: envelopes of a type that
//     this app does not know, messages that are not JSON but carry a readable
//     envelope_id, and a [Config.Busy] that declines with a sentence.
//   - A link is read all the time, whatever the handlers do, so that Slack's
//     pings are answered. A full pool never stops a link: what does not fit in
//     the queue is declined (see [Config.Busy]).
//   - At `disconnect` with reason `warning` or `refresh_requested` the
//     replacement says hello before the old link is closed, and the old link is
//     read and acked until Slack closes it or a grace time has passed.
//   - A link on which nothing arrives (message, ping, or the answer to our own
//     pings) for [Config.SilenceTimeout] is dead and is replaced.
//   - apps.connections.open is called with a growing, jittered delay after
//     failures, and never faster than one token bucket allows for all links
//     together. Slack's Retry-After holds all of them back.
//   - What cannot get better by waiting (a revoked token, Socket Mode switched
//     off) ends [Client.Run] with a [*RefusedError].
//   - The address of a link holds a ticket, and payloads hold people's words:
//     neither is ever logged, nor are tokens.
//
// # Stopping
//
// When the context of Run ends, nothing new is taken in, envelopes already
// taken in are handled and acked within [Config.ShutdownGrace], and then every
// link is closed with a close frame. Slack's answer to that frame, which Run
// waits for briefly, shows that the acks written before it were read.
//
// # Duplicates
//
// Slack delivers at least once: an envelope whose ack was lost comes again,
// under another envelope_id and perhaps on another link. Handlers recognise
// what they have seen by the trigger_id or event_id in the payload.
//
// # Why
//
// Why not slack-go's own socketmode package? It closes a link before it opens
// the next one, reconnects without any delay when links are ended after hello,
// stops answering pings while its queue of events is full, queues acks without
// saying whether they were written, loses them when it is stopped, leaves
// envelopes that it cannot map un-acked, and retries an expired token for ever.
// Each of those loses clicks, and Slack does not send a click twice. Here
// slack-go makes the one Web API call that opens a link; the WebSocket itself
// is gorilla/websocket, which slack-go brings along.
//
// Why two links in one process? Slack gives each envelope to any one of an
// app's links. While one is being replaced the other receives.
//
// Why decline instead of not reading on? TCP's back-pressure would reach Slack,
// but it stops pongs as well, and a link that does not answer pings is closed
// with everything that is on its way. An envelope that would wait longer than
// Slack does is worth nothing anyway.
package socketmode
