package call

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxDisclosure is the longest disclosure, in characters.
const MaxDisclosure = 300

// CheckDisclosure reports why a text cannot be what the agent says first on every
// call, or nil. An empty one can: then nothing is said.
func CheckDisclosure(text string) error {
	hidden := func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
	}
	switch n := utf8.RuneCountInString(text); {
	case text == "":
		return nil
	case !utf8.ValidString(text):
		return errors.New("it is not UTF-8")
	case n > MaxDisclosure:
		return fmt.Errorf("it is %d characters long and the limit is %d", n, MaxDisclosure)
	case strings.ContainsFunc(text, hidden):
		return errors.New("it holds a line break or an invisible character, and it must be one line")
	case !strings.ContainsFunc(text, unicode.IsLetter):
		return errors.New("it holds no word")
	}
	return nil
}

// sayFirst stands before a disclosure in what the agent gets.
const sayFirst = "Say this first: "
