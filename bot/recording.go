package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

const (
	// maxRecording bounds what is fetched and uploaded, in bytes.
	maxRecording = 100 << 20
	// recordingTries is how often a recording is tried to be brought to Slack before the
	// thread is told that it did not work: over about ten minutes.
	recordingTries = 14
)

// done is the digest of a recording: there is only one.
const done = "done"

// laterTries are how long after the thread was told that a recording could not be
// brought it is tried again; then every hour until keepTrying is over.
var laterTries = []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute}

// keepTrying is how long after that a recording is still tried. A link that no longer
// works is not likely to come back, so that it is tried for keepTryingGone.
const (
	keepTrying     = 24 * time.Hour
	keepTryingGone = time.Hour
)

// nextTry is when a recording of which the thread was told that it could not be brought
// is tried again; zero: not any more.
func nextTry(told call.Message, l loss) time.Time {
	after := time.Duration(max(told.Tries-len(laterTries), 0)+1) * time.Hour
	if told.Tries < len(laterTries) {
		after = laterTries[told.Tries]
	}
	if after > l.keepTrying() {
		return time.Time{}
	}
	return told.SentAt.Add(after)
}

// recording brings the audio of the call into its thread, or says why it cannot, and
// goes on trying for a while.
func (s *session) recording(ctx context.Context, p part) error {
	had := s.pub.Messages[p.recording]
	told := had.TS != "" && had.File == ""
	switch {
	case had.File != "":
		return s.came(ctx, p)
	case !p.Status.Ended() || p.RecordingURL == "" || !s.resultHeld(p).IsZero():
		return nil
	case told:
		next := nextTry(had, lossOf(had.Digest))
		if next.IsZero() {
			return nil
		}
		if s.cfg.Now().Before(next) {
			return &heldError{next}
		}
	}
	if err := s.gates.closed("files", ""); err != nil {
		return err // before it is fetched for nothing
	}
	select {
	case s.transfers <- struct{}{}:
		defer func() { <-s.transfers }()
	default:
		return &heldError{s.cfg.Now().Add(time.Second)}
	}
	channel, thread := s.thread()
	audio, err := s.fetch(ctx, p)
	if audio != nil {
		defer func() { _ = audio.Close(); _ = os.Remove(audio.Name()) }()
		digest := done
		if told {
			digest = "" // the sentence that it could not be brought is to be edited
		}
		err = s.upload(ctx, p.recording, digest, channel, thread, slack.UploadFileParameters{
			Reader: audio.File, FileSize: audio.size,
			Filename: recordingName(p, audio.contentType), Title: "Recording of " + p.which() + " to " + numberWords(p.Number),
		})
	}
	_, held := errors.AsType[*heldError](err)
	switch {
	case err == nil && told:
		return s.came(ctx, p)
	case err == nil, errors.Is(err, call.ErrLost), ctx.Err() != nil, held, tokenRefused(err):
		return err
	case told || call.CodeOf(err) == call.RefusedCode || permanent(err) || had.Tries >= recordingTries:
		return s.lost(ctx, p, had, err)
	}
	return err
}

// lost says, once, that a recording could not be brought and why, and when it is tried
// again.
func (s *session) lost(ctx context.Context, p part, had call.Message, err error) error {
	l := lossFrom(err)
	s.log.Warn("a recording could not be brought to Slack", slog.String("call", string(p.ID)), slog.Any("error", err))
	m := renderRecordingLost(p, l)
	m.stage = string(l)
	channel, thread := s.thread()
	if err := s.send(ctx, p.recording, m, channel, thread); err != nil {
		return err
	}
	told := s.pub.Messages[p.recording]
	if had.TS == told.TS { // it was told before: the tries are counted from then
		told.SentAt, told.Tries = had.SentAt, had.Tries+1
		s.count(ctx, told)
	}
	if next := nextTry(told, l); !next.IsZero() {
		return &heldError{next}
	}
	return nil
}

// came settles the sentence that a recording could not be brought, once it was.
func (s *session) came(ctx context.Context, p part) error {
	return s.rewrite(ctx, p.recording, renderRecordingCame(), done)
}

// spooled is a recording in a temporary file, because Slack wants to know its size
// before it is sent.
type spooled struct {
	*os.File
	size        int
	contentType string
}

func (s *session) fetch(ctx context.Context, p part) (_ *spooled, err error) {
	ctx, cancel := s.long(ctx)
	defer cancel()
	rec, err := s.cfg.Recordings(ctx, p.Call)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rec.Body.Close() }()
	f, err := os.CreateTemp("", "callbot-*.audio")
	if err != nil {
		return nil, fmt.Errorf("making room for a recording: %w", err)
	}
	defer func() {
		if err != nil {
			_, _ = f.Close(), os.Remove(f.Name())
		}
	}()
	n, err := io.Copy(f, io.LimitReader(rec.Body, maxRecording+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("fetching a recording: %w", err)
	case n == 0:
		return nil, &call.Error{Code: call.Unavailable, Sentence: "The recording is still empty."}
	case n > maxRecording:
		return nil, &call.Error{Code: call.RefusedCode, Sentence: "The recording is too large.", Err: call.ErrRecordingTooLarge}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading a recording again: %w", err)
	}
	return &spooled{File: f, size: int(n), contentType: rec.ContentType}, nil
}

// loss is why a recording could not be brought.
type loss string

const (
	lossGone     loss = "gone"
	lossTooLarge loss = "too large"
	lossNotAudio loss = "not audio"
	lossAddress  loss = "address"
	lossSlack    loss = "slack"       // Slack did not take it
	lossOutage   loss = "unreachable" // it could not be fetched or sent for long
)

func lossFrom(err error) loss {
	for cause, l := range map[error]loss{
		call.ErrRecordingGone: lossGone, call.ErrRecordingTooLarge: lossTooLarge,
		call.ErrRecordingNotAudio: lossNotAudio, call.ErrRecordingAddress: lossAddress,
	} {
		if errors.Is(err, cause) {
			return l
		}
	}
	switch {
	case permanent(err):
		return lossSlack
	case call.CodeOf(err) == call.RefusedCode:
		return lossGone
	}
	return lossOutage
}

// lossOf is the loss that the thread was told, by the digest of what it was told.
func lossOf(digest string) loss { return loss(stageOf(digest)) }

// keepTrying is how long it is tried again.
func (l loss) keepTrying() time.Duration {
	switch l {
	case lossGone:
		return keepTryingGone
	case lossTooLarge, lossNotAudio, lossAddress:
		return 0 // it will be the same
	case lossSlack, lossOutage:
	}
	return keepTrying
}

// renderRecordingLost says why a recording is not here, and where it is.
func renderRecordingLost(c part, l loss) message {
	var p page
	why := map[loss]string{
		lossGone:     "AgentPhone's link to it no longer works.",
		lossTooLarge: fmt.Sprintf("It is larger than %d MB.", maxRecording>>20),
		lossNotAudio: "What AgentPhone serves in its place is not audio.",
		lossAddress:  "AgentPhone names an address for it that is not safe to fetch from.",
		lossSlack:    "Slack does not take it.",
		lossOutage:   "It could not be fetched from AgentPhone or sent to Slack for several minutes.",
	}[l]
	what := "The recording"
	if c.other {
		what += " of " + c.which()
	}
	p.line(strong(what+" could not be brought here. "), say("%s", why))
	switch l {
	case lossTooLarge, lossSlack, lossOutage:
		p.line(say("It is at "), address(c.RecordingURL, 500))
	case lossGone, lossNotAudio, lossAddress:
	}
	where := line{say("Whoever runs callbot may find it in AgentPhone's own list of calls, under the id "), theirsLine(c.ProviderID, 100), say(".")}
	if l.keepTrying() > 0 {
		where = append(where, say(" I keep trying for %s.", durationWords(l.keepTrying())))
	}
	p.line(where...)
	return p.message()
}

// renderRecordingCame stands where it was said that the recording could not be brought.
func renderRecordingCame() message {
	var p page
	p.line(say("The recording could not be brought here at first. It has come since, and is in a message further down."))
	return p.message()
}
