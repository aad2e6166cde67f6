package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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
func (s *session) uploadText(m message, channel, thread string) error {
	if s.pub.Messages[call.SlotTranscript].Digest == m.digest() {
		return nil
	}
	return s.upload(call.SlotTranscript, m.digest(), channel, thread, slack.UploadFileParameters{
		Reader: bytes.NewReader(m.file.content), FileSize: len(m.file.content),
		Filename: m.file.name, Title: m.file.title, InitialComment: m.text,
	})
}

// recording brings the audio of the call into its thread, or says why it cannot.
func (s *session) recording() error {
	c, had := s.pub.Call, s.pub.Messages[call.SlotRecording]
	if !c.Status.Ended() || c.RecordingURL == "" || had.Digest != "" {
		return nil
	}
	channel, thread := s.thread()
	audio, err := s.fetch()
	if audio != nil {
		defer func() { _ = audio.Close(); _ = os.Remove(audio.Name()) }()
		err = s.upload(call.SlotRecording, done, channel, thread, slack.UploadFileParameters{
			Reader: audio.File, FileSize: audio.size,
			Filename: recordingName(c, audio.contentType), Title: "Recording of the call",
		})
	}
	if err == nil || errors.Is(err, call.ErrLost) || s.ctx.Err() != nil {
		return err
	}
	_, held := errors.AsType[*heldError](err)
	if held || call.CodeOf(err) != call.RefusedCode && had.Tries < recordingTries {
		return err
	}
	s.log.Warn("a recording stays with the provider", "call", string(c.ID), "error", err)
	return s.postNear(call.SlotRecording, renderRecordingLost(), channel, thread)
}

// spooled is a recording in a temporary file, because Slack wants to know its size
// before it is sent.
type spooled struct {
	*os.File
	size        int
	contentType string
}

func (s *session) fetch() (_ *spooled, err error) {
	ctx, cancel := s.long()
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
		return nil, &call.Error{Code: call.Unavailable, Sentence: "The recording could not be fetched from AgentPhone.", Err: err}
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
func (s *session) upload(slot call.Slot, digest, channel, thread string, f slack.UploadFileParameters) error {
	file, err := s.uploadTo(channel, thread, f)
	if unreachable(err) && !isDM(channel) {
		dm, dmErr := s.dm()
		if dmErr != nil {
			return errors.Join(err, dmErr)
		}
		if _, err := f.Reader.(io.Seeker).Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("reading a file again: %w", err)
		}
		if file, err = s.uploadTo(dm, "", f); err == nil {
			if err := s.postNear(slot, renderFileInDM(s.pub.Call, slot), channel, thread); err != nil {
				return err
			}
			m := s.pub.Messages[slot]
			m.File, m.Digest = file, digest
			return s.save(slot, m)
		}
	}
	if err != nil {
		return fmt.Errorf("uploading the %s: %w", slot, err)
	}
	return s.save(slot, call.Message{Slot: slot, Channel: channel, Thread: thread, File: file, Digest: digest})
}

func (s *session) uploadTo(channel, thread string, f slack.UploadFileParameters) (id string, err error) {
	if err := s.hold(); err != nil {
		return "", err
	}
	f.Channel, f.ThreadTimestamp = channel, thread
	ctx, cancel := s.long()
	defer cancel()
	err = s.gates.pass(ctx, s.cfg.Now(), "files", "", func(ctx context.Context) error {
		file, err := s.cfg.Slack.UploadFileContext(ctx, f)
		if err == nil {
			id = file.ID
		}
		return err
	})
	return id, err
}

// long is the context of a transfer that may take longer than the lease, which is
// renewed as long as it takes. It ends when the lease is lost.
func (s *session) long() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(s.ctx, uploadTimeout)
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
