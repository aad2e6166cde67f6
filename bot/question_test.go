package bot

import (
	"testing"
)

func TestQuestions(t *testing.T) {
	for text, want := range map[string]question{
		"list": {word: wordList}, "List": {word: wordList}, "LIST.": {word: wordList}, "lists": {word: wordList}, "list please": {word: wordList},
		"show": {word: wordList}, "status": {word: wordList}, "status?": {word: wordList}, "what's going on": {word: wordList},
		"What’s going on?": {word: wordList}, "show me the calls": {word: wordList}, "list here": {word: wordList},
		"list of all calls": {word: wordList}, "calls": {word: wordList}, "my calls": {word: wordList, mine: true}, "list mine": {word: wordList, mine: true},
		"what calls are waiting": {word: wordList}, "show scheduled calls": {word: wordList}, "list everything": {word: wordList},

		"history": {word: wordHistory}, "History!": {word: wordHistory}, "past": {word: wordHistory}, "log": {word: wordHistory},
		"history here": {word: wordHistory}, "history mine": {word: wordHistory, mine: true}, "my history": {word: wordHistory, mine: true},
		"history Zuni": {word: wordHistory, text: "Zuni"}, "history of Zuni Café": {word: wordHistory, text: "Zuni Café"},
		"history \"Zuni\"": {word: wordHistory, text: "Zuni"}, "HISTORY zuni please": {word: wordHistory, text: "zuni"},
		"history (415) 555-0132": {word: wordHistory, text: "(415) 555-0132"}, "history 0132": {word: wordHistory, text: "0132"},
		"history of my calls to Zuni": {word: wordHistory, mine: true, text: "Zuni"}, "history Pier 39": {word: wordHistory, text: "Pier 39"},
		"show history": {word: wordHistory}, "show me my past calls": {word: wordHistory, mine: true}, "list past calls": {word: wordHistory},
		"status (415) 555-0132": {word: wordHistory, text: "(415) 555-0132"}, "status of Zuni": {word: wordHistory, text: "Zuni"},
		"last calls": {word: wordHistory}, "search zuni": {word: wordHistory, text: "zuni"},

		"cancel": {word: wordCancel}, "Cancel!": {word: wordCancel}, "stop": {word: wordCancel}, "abort": {word: wordCancel},
		"cancel it": {word: wordCancel}, "cancel that call please": {word: wordCancel}, "cancel my call": {word: wordCancel, mine: true},
		"stop it": {word: wordCancel}, "never mind": {word: wordCancel}, "hang up": {word: wordCancel}, "cancel Zuni": {word: wordCancel, text: "Zuni"},
		"cancel (415) 555-0132": {word: wordCancel, text: "(415) 555-0132"}, "cancel the call to Zuni": {word: wordCancel, text: "Zuni"},

		"help": {word: wordHelp}, "?": {word: wordHelp}, "??": {word: wordHelp}, "HELP": {word: wordHelp}, "help me": {word: wordHelp},
		"help!": {word: wordHelp}, "--help": {word: wordHelp}, "-h": {word: wordHelp}, "usage": {word: wordHelp}, "help please": {word: wordHelp},
		"how does this work?": {word: wordHelp}, "help history": {word: wordHelp}, "what can you do": {word: wordHelp},
	} {
		if got, ok := parseQuestion(text); !ok || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, ok, want)
		}
	}
}

// What names a number and what to say is a call, and what says what a call is for is
// not taken for something else.
func TestNoQuestions(t *testing.T) {
	for _, text := range []string{
		"", " ", "(415) 555-0132 list the menu", "+14155550132 cancel my appointment", "4155550132 help me move my appointment",
		"cancel my appointment at +14155550132", "cancel +14155550132 tomorrow's table", "stop by (415) 555-0132 and ask for Sarah",
		"history homework at (415) 555-0132", "list the menu prices at Zuni", "help me book a table", "show them the way to the office",
		"find me a restaurant nearby", "last time they were closed", "open on Sunday", "hello", "Zuni", "call Zuni",
		"cancel my appointment with the dentist on Monday at nine if they still can", "is anybody there", "current opening hours", "who",
	} {
		if q, ok := parseQuestion(text); ok {
			t.Errorf("%q: %+v", text, q)
		}
	}
}

func TestMeant(t *testing.T) {
	for text, want := range map[string]string{
		"lsit": "list", "lst": "list", "lits": "list", "histroy": "history", "histroy Zuni": "history Zuni", "hisotry here": "history here",
		"Cancle": "cancel", "cancell": "cancel", "hlep": "help", "hepl me": "help me", "pasue": "pause", "resme": "resume", "alow (415) 555-0132": "allow (415) 555-0132",
		"list": "", "help": "", "hello": "", "lost keys at (415) 555-0132": "", "lost property office": "", "lift": "list", "call Zuni": "",
		"held a table for us": "", "4155550132 lsit": "", "hi": "", "Zuni": "", "ask": "", "cancle my appointment at +14155550132": "",
	} {
		if got := meant(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
