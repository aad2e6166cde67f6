package agentphonetest

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Stories returns the table in the package comment, in its order, with each
// number as it is dialled in area code 415.
func Stories() []Story {
	out := make([]Story, len(stories))
	for i, s := range stories {
		out[i] = Story{Number: fmt.Sprintf("+141555501%02d", s.suffix), Name: s.name, Description: s.description}
	}
	return out
}

// Story is what happens when a magic number is called.
type Story struct {
	Number      string // E.164
	Name        string // short and stable, such as "slow enrichment"
	Description string // a sentence
}

// story is a row of the table. The last two digits of 555-01XX choose it.
type story struct {
	suffix            int
	name, description string

	post postStory     // what POST answers
	end  string        // terminal status; completed if empty
	out  string        // outcome; achieved if empty
	plot func(c *call) // changes to the life of an ordinary call
	// rewrite changes what an ordinary call to that objective says.
	rewrite func(script []line, objective string) []line
	rec     recordingStory  // what the recording URL gives
	poll    func(n int) int // status of the nth GET of this call, from 1; 0 is normal
}

type postStory int

const (
	postAccepted postStory = iota
	postNoCredits
	postRateLimited
	postRateLimitedOnce
	postNumberRefused
	postKeyRefused
	postError
	postUnavailable
	postHangAccepted
	postHang
	postResetAccepted
	postReset
	postMalformed
	postNoID
	postRedirect
)

// accepts reports whether a call comes into being.
func (p postStory) accepts() bool {
	switch p {
	case postAccepted, postHangAccepted, postResetAccepted, postMalformed, postNoID:
		return true
	case postNoCredits, postRateLimited, postRateLimitedOnce, postNumberRefused, postKeyRefused,
		postError, postUnavailable, postHang, postReset, postRedirect:
	}
	return false
}

type recordingStory int

const (
	recordingPlays recordingStory = iota
	recordingMissing
	recordingExpired
	recordingNotAudio
)

const slowEnrichment = 45 * time.Second

var stories = []story{
	{suffix: 0, name: "achieved", description: "The call reaches its objective, as every number outside this table does."},
	{suffix: 1, name: "partial", description: "The call reaches a part of its objective.", out: outcomePartial},
	{suffix: 2, name: "not achieved", description: "Somebody answers, and the objective is not reached.", out: outcomeNotAchieved},
	{suffix: 3, name: "failed", description: "The line is busy and the call fails.", end: statusFailed},
	{suffix: 4, name: "canceled", description: "The call is canceled before anybody answers.", end: statusCanceled},
	{suffix: 5, name: "never ends", description: "The call stays in progress for ever.", plot: func(c *call) { c.ended = never }},
	{suffix: 6, name: "slow enrichment", description: "Summary, transcript and recording come 45 seconds after the end.", plot: func(c *call) { c.enrichment = slowEnrichment }},
	{suffix: 7, name: "silent", description: "The call is achieved, but its transcript is empty.", rewrite: func([]line, string) []line { return nil }},
	{suffix: 8, name: "no recording", description: "The call has no recording.", rec: recordingMissing},
	{suffix: 9, name: "recording expired", description: "The recording's URL answers 404.", rec: recordingExpired},
	{suffix: 10, name: "recording not audio", description: "The recording's URL answers a web page.", rec: recordingNotAudio},
	{suffix: 11, name: "long transcript", description: "The call is passed on and on; its transcript is longer than 4,000 characters.", rewrite: prolong},
	{suffix: 12, name: "unknown status", description: "The call is on_hold instead of in_progress, a status that no documentation names.", plot: func(c *call) { c.talking = "on_hold" }},
	{suffix: 13, name: "unknown outcome", description: "The call completes with the outcome left_voicemail, which no documentation names.", out: outcomeVoicemail},
	{suffix: 14, name: "no answer", description: "The phone rings for 30 seconds, nobody answers, and the call fails.", end: statusFailed, plot: func(c *call) { c.ended = c.dialing + 30*time.Second; c.summary = summaryNoAnswer }},
	{suffix: 15, name: "polls fail", description: "Reading the call answers 503 three times, then works.", poll: func(n int) int {
		if n <= 3 {
			return 503
		}
		return 0
	}},
	{suffix: 16, name: "forgotten", description: "Reading the call answers 404; the list has it.", poll: func(int) int { return 404 }},

	{suffix: 70, name: "no credits", description: "POST answers 402.", post: postNoCredits},
	{suffix: 71, name: "rate limited", description: "POST answers 429, always.", post: postRateLimited},
	{suffix: 72, name: "rate limited once", description: "POST answers 429, and accepts the call the next time.", post: postRateLimitedOnce},
	{suffix: 73, name: "number refused", description: "POST answers 400: the number is refused.", post: postNumberRefused},
	{suffix: 74, name: "bad key", description: "POST answers 401.", post: postKeyRefused},
	{suffix: 75, name: "server error", description: "POST answers 500 with a web page; no call is placed.", post: postError},
	{suffix: 76, name: "unavailable", description: "POST answers 503 with Retry-After; no call is placed.", post: postUnavailable},
	{suffix: 77, name: "hang", description: "POST never answers, but the call is placed.", post: postHangAccepted},
	{suffix: 78, name: "hang, not accepted", description: "POST never answers, and no call is placed.", post: postHang},
	{suffix: 79, name: "reset after accept", description: "The connection is reset after the call was placed.", post: postResetAccepted},
	{suffix: 80, name: "reset before accept", description: "The connection is reset, and no call is placed.", post: postReset},
	{suffix: 81, name: "malformed answer", description: "POST answers 202 with broken JSON; the call is placed.", post: postMalformed},
	{suffix: 82, name: "answer without id", description: "POST answers 202 without a call_id; the call is placed.", post: postNoID},
	{suffix: 83, name: "redirect", description: "POST answers 307; no call is placed.", post: postRedirect},
}

var magicNumber = regexp.MustCompile(`^\+1\d{3}55501(\d\d)$`)

func storyOf(number string) story {
	if m := magicNumber.FindStringSubmatch(number); m != nil {
		suffix, _ := strconv.Atoi(m[1]) // two digits
		for _, s := range stories {
			if s.suffix == suffix {
				return s
			}
		}
	}
	return stories[0]
}
