package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// scenarioLink is how the README names a scenario.
var scenarioLink = regexp.MustCompile(`\[[^\]]+\]\((cmd/callbot/testdata/script/[^)]+\.txtar)\)`)

// TestREADMEFaults: every row of the table of what can go wrong names the scenarios that
// show it, and every scenario of a fault stands in the table.
func TestREADMEFaults(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(readme), "\n## What can go wrong\n")
	if !found {
		t.Fatal("README.md has no section What can go wrong")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	var named []string
	rows := 0
	for row := range strings.Lines(table) {
		if !strings.HasPrefix(row, "| ") || strings.HasPrefix(row, "| what happens |") {
			continue
		}
		rows++
		links := scenarioLink.FindAllStringSubmatch(row, -1)
		if len(links) == 0 {
			t.Errorf("this row names no scenario: %s", row)
		}
		for _, l := range links {
			file := filepath.Join("..", "..", filepath.FromSlash(l[1]))
			named = append(named, filepath.Clean(file))
			if _, err := os.Stat(file); err != nil {
				t.Errorf("this row names a scenario that does not exist: %s", row)
			}
		}
	}
	if rows == 0 {
		t.Error("the table has no rows")
	}
	for _, file := range scenarios(t, filepath.Join("faults", "*.txtar")) {
		path := filepath.Join("..", "..", "cmd", "callbot", file)
		if !slices.Contains(named, path) {
			t.Errorf("%s is not in the table of README.md", file)
		}
	}
}
