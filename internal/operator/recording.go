package operator

import (
	"context"
	"errors"
	"io"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/call"
)

// Recording opens the audio of a call that has ended. A URL that expired gets one
// fresh read of the call. The error's code is [call.Unavailable] if it may work
// later, and [call.RefusedCode] if it will not.
func (o *Operator) Recording(ctx context.Context, c call.Call) (call.Recording, error) {
	rec, err := o.provider.Recording(ctx, c.RecordingURL)
	if reason(err) == agentphone.RecordingGone {
		url, refreshErr := o.freshURL(ctx, c)
		if refreshErr != nil {
			return call.Recording{}, refreshErr
		}
		if url != "" {
			rec, err = o.provider.Recording(ctx, url)
		}
	}
	if err != nil {
		return call.Recording{}, unfetched(err)
	}
	return call.Recording{Body: body{rec.Body}, ContentType: rec.ContentType, Size: rec.Size}, nil
}

// unfetched is the domain's error for audio that could not be had, and why.
func unfetched(err error) error {
	code, cause := call.RefusedCode, error(nil)
	switch {
	case reason(err) == agentphone.RecordingTransient, reason(err) == "":
		code = call.Unavailable
	case reason(err) == agentphone.RecordingGone:
		cause = call.ErrRecordingGone
	case errors.Is(err, agentphone.ErrTooLarge):
		cause = call.ErrRecordingTooLarge
	case errors.Is(err, agentphone.ErrNotAudio):
		cause = call.ErrRecordingNotAudio
	case errors.Is(err, agentphone.ErrAddressRefused):
		cause = call.ErrRecordingAddress
	}
	return &call.Error{Code: code, Sentence: "The recording could not be fetched from AgentPhone.", Err: errors.Join(cause, err)}
}

// body is audio whose failures are the domain's too: it can turn out to be too large
// only while it is read.
type body struct{ io.ReadCloser }

func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unfetched(err)
	}
	return n, err
}

func reason(err error) agentphone.RecordingReason {
	if e, ok := errors.AsType[*agentphone.RecordingError](err); ok {
		return e.Reason
	}
	return ""
}

// freshURL reads the call once more for a URL that has not expired.
func (o *Operator) freshURL(ctx context.Context, c call.Call) (string, error) {
	later := &call.Error{Code: call.Unavailable, Sentence: "The recording could not be fetched from AgentPhone yet."}
	grant, _, err := o.repo.Take(ctx, call.ForContent, o.cfg.Now().Add(requestTimeout))
	if err != nil {
		return "", err
	}
	if grant.ID == "" {
		return "", later
	}
	news, err := o.read(ctx, grant, c.ProviderID)
	if err != nil {
		later.Err = err
		return "", later
	}
	if news.RecordingURL == c.RecordingURL {
		return "", nil
	}
	return news.RecordingURL, nil
}
