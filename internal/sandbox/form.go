package sandbox

import (
	"context"
	"fmt"
	"strings"
)

// Fill does what a line says with the form in front of the person: "Phone number: (415)
// 555-0132" fills in a field, and a label in brackets presses the form's button. It reports
// false if there is no form, or nothing in it that the line is about.
func Fill(ctx context.Context, w *World, line string) (bool, error) {
	form, open := w.Person.View()
	if !open || strings.HasPrefix(line, "/") {
		return false, nil
	}
	if label, isButton := strings.CutPrefix(line, "["); isButton {
		switch strings.TrimSpace(strings.TrimSuffix(label, "]")) {
		case form.SubmitLabel:
			if err := form.Submit(ctx); err != nil {
				return true, fmt.Errorf("sending the form: %w", err)
			}
			return true, nil
		case form.CloseLabel:
			return true, form.Close(ctx)
		}
		return false, nil
	}
	label, text, found := strings.Cut(line, ":")
	if !found || form.Control(label).Err() != nil {
		return false, nil
	}
	if err := form.Fill(ctx, label, strings.TrimSpace(text)); err != nil {
		return true, fmt.Errorf("filling in %q: %w", label, err)
	}
	return true, nil
}
