//go:build crashpoints && unix

package main

import (
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

const (
	module      = "github.com/agentphone-slack/callbot/"
	storeRoom   = "internal/store"
	maxFrames   = 64
	callerSkips = 2 // runtime.Callers and frames
)

// frame is one of our functions on the stack: "operator", "place".
type frame struct{ room, function string }

// dispatchers are the functions through which everything in their room goes, so that
// they tell nothing.
var dispatchers = []string{
	"step", "stepLoop", "watchLoop", "eraseLoop", "fanOut", "caught", // operator
	"publish", "slots", "redactLoop", "Handle", "command", "interaction", "click", // bot
	"Run", "run", "main",
}

// closures are what the compiler adds to the name of a function literal.
var closures = regexp.MustCompile(`(\.func\d+|\.\d+|\[\.\.\.\]|-range\d+|-fm)+$`)

// frames are our functions on the stack, the innermost first, without this package's
// seams.
func frames() []frame {
	pcs := make([]uintptr, maxFrames)
	stack := runtime.CallersFrames(pcs[:runtime.Callers(callerSkips, pcs)])
	var list []frame
	for {
		f, more := stack.Next()
		if rest, ours := strings.CutPrefix(f.Function, module); ours {
			at := strings.LastIndexByte(rest, '/') + 1
			room, function, _ := strings.Cut(rest[at:], ".")
			function = closures.ReplaceAllString(function, "")
			function = function[strings.LastIndexByte(function, '.')+1:]
			list = append(list, frame{rest[:at] + room, function})
		} else if function, ours := strings.CutPrefix(f.Function, "main."); ours && !strings.HasPrefix(function, "(") {
			list = append(list, frame{"main", closures.ReplaceAllString(function, "")})
		}
		if !more {
			return list
		}
	}
}

// commitName names a commit by the method of the store and by who called it:
// "operator.place>settle Update commit".
func commitName() string {
	all := frames()
	first := slices.IndexFunc(all, func(f frame) bool { return f.room == storeRoom })
	if first < 0 {
		return "commit"
	}
	end := first
	for end < len(all) && all[end].room == storeRoom {
		end++
	}
	return caller(all[end:]) + " " + all[end-1].function + " commit"
}

// caller names who is first on a stack: the outermost function of its room that is no
// dispatcher and, behind ">", the innermost where that is another.
func caller(stack []frame) string {
	if len(stack) == 0 {
		return "somebody"
	}
	room := stack[0].room
	var inside []string
	for _, f := range stack {
		if f.room != room {
			break
		}
		if !slices.Contains(dispatchers, f.function) {
			inside = append(inside, f.function)
		}
	}
	name := room[strings.LastIndexByte(room, '/')+1:]
	switch len(inside) {
	case 0:
		return name
	case 1:
		return name + "." + inside[0]
	}
	inner, outer := inside[0], inside[len(inside)-1]
	if inner == outer {
		return name + "." + outer
	}
	return name + "." + outer + ">" + inner
}

var (
	providerPath = regexp.MustCompile(`/api/v1(/calls)(/[^/]+)?$`)
	slackPath    = regexp.MustCompile(`/api/([a-zA-Z]+\.[a-zA-Z.]+)$`)
	otherPath    = regexp.MustCompile(`/(recordings|upload|commands|actions)/`)
)

// requestName names a request by what it asks for and by who asks:
// "chat.postMessage bot.card>post".
func requestName(r *http.Request) string {
	what := r.Method + " " + r.URL.Path
	if m := providerPath.FindStringSubmatch(r.URL.Path); m != nil {
		what = r.Method + " " + m[1]
		if m[2] != "" {
			what += "/{id}"
		}
	} else if m := slackPath.FindStringSubmatch(r.URL.Path); m != nil {
		what = m[1]
	} else if m := otherPath.FindStringSubmatch(r.URL.Path); m != nil {
		what = map[string]string{"recordings": "GET /recordings", "upload": "upload", "commands": "response_url", "actions": "response_url"}[m[1]]
	}
	var who []frame
	for _, f := range frames() {
		if f.room != "agentphone" && f.room != "main" || strings.HasPrefix(f.function, "newInstance") || f.function == "introduce" {
			who = append(who, f)
		}
	}
	return what + " " + caller(who)
}
