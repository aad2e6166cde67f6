// Package agentphonetest simulates the AgentPhone API, the way net/http/httptest
// simulates a server. [New] returns an [http.Handler]; [NewServer] serves one on
// loopback for the length of a test.
//
// A simulated call goes through queued, dialing and in_progress to completed,
// failed or canceled. What happens is chosen by the number that is called:
//
//	number              story
//	+1 NPA 555-0100     achieved; so is every number that is not in this table
//	+1 NPA 555-0101     partial
//	+1 NPA 555-0102     not achieved
//	+1 NPA 555-0103     failed: the line is busy
//	+1 NPA 555-0104     canceled before anybody answers
//	+1 NPA 555-0105     never ends: stays in_progress
//	+1 NPA 555-0106     slow enrichment: summary, transcript and recording 45 s late
//	+1 NPA 555-0107     silent: achieved, with an empty transcript
//	+1 NPA 555-0108     no recording
//	+1 NPA 555-0109     the recording has expired (404)
//	+1 NPA 555-0110     the recording is a web page, not audio
//	+1 NPA 555-0111     a transcript of more than 4,000 characters
//	+1 NPA 555-0112     an unknown status, on_hold, instead of in_progress
//	+1 NPA 555-0113     an unknown outcome, left_voicemail
//	+1 NPA 555-0114     failed: nobody answers
//	+1 NPA 555-0115     GET /calls/{id} answers 503 three times, then works
//	+1 NPA 555-0116     GET /calls/{id} answers 404, always
//	+1 NPA 555-0170     402 no credits
//	+1 NPA 555-0171     429 always
//	+1 NPA 555-0172     429 once, then accepted
//	+1 NPA 555-0173     400 the number is refused
//	+1 NPA 555-0174     401 the key is refused
//	+1 NPA 555-0175     500 with a web page
//	+1 NPA 555-0176     503 with Retry-After
//	+1 NPA 555-0177     hangs after the call was accepted: no answer ever comes
//	+1 NPA 555-0178     hangs before the call was accepted
//	+1 NPA 555-0179     connection reset after the call was accepted
//	+1 NPA 555-0180     connection reset before the call was accepted
//	+1 NPA 555-0181     202 with malformed JSON, after the call was accepted
//	+1 NPA 555-0182     202 without a call_id, after the call was accepted
//	+1 NPA 555-0183     307 to another path, before the call was accepted
//
// NPA is any area code. All are reserved for fiction. [Stories] returns the same
// table. A call that was accepted is listed, rings, and costs a credit, whatever
// the caller got to see.
//
// # Clock
//
// A call's state is computed from the time since it was created, so that nothing
// runs in the background: [WithClock] replaces the clock and [WithSpeed] makes
// calls, and the window of the rate limit, that much faster; [Simulator.SetSpeed]
// does so from now on, and calls under way go on from where they are. created_at is the
// clock's time, unscaled; duration_seconds is the caller's experience: 30 to 180
// seconds at any speed. Retry-After is in the clock's seconds.
//
// # The other end of the line
//
// [Simulator.Calls] shows what nobody sees through the API: each [Line] of a call once
// it is said, with its moment. With [WithManual], or from [Simulator.SetManual] on, a
// call waits for somebody to play the business: [Simulator.Answer] picks up,
// [Simulator.Say] speaks and is answered, [Simulator.Menu] lets a recorded menu talk,
// [Simulator.HangUp], [Simulator.Busy], [Simulator.Cancel] and [Simulator.Complete]
// end the call.
//
// [Simulator.RequestsSince] is what a client asked, and [PollLoop] what a plain one
// would have asked in the [Simulator.Lives] of the same calls.
//
// # Invariants
//
//   - It refuses what the API's documentation says is refused, and says why.
//   - It shares no code with a client, so that it cannot agree with a client's
//     mistakes.
//   - What it says happened, did: [Simulator.Calls] holds every call that was
//     accepted, answered or not, and [Simulator.Dials] counts them by number.
//   - What was said in a call stays said, in its order, and its transcript begins with
//     it, unless [Simulator.Complete] is given another.
//
// # Why
//
// Why is the story in the number rather than in an option? The same number then
// tells the same story in a test, in a script and to a person who tries the
// product, and several stories can run at once.
package agentphonetest
