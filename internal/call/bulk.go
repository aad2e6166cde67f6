package call

import (
	"context"
	"strings"
	"time"
	"unicode"
)

// bulkWithin is the time in which calls with the same objective count as one lot.
const bulkWithin = time.Hour

// sameWords is the share of words from which on two objectives are the same.
const sameWords = 0.8

// bulk is the rule against one message to many numbers: more than limit different
// numbers with the same objective, the one of q included.
func bulk(q Request, others []Asked, limit int) error {
	if limit == 0 {
		return nil
	}
	words := wordsOf(q.Objective)
	numbers := map[string]bool{q.Number.E164(): true}
	for _, o := range others {
		if !numbers[o.Number] && inCommon(words, wordsOf(o.Objective)) >= sameWords {
			numbers[o.Number] = true
		}
	}
	if len(numbers) <= limit {
		return nil
	}
	return Errorf(RefusedCode, "%d different numbers have been asked to be called with much the same objective within an hour. That is bulk calling, which callbot doesn't do. If these are calls of their own, wait an hour; whoever runs callbot can change CALLBOT_BULK_LIMIT.",
		len(numbers)-1).about(PartObjective)
}

func (r Rules) bulk(ctx context.Context, b Books, c Call, now time.Time, approved bool) error {
	if r.Limits.Bulk == 0 {
		return nil
	}
	asked, err := b.Asked(ctx, now.Add(-bulkWithin), approved)
	if err != nil {
		return err
	}
	others := asked[:0:0]
	for _, o := range asked {
		if o.Call == c.ID || approved && o.after(c) {
			continue
		}
		others = append(others, o)
	}
	return bulk(c.Request, others, r.Limits.Bulk)
}

// after reports that o was approved after c, and so counts it and is not counted by it.
// Of those that were scheduled for the same time the ids decide, as they do on who is
// placed first.
func (o Asked) after(c Call) bool {
	return !c.ApprovedAt.IsZero() && (o.ApprovedAt.After(c.ApprovedAt) || o.ApprovedAt.Equal(c.ApprovedAt) && o.Call > c.ID)
}

// wordsOf are the words of an objective, whatever their case and punctuation. Numbers
// are left out: a different order or date makes no other message.
func wordsOf(objective string) map[string]bool {
	words := make(map[string]bool)
	for _, w := range strings.FieldsFunc(strings.ToLower(objective), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	}) {
		if strings.ContainsFunc(w, unicode.IsLetter) && !strings.ContainsFunc(w, unicode.IsDigit) {
			words[w] = true
		}
	}
	return words
}

// inCommon is the share of words that two objectives have in common: of those of the
// one that has more, so that a long one does not contain every short one.
func inCommon(a, b map[string]bool) float64 {
	most := max(len(a), len(b))
	if most == 0 {
		return 1 // neither has words: numbers alone
	}
	common := 0
	for w := range a {
		if b[w] {
			common++
		}
	}
	return float64(common) / float64(most)
}
