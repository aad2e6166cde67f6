package bot

import (
	"slices"
	"strings"
	"unicode"
)

// The words behind the slash command, or a mention, that ask about calls.
const (
	wordList    = "list"
	wordHistory = "history"
	wordCancel  = "cancel"
	wordHelp    = "help"
)

// question is what somebody asks about calls.
type question struct {
	word string
	// mine: about their own calls, wherever they were asked for.
	mine bool
	// text is a part of a number or of a business's name that is looked for.
	text string
}

// asking are the words that people begin a question with.
var asking = wordsOf(map[string]string{
	wordList:    "list lists ls listing show status statuses queue pending open active waiting scheduled upcoming running current calls",
	wordHistory: "history histories past log logs recent previous last earlier archive search find",
	wordCancel:  "cancel stop abort undo revoke withdraw nevermind hangup",
	wordHelp:    "help usage info commands manual man howto h",
})

// takesText are those of them behind which the name of a business is understood: people
// begin what a call is for with the others.
var takesText = setOf("history past log logs search cancel stop abort status")

// phrases ask the same in more words.
var phrases = map[string][]string{
	wordList: {
		"what's up", "whats up", "what's going on", "whats going on", "what is going on", "what's happening", "whats happening",
		"what is happening", "what's waiting", "whats waiting", "in progress", "under way", "underway",
	},
	wordCancel: {"never mind", "hang up"},
	wordHelp: {
		"what can you do", "how does this work", "how does it work", "how do i use this", "how do i use it", "how do you work",
		"what is this", "what's this", "who are you", "how to use", "how",
	},
}

// lead may stand before such a word, and beside are those around it that tell nothing.
var (
	lead   = setOf("please pls my our the all any what what's whats which is are show give get see tell me us can could you i")
	beside = setOf("please pls me us my mine our the a an all any of in on for this that these those it here channel conversation now today " +
		"call calls callbot everything everywhere is are i what to with from by about and there again thanks you")
)

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

func wordsOf(of map[string]string) map[string]string {
	all := map[string]string{}
	for word, list := range of {
		for w := range strings.FieldsSeq(list) {
			all[w] = word
		}
	}
	return all
}

// What is looked for is short. What is longer is what a call is for.
const (
	maxLooked      = 80
	maxLookedWords = 6
	// fullNumber is how many digits a number has that can be called. Beside other words
	// it is called, and not looked for.
	fullNumber = 7
)

// parseQuestion reads a question about calls, in the ways people type it. A text that
// begins with a number, or names one and what to say, is none.
func parseQuestion(text string) (question, bool) {
	typed := strings.Fields(strings.ReplaceAll(oneLine(text), "’", "'"))
	plain := make([]string, len(typed))
	for i, w := range typed {
		plain[i] = strings.ToLower(strings.Trim(w, "?!.,;:…-\"'“”/"))
	}
	if len(typed) > 0 && strings.Trim(strings.Join(typed, ""), "?!") == "" {
		return question{word: wordHelp}, true
	}
	for word, all := range phrases {
		if slices.Contains(all, strings.Join(slices.DeleteFunc(slices.Clone(plain), func(w string) bool { return w == "" || w == "please" }), " ")) {
			return question{word: word}, true
		}
	}
	at := 0
	for at < len(plain) && asking[plain[at]] == "" && lead[plain[at]] {
		at++
	}
	if at == len(plain) || asking[plain[at]] == "" {
		return question{}, false
	}
	first := plain[at]
	q := question{word: asking[first]}
	// "show history" asks for the history.
	for next := at + 1; q.word == wordList && next < len(plain); next++ {
		if other := asking[plain[next]]; other != "" && other != wordCancel {
			if other != wordList {
				at, first, q.word = next, plain[next], other
			}
			continue
		}
		if !beside[plain[next]] {
			break
		}
	}
	q.mine = slices.ContainsFunc(plain, func(w string) bool { return w == "my" || w == "mine" || w == "everywhere" })
	from, to := at+1, len(plain)
	tells := func(w string) bool { return w != "" && !beside[w] && (q.word != wordList || asking[w] != wordList) }
	for from < to && !tells(plain[from]) {
		from++
	}
	for from < to && !tells(plain[to-1]) {
		to--
	}
	q.text = strings.Trim(strings.Join(typed[from:to], " "), "\"“”?!.,;: ")
	return q, q.fits(first, to-from)
}

// fits reports whether what stands behind the word makes sense there, and settles what
// is asked.
func (q *question) fits(word string, n int) bool {
	if q.text == "" {
		return true
	}
	digits := 0
	for _, r := range q.text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	number := digits > 0 && !strings.ContainsFunc(q.text, unicode.IsLetter)
	switch {
	case q.word == wordHelp:
		other := asking[strings.ToLower(q.text)]
		q.text = ""
		return other != ""
	case units(q.text) > maxLooked, !number && (digits >= fullNumber || n > maxLookedWords || !takesText[word]):
		return false
	}
	if q.word == wordList {
		q.word = wordHistory // how a certain call stands
	}
	return true
}

// meant is what somebody may have meant who mistyped the first word: the text with the
// word that it is close to; "" if it is close to none, or does not fit with the rest.
func meant(text string) string {
	first, rest, _ := strings.Cut(strings.TrimFunc(text, unicode.IsSpace), " ")
	typed := strings.ToLower(strings.Trim(first, "?!.,;:"))
	if len(typed) < 3 || strings.ContainsFunc(typed, unicode.IsDigit) {
		return ""
	}
	for _, word := range []string{wordList, wordHistory, wordCancel, wordHelp, wordPause, wordResume, wordAllow} {
		if most := (len(word) - 1) / 3; typed == word || distance(typed, word, most) > most {
			continue
		}
		corrected := strings.TrimSpace(word + " " + rest)
		_, asks := parseQuestion(corrected)
		if _, orders := parseOrder(corrected); asks || orders {
			return corrected
		}
	}
	return ""
}

// distance is how many letters were left out, put in, changed or swapped with the next
// one between two words; more than most if that is so.
func distance(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > most || len(y)-len(x) > most {
		return most + 1
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
