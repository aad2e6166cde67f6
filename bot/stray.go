package bot

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/agentphone-slack/callbot/internal/call"
)

// strays are the slots, at one stand, of what nobody goes on with: it was sent under a
// lease that was lost meanwhile, or can't be edited where it is, and something else has its
// place.
func (s *session) strays() []call.Slot {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.pub.Messages)), func(slot call.Slot) bool {
		return !strings.HasPrefix(string(slot), string(call.SlotStray))
	})
}

// leave keeps where something stands whose slot is about to be another's, so that an erasure
// finds it.
func (s *session) leave(ctx context.Context, m call.Message) error {
	if !m.Stands() {
		return nil
	}
	m = m.Stray()
	return s.save(ctx, m.Slot, m)
}

// stray has a message that nobody goes on with say so, without the buttons that it had. It
// stays known, so that an erasure finds it; nothing becomes of a file before.
func (s *session) stray(ctx context.Context, slot call.Slot) error {
	m := renderStray()
	return s.rewrite(ctx, slot, m, m.digest())
}

// renderStray is what becomes of a message that nobody goes on with.
func renderStray() message {
	var p page
	p.line(say("This message is out of date, or stands here twice. The others about this call say how it stands."))
	return p.message()
}
