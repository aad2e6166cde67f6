package page

import (
	"context"
	"net/http"

	"github.com/agentphone-slack/callbot/internal/sandbox"
)

// fault switches something that can go wrong on or off.
func (s *Server) fault(ctx context.Context, q struct {
	Of string            `json:"of"`
	Is sandbox.Condition `json:"is"`
},
) (nothing, error) {
	switch {
	case q.Of != "links" && !q.Is.Known():
		return nothing{}, refuse(http.StatusBadRequest, "What can go wrong cannot be %q.", q.Is)
	case q.Of == "provider":
		s.journal.switched("phone is", string(q.Is))
		return nothing{}, s.world.SetPhone(context.WithoutCancel(ctx), q.Is)
	case q.Of == "slack":
		s.journal.switched("slack is", string(q.Is))
		return nothing{}, s.world.SetSlack(q.Is)
	case q.Of == "links" && q.Is == "dropped":
		s.world.Slack.DropLinks()
		s.journal.switched("slack drop-links")
		return nothing{}, nil
	}
	return nothing{}, refuse(http.StatusBadRequest, "There is no such switch.")
}
