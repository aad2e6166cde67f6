package call

import (
	"context"
	"fmt"
	"time"
)

// Limits bound how often people call. Zero: no limit.
type Limits struct {
	// User is how many approvals within a day calls that one person asked for may
	// have, and All how many all together.
	User, All int
	// Bulk is how many numbers may be called within an hour with the same objective.
	Bulk int
}

// day is what the daily limits are counted over: a rolling one, so that no midnight of
// any zone doubles them.
const day = 24 * time.Hour

// daily is the rule of the daily limits for one more approval at now: n were approved
// within the day before, of which limiting is the oldest that has to be more than a day
// old before there is room again.
func daily(n, limit int, limiting, now time.Time, whose, variable string) error {
	if limit == 0 || n < limit {
		return nil
	}
	return Errorf(RefusedCode, "%s had %s approved in the last 24 hours, which is the limit. The next one can be approved in %s. Whoever runs callbot can change the limit with %s.",
		whose, plural(n, "call"), roughly(limiting.Add(day).Sub(now)), variable)
}

// daily counts what was approved in the day before now, and before the time before
// unless that is zero.
func (r Rules) daily(ctx context.Context, b Books, c Call, now, before time.Time) error {
	user := r.Limits.User
	if c.ByWorkflow() {
		user = 0 // nobody's; it counts for all together
	}
	for _, l := range []struct {
		limit           int
		user            UserID
		whose, variable string
	}{
		{user, c.Requester, "The person who asked for this call", "CALLBOT_USER_DAILY_LIMIT"},
		{r.Limits.All, "", "All people together", "CALLBOT_DAILY_LIMIT"},
	} {
		if l.limit == 0 {
			continue
		}
		n, limiting, err := b.Approvals(ctx, l.user, now.Add(-day), before, l.limit)
		if err != nil {
			return err
		}
		if err := daily(n, l.limit, limiting, now, l.whose, l.variable); err != nil {
			return err
		}
	}
	return nil
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// roughly is a wait in words, rounded up.
func roughly(d time.Duration) string {
	minutes := int64((d + time.Minute - 1) / time.Minute)
	switch h, m := minutes/60, minutes%60; {
	case minutes <= 1:
		return "a minute"
	case h == 0:
		return fmt.Sprintf("%d minutes", m)
	case m == 0:
		return plural(int(h), "hour")
	default:
		return fmt.Sprintf("%d h %d min", h, m)
	}
}
