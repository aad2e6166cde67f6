package operator

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

const (
	// erasure is the name of the row that one replica leases to erase for all.
	erasure = "erase"
	// eraseEvery is how many intervals lie between two looks for what is to be erased (a
	// minute at 10 s). In each at most erasesAtOnce times eraseBatches calls are erased: a
	// backlog is not urgent, and people's clicks are.
	eraseEvery   = 6
	erasesAtOnce = 20
	eraseBatches = 25
)

// eraseLoop erases what was kept long enough, and what is to be forgotten.
func (o *Operator) eraseLoop(ctx context.Context) {
	every := time.NewTicker(eraseEvery * o.cfg.Poll)
	defer every.Stop()
	for {
		if err := o.eraseDue(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("erasing calls; it will be tried again", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// eraseDue erases what is due, if no other replica does.
func (o *Operator) eraseDue(ctx context.Context) error {
	defer o.caught("erasing calls")
	due, mine, err := o.repo.LeaseTick(ctx, erasure, lease)
	if err != nil || !mine {
		return err
	}
	next := due
	defer func() {
		if err := o.repo.FreeTick(context.WithoutCancel(ctx), erasure, next); err != nil && !errors.Is(err, call.ErrLost) {
			o.log.Warn("freeing the tick that erases", slog.Any("error", err))
		}
	}()
	now := o.cfg.Now()
	if now.Before(due) {
		return nil
	}
	next = now.Add(eraseEvery * o.cfg.Poll / 2)
	var before time.Time
	if o.cfg.Retention > 0 {
		before = now.Add(-o.cfg.Retention)
	}
	all := 0
	defer func() {
		if all > 0 {
			o.log.Info("calls were erased", slog.Int("calls", all))
		}
	}()
	for range eraseBatches {
		looked, erased, err := o.repo.EraseDue(ctx, before, erasesAtOnce)
		all += erased
		if err != nil || looked < erasesAtOnce {
			return err
		}
		if err := o.repo.RenewTick(ctx, erasure, lease); err != nil {
			return lostIsNone(err)
		}
	}
	return nil
}
