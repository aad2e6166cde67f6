package bot

import (
	"maps"
	"slices"
)

// ScopedMethods are the Web API methods that the manifest's scopes are for, sorted.
func ScopedMethods() []string {
	all := map[string]bool{}
	for _, s := range table.scopes {
		for _, m := range s.methods {
			all[m] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Updating reports whether golden files are to be rewritten.
func Updating() bool { return *update }

// MaxKept bounds the people that a [Directory] remembers; Kept is how many it does.
const MaxKept = maxKept

// Kept is how many people are remembered.
func (d *Directory) Kept() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.profiles)
}

// Handled are the names of what the app handles, as the manifest declares them: commands,
// events and shortcuts.
func Handled() (commands, events, shortcuts []string) {
	var a App
	for event := range a.events() {
		if event == eventMessage {
			event += ".im"
		}
		events = append(events, event)
	}
	slices.Sort(events)
	return []string{commandCall}, events, slices.Sorted(maps.Keys(a.shortcuts()))
}
