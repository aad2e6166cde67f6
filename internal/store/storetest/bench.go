package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/store"
)

// benchCalls is how many calls are due while [Benchmark] measures.
const benchCalls = 10_000

// Benchmark measures the operator's steps with 10,000 ended calls: one step is a
// claimed call that was read once more and is due again. claim is how many are claimed at once.
func Benchmark(b *testing.B, fresh func(t testing.TB) Database) {
	ctx := b.Context()
	w := begin(b, fresh(b), store.WithBudget(tenAMinute))
	for i := range benchCalls {
		_, err := w.Create(ctx, "", call.Call{
			ID: call.ID(fmt.Sprintf("call%05d", i)), Version: 1, Revision: 1, Status: call.Completed,
			Request:    call.Request{Requester: ana, Number: line(b, i%1000), Objective: "Ask about the return policy"},
			ApprovedAt: w.now(), ProviderID: fmt.Sprintf("cl_%d", i), EndedAt: w.now(), DueAt: w.now().Add(time.Duration(i) * time.Millisecond),
		}, call.Origin{Conversation: here})
		if err != nil {
			b.Fatal(err)
		}
	}
	w.move(time.Hour)

	for _, claim := range []int{1, 20} {
		b.Run(fmt.Sprintf("claim=%d", claim), func(b *testing.B) {
			steps := 0
			for b.Loop() {
				steps += round(ctx, b, w, claim)
			}
			b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
		})
	}
	b.Run("publish=20", func(b *testing.B) {
		n := 0
		for b.Loop() {
			list, err := w.ClaimPublications(ctx, 20, lease)
			if err != nil || len(list) == 0 {
				b.Fatalf("claimed %d publications, %v", len(list), err)
			}
			for _, p := range list {
				if err := w.Published(ctx, p, w.now()); err != nil { // due again
					b.Fatal(err)
				}
				n++
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "publications/s")
	})
	b.Run("called", func(b *testing.B) {
		for b.Loop() {
			if list, err := w.Called(ctx, ana, here); err != nil || len(list) == 0 {
				b.Fatalf("%d were called, %v", len(list), err)
			}
		}
	})
	b.Run("take", func(b *testing.B) {
		for b.Loop() {
			w.move(time.Minute)
			if _, _, err := w.Take(ctx, call.ForPlacing, w.now()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("look", func(b *testing.B) {
		for b.Loop() {
			if _, err := w.NextDue(ctx, call.Completed); err != nil {
				b.Fatal(err)
			}
			if _, err := w.CountActive(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// round claims calls and moves each one on, and returns how many.
func round(ctx context.Context, b *testing.B, w *world, claim int) int {
	b.Helper()
	now := w.move(time.Millisecond)
	claimed, err := w.ClaimDue(ctx, claim, lease, call.Completed)
	if err != nil || len(claimed) == 0 {
		b.Fatalf("claimed %d calls, %v", len(claimed), err)
	}
	for _, c := range claimed {
		if _, err := w.Advance(ctx, c, call.Event{Kind: call.Observe, At: now, ReportedStatus: call.Completed, Due: now}); err != nil {
			b.Fatal(err)
		}
	}
	return len(claimed)
}
