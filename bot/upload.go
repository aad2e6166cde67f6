package bot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

const (
	// maxRecording bounds what is fetched and uploaded, in bytes.
	maxRecording = 100 << 20
	// recordingTries is how often a recording is tried to be brought to Slack: over
	// about ten minutes.
	recordingTries = 14
)

// done is the digest of a recording: there is only one.
const done = "done"

// uploadText puts a long text into the thread as a file.
func (s *session) uploadText(ctx context.Context, m message, channel, thread string) error {
	if s.pub.Messages[call.SlotTranscript].Digest == textDigest(s.pub.Call) {
		return nil
	}
	if c := s.pub.Call; c.Lacks() && !c.DueAt.IsZero() && c.Enriched < 2 {
		return nil // a file cannot be edited: it waits a moment for the rest
	}
	err := s.upload(ctx, call.SlotTranscript, textDigest(s.pub.Call), channel, thread, slack.UploadFileParameters{
		Reader: bytes.NewReader(m.file.content), FileSize: len(m.file.content),
		Filename: m.file.name, Title: m.file.title, InitialComment: m.text,
	})
	if !permanent(err) {
		return err
	}
	s.log.Warn("a transcript stays with the provider", slog.String("call", string(s.pub.Call.ID)), slog.Any("error", err))
	if err := s.postNear(ctx, call.SlotTranscript, renderFileLost(), channel, thread); err != nil {
		return err
	}
	told := s.pub.Messages[call.SlotTranscript]
	told.Digest = textDigest(s.pub.Call) // this content was dealt with
	return s.save(ctx, call.SlotTranscript, told)
}

// textDigest tells one text from another. What else is in the file may change without
// a second one.
func textDigest(c call.Call) string {
	sum := sha256.Sum256([]byte(c.Transcript + "\x00" + c.Summary))
	return "text " + hex.EncodeToString(sum[:16])
}

// recording brings the audio of the call into its thread, or says why it cannot.
func (s *session) recording(ctx context.Context) error {
	c, had := s.pub.Call, s.pub.Messages[call.SlotRecording]
	if !c.Status.Ended() || c.RecordingURL == "" || had.Digest != "" || !s.resultHeld().IsZero() {
		return nil
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
	audio, err := s.fetch(ctx)
	if audio != nil {
		defer func() { _ = audio.Close(); _ = os.Remove(audio.Name()) }()
		err = s.upload(ctx, call.SlotRecording, done, channel, thread, slack.UploadFileParameters{
			Reader: audio.File, FileSize: audio.size,
			Filename: recordingName(c, audio.contentType), Title: "Recording of the call",
		})
	}
	if err == nil || errors.Is(err, call.ErrLost) || ctx.Err() != nil {
		return err
	}
	_, held := errors.AsType[*heldError](err)
	if held || call.CodeOf(err) != call.RefusedCode && !permanent(err) && had.Tries < recordingTries {
		return err
	}
	s.log.Warn("a recording stays with the provider", slog.String("call", string(c.ID)), slog.Any("error", err))
	return s.postNear(ctx, call.SlotRecording, renderRecordingLost(), channel, thread)
}

// spooled is a recording in a temporary file, because Slack wants to know its size
// before it is sent.
type spooled struct {
	*os.File
	size        int
	contentType string
}

func (s *session) fetch(ctx context.Context) (_ *spooled, err error) {
	ctx, cancel := s.long(ctx)
	defer cancel()
	rec, err := s.cfg.Recordings(ctx, s.pub.Call)
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
		return nil, &call.Error{Code: call.RefusedCode, Sentence: "The recording is too large."}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading a recording again: %w", err)
	}
	return &spooled{File: f, size: int(n), contentType: rec.ContentType}, nil
}

// upload puts a file into the thread or, where the bot may not, into a direct
// message with the person who asked, and says so in the thread.
func (s *session) upload(ctx context.Context, slot call.Slot, digest, channel, thread string, f slack.UploadFileParameters) error {
	file, err := s.uploadTo(ctx, channel, thread, f)
	if unreachable(err) && !isDM(channel) {
		dm, dmErr := s.dm(ctx)
		if dmErr != nil {
			return errors.Join(err, dmErr)
		}
		if _, err := f.Reader.(io.Seeker).Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("reading a file again: %w", err)
		}
		if f.InitialComment == "" {
			f.InitialComment = fileComment(s.pub.Call, s.home())
		}
		if file, err = s.uploadTo(ctx, dm, "", f); err == nil {
			if err := s.postNear(ctx, slot, renderFileInDM(s.pub.Call, slot), channel, thread); err != nil {
				return err
			}
			m := s.pub.Messages[slot]
			m.File, m.Digest = file, digest
			return s.save(ctx, slot, m)
		}
	}
	if err != nil {
		return fmt.Errorf("uploading the %s: %w", slot, err)
	}
	return s.save(ctx, slot, call.Message{Slot: slot, Channel: channel, Thread: thread, File: file, Digest: digest})
}

func (s *session) uploadTo(ctx context.Context, channel, thread string, f slack.UploadFileParameters) (id string, err error) {
	if err := s.hold(ctx); err != nil {
		return "", err
	}
	f.Channel, f.ThreadTimestamp = channel, thread
	ctx, cancel := s.long(ctx)
	defer cancel()
	err = s.gates.pass(ctx, "files", "", func(ctx context.Context) error {
		file, err := s.cfg.Slack.UploadFileContext(ctx, f)
		if u, ok := errors.AsType[*url.Error](err); ok {
			return fmt.Errorf("sending the file: %w", u.Err) // without the address, which is a secret
		}
		if err == nil {
			id = file.ID
		}
		return err
	})
	return id, err
}

// long is the context of a transfer that may take longer than the lease, which is
// renewed as long as it takes. It ends when the lease is lost.
func (s *session) long(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	go func() {
		renew := time.NewTicker(publishLease / 3)
		defer renew.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-renew.C:
				if err := s.cfg.Outbox.RenewPublication(ctx, s.pub, publishLease); err != nil {
					cancel()
					return
				}
			}
		}
	}()
	return ctx, cancel
}
