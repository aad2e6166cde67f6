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
