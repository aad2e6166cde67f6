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
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// uploadText puts a long text into the thread as a file.
func (s *session) uploadText(ctx context.Context, p part, m message, channel, thread string) error {
	if s.pub.Messages[p.transcript].Digest == textDigest(p.Call) {
		return nil
	}
	if p.Lacks() && !p.DueAt.IsZero() && p.Enriched < 2 {
		return nil // a file cannot be edited: it waits a moment for the rest
	}
	err := s.upload(ctx, p.transcript, textDigest(p.Call), channel, thread, slack.UploadFileParameters{
		Reader: bytes.NewReader(m.file.content), FileSize: len(m.file.content),
		Filename: m.file.name, Title: m.file.title, InitialComment: m.text,
	})
	if !permanent(err) {
		return err
	}
	s.log.Warn("a transcript stays with the provider", slog.String("call", string(s.pub.Call.ID)), slog.Any("error", err))
	if err := s.postNear(ctx, p.transcript, renderFileLost(), channel, thread); err != nil {
		return err
	}
	told := s.pub.Messages[p.transcript]
	told.Digest = textDigest(p.Call) // this content was dealt with
	return s.save(ctx, p.transcript, told)
}

// textDigest tells one text from another. What else is in the file may change without
// a second one.
func textDigest(c call.Call) string {
	sum := sha256.Sum256([]byte(c.Transcript + "\x00" + c.Summary))
	return "text " + hex.EncodeToString(sum[:16])
}

// upload puts a file into the thread or, where the bot may not, into a direct
// message with the person who asked, and says so in the thread. A message that stands in
// the slot stays there; with the digest "" it is to be edited.
func (s *session) upload(ctx context.Context, slot call.Slot, digest, channel, thread string, f slack.UploadFileParameters) error {
	had := s.pub.Messages[slot]
	keep := func(m call.Message) error {
		left := had
		if had.TS != "" && (m.TS == "" || digest == "") {
			m.Channel, m.TS = had.Channel, had.TS
			left.TS = ""
		}
		if had.File == m.File {
			left.File = ""
		}
		if err := s.leave(ctx, left); err != nil {
			return err
		}
		return s.save(ctx, slot, m)
	}
	file, err := s.uploadTo(ctx, channel, thread, f)
	if unreachable(err) && !isDM(channel) {
		dm, dmErr := s.dm(ctx, s.pub.Call.Contact())
		if dmErr != nil {
			return errors.Join(err, dmErr)
		}
		if _, err := f.Reader.(io.Seeker).Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("reading a file again: %w", err)
		}
		if f.InitialComment == "" {
			f.InitialComment = fileComment(s.home())
		}
		if file, err = s.uploadTo(ctx, dm, "", f); err == nil {
			err := s.post(ctx, slot, renderFileInDM(s.pub.Call, slot), channel, thread)
			if unreachable(err) { // nobody can be told there; the file says what it is
				return keep(call.Message{Slot: slot, Channel: dm, File: file, Digest: digest})
			}
			if err != nil {
				return err
			}
			m := s.pub.Messages[slot]
			m.File, m.Digest = file, digest
			return keep(m)
		}
	}
	if err != nil {
		return fmt.Errorf("uploading the %s: %w", words(slot), err)
	}
	return keep(call.Message{Slot: slot, Channel: channel, Thread: thread, File: file, Digest: digest})
}

func (s *session) uploadTo(ctx context.Context, channel, thread string, f slack.UploadFileParameters) (id string, err error) {
	if err := s.hold(ctx); err != nil {
		return "", err
	}
	f.Channel, f.ThreadTimestamp = channel, thread
	ctx, cancel := lingering(ctx)
	defer cancel()
	ctx, cancelLong := s.long(ctx)
	defer cancelLong()
	err = s.ask(ctx, "files", "", func(ctx context.Context) error {
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

// uploadGrace is how long an upload may go on when the bot is told to stop. One that is cut
// short may still have taken place, and then nobody knows the file's id.
const uploadGrace = 4 * time.Second

// lingering is a context that ends uploadGrace after ctx.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(uploadGrace, cancel) })
	return longer, func() { stop(); cancel() }
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
				if err := s.outbox.RenewPublication(ctx, s.pub, publishLease); err != nil {
					cancel()
					return
				}
			}
		}
	}()
	return ctx, cancel
}
