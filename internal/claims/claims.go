// Package claims does work that is claimed from where it is kept: rows that are due, each
// leased for a while by whoever does it.
package claims

import (
	"context"
	"sync"
	"time"
)

// Loop claims what is due and does it, some of it at the same time. All fields but Failed
// must be set.
type Loop[T any] struct {
	// Workers is how much is done at the same time.
	Workers int
	// Claim claims at most n that are due, those first that are to be done first.
	Claim func(ctx context.Context, n int) ([]T, error)
	// Next is when more is due; the zero time: nothing is.
	Next func(context.Context) (time.Time, error)
	// Do does what was claimed. It takes care of its own errors, panics and deadline.
	Do func(T)
	// Wake tells that something may have become due.
	Wake <-chan struct{}
	// Most and Least bound the wait between two claims that found too little: Most in case
	// nobody wakes the loop, Least so that what is due but cannot be claimed yet, since
	// somebody else has it, is not asked for without a pause.
	Most, Least time.Duration
	// Now is the clock of Next.
	Now func() time.Time
	// Failed hears of claims that failed, if it is not nil. They are made again.
	Failed func(error)
}

// Run claims until ctx is done, and returns when all that was claimed is done.
func (l Loop[T]) Run(ctx context.Context) {
	free := make(chan struct{}, l.Workers)
	done := make(chan struct{}, 1)
	var work sync.WaitGroup
	defer work.Wait()
	for ctx.Err() == nil {
		n := l.Workers - len(free)
		if n == 0 { // whoever is done makes room
			select {
			case <-ctx.Done():
			case <-done:
			}
			continue
		}
		claimed, err := l.Claim(ctx, n)
		if err != nil && ctx.Err() == nil && l.Failed != nil {
			l.Failed(err)
		}
		for _, one := range claimed {
			free <- struct{}{}
			work.Go(func() {
				defer func() {
					<-free
					select {
					case done <- struct{}{}:
					default:
					}
				}()
				l.Do(one)
			})
		}
		if len(claimed) < n {
			l.sleep(ctx, done)
		}
	}
}

// sleep waits until something is, or may be, due.
func (l Loop[T]) sleep(ctx context.Context, done <-chan struct{}) {
	wait := l.Most
	if next, err := l.Next(ctx); err == nil && !next.IsZero() {
		wait = min(wait, max(next.Sub(l.Now()), l.Least))
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-done:
	case <-l.Wake:
	case <-t.C:
	}
}
