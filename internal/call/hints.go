package call

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hints are what a person should think of before they place the call, each a sentence
// of ours that repeats nothing of what was typed. A call with hints can be placed.
func Hints(q Request) []string {
	var hints []string
	if vague(q.Objective) {
		hints = append(hints, "This may be too vague for the agent, which knows only what stands here. Say what to ask or to do, with the names and times that it needs, such as: Ask whether they are open on Sunday, and until when.")
	}
	if telling(q.Objective) || telling(q.Business) || telling(q.Website) {
		hints = append(hints, "This seems to hold a password, a PIN or another secret. Everybody who sees this card can read it, it is stored, and the agent may say it on the phone. Leave it out if the call can do without it.")
	}
	return hints
}

// shortest is how many letters and digits an objective has at least that says enough,
// in scripts that write a word with one or two of them and in others.
const (
	shortest      = 12
	shortestDense = 4
)

// vague reports whether an objective hardly tells the agent what to do.
func vague(objective string) bool {
	text := spaced(objective)
	least := shortest
	if strings.ContainsFunc(text, dense) {
		least = shortestDense
	}
	return utf8.RuneCountInString(text) < least || onlyToCall.MatchString(text) || lacksVerb(text)
}

// spaced is what can be seen of a text, with single spaces and straight apostrophes.
func spaced(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(string(plainly(text))), " "), "’", "'")
}

// dense tells characters of which a few are a sentence.
func dense(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}

// onlyToCall is an objective that says no more than that somebody is to be called.
var onlyToCall = regexp.MustCompile(`(?i)^(?:(?:please|pls|just|can you|could you|would you|i want you to|i need you to|hey|hi|hello|and)[\s,]+)*` +
	`(?:call|phone|ring|dial|contact|reach(?: out to)?|talk (?:to|with)|speak (?:to|with)|chat with|give|get (?:in touch with|a ?hold of)|ask|tell|test|try|check)` +
	`(?:[\s,]+(?:them|him|her|it|this|that|me|us|you|someone|somebody|anyone|people|the|a|an|my|number|line|business|shop|store|place|restaurant|company|office|call|ring|phone|up|back|again|for|now|today|right|away|asap|please|pls|thanks|thank|soon|out|when|can|if|possible))*[\s.!?]*$`)

// lacksVerb reports whether a short objective that is plainly English has no verb, so
// that it names a thing and not what to do about it. Other languages are left alone,
// and so is a long text, which is likelier to have a verb that the list lacks.
func lacksVerb(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
	if len(words) > longestBare || strings.ContainsAny(text, "?？") { // a question can be asked as it stands
		return false
	}
	english := false
	for _, w := range words {
		if strings.ContainsFunc(w, func(r rune) bool { return r >= 0x80 }) || otherTongue[w] || isVerb(w) {
			return false
		}
		english = english || plainEnglish[w]
	}
	return english
}

// longestBare is how many words an objective has at most that is looked at for a verb.
const longestBare = 8

// isVerb takes too many words for verbs rather than too few.
func isVerb(word string) bool {
	if thing[word] {
		return false
	}
	if strings.Contains(word, "'") { // what's, they're, don't
		return true
	}
	if verbs[word] {
		return true
	}
	for _, ending := range []string{"ing", "ed", "es", "s", "ize", "ise", "ify", "ate"} {
		stem, cut := strings.CutSuffix(word, ending)
		if !cut || len(stem) < 2 {
			continue
		}
		if len(ending) >= 3 || ending == "ed" || verbs[stem] || verbs[stem+"e"] {
			return true
		}
	}
	return false
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// thing are words that end as verbs do and are seldom one.
var thing = set("opening morning evening building parking wedding ceiling clothing gates dates rates plates chocolate private date late plate rate gate red bed shed")

// plainEnglish are words that hardly any other language has.
var plainEnglish = set(`the and with my our your their this that these those about from of
	tomorrow tonight today please people new next week month year hours price prices
	appointment reservation delivery some any all who what when where which why how if whether
	monday tuesday wednesday thursday friday saturday sunday`)

// otherTongue are words that show that a text is not English, or not all of it. Names
// such as La Mar do that too, and then there is no hint.
var otherTongue = set(`der das und ein eine einen einer nicht ist mit von zu zum zur auf bei ob wann wie bitte ich wir sie
	le la les des une du et est pour que qui dans sur avec je il nous vous si au aux
	el los las y por para con una un del se su al lo cuando
	il di che per della delle alle sono gli nel
	de het een en van voor met niet dat te op aan
	och att det som en av till ska
	og er ikke til jeg
	o os um uma para com em na no da do que se
	i na do w z czy nie jest ve bir bu ile mi ya dan yang`)

// verbs are what people ask an agent to do, and the auxiliaries.
var verbs = set(`be is are am was were been do does did done have has had can could will would shall should may might must need needs let lets
	ask tell say speak talk call phone ring dial text mail email write send fax deliver bring collect pick drop
	book reserve order buy purchase rent hire lease get give take make find look check see verify confirm
	cancel change move reschedule postpone push shift delay extend renew update correct fix repair replace return exchange refund
	schedule arrange organise organize plan set put add remove include keep hold save leave
	inquire enquire query request demand complain report dispute protest appeal apologise apologize thank congratulate wish remind inform notify warn
	explain describe clarify discuss negotiate haggle bargain persuade convince offer sell quote estimate compare
	pay charge bill invoice settle deposit transfer donate order tip
	open close start stop begin end finish continue go come visit meet join attend arrive sign enrol enroll register apply subscribe unsubscribe
	know want like love prefer hope learn listen hear read understand determine figure establish ensure
	help assist support follow chase track trace locate ship pass forward connect reach contact try test use
	work play sing wait stay park eat drink cook serve wash clean paint cut trim walk drive ride tow unlock block
	order invite accept decline refuse reject agree approve deny claim file submit cancel switch upgrade downgrade
	mention introduce pretend act say repeat spell answer respond reply record note provide show share present
	ready check-in swap trade match beat lower raise waive reduce increase double count measure treat see examine diagnose prescribe refill fill`)

// telling reports whether a text seems to hold a password, a PIN or an access token.
func telling(text string) bool {
	text = spaced(text)
	return tellsPassword(text) || tellsPIN(text) || tellsToken(text)
}

// passwordWord is what a password is called, and what stands between it and its value.
var passwordWord = regexp.MustCompile(`(?i)(?:^|[^\pL])(?:pass ?words?|pass ?codes?|pass ?phrases?|passwd|pwd|passwort|kennwort|mot de passe|contraseña|palabra clave|senha|wachtwoord|lösenord|hasło|пароль)` +
	`(?:(?: (?:for|to|of)(?: \S+?){1,4}?)?( ?(?:[:=]|->|→) ?| (?:is|was|ist|lautet|est|es|é|är) ?:? )| )(["'“„«‘]?)([^\s"”“»]+)`)

func tellsPassword(text string) bool {
	for at := 0; at < len(text); {
		m := passwordWord.FindStringSubmatchIndex(text[at:])
		if m == nil {
			return false
		}
		link, quote, value := "", text[at+m[4]:at+m[5]], text[at+m[6]:at+m[7]]
		if m[2] >= 0 {
			link = strings.TrimSpace(text[at+m[2] : at+m[3]])
		}
		rest := strings.TrimSpace(text[at+m[7]:])
		ends := rest == "" || strings.ContainsAny(rest[:1], `"'.,;!?)`) || value != strings.TrimRight(value, ".,;!?)")
		value = strings.Trim(value, `.,;:!?()"'“”„«»‘`)
		switch {
		case notPassword[strings.ToLower(value)] || utf8.RuneCountInString(value) < 3:
		case mixed(value), quote != "" && link != "":
			return true
		case strings.ContainsAny(link, ":=>→"):
			return true
		case link != "" && ends && !participle(value):
			return true
		}
		at += m[4]
	}
	return false
}

// mixed reports whether a word is none of a language: digits among letters, four
// digits, or signs inside.
func mixed(word string) bool {
	letters, digits, signs := 0, 0, 0
	for _, r := range word {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		case strings.ContainsRune("!@#$%^&*+=~<>?_", r):
			signs++
		}
	}
	return digits > 0 && letters > 0 || digits >= 4 || signs > 0 && letters > 0
}

func participle(word string) bool {
	word = strings.ToLower(word)
	return len(word) > 4 && (strings.HasSuffix(word, "ed") || strings.HasSuffix(word, "ing") || strings.HasSuffix(word, "able") || strings.HasSuffix(word, "ible"))
}

// notPassword are words that stand behind "password is" and are none.
var notPassword = set(`the a an and or but if on in at to for from of with by as it its not no yes my your his her our their this that these those
	wrong incorrect right correct invalid valid lost forgotten gone known unknown secret safe secure secured strong weak long short new old
	written printed sent set given shown hidden here there ready available free public private different same good bad ok okay fine
	still now also already only just too so very being been is are was were be needed required reset change changes changed help hint policy
	manager problem problems issue issues please what when where who whether because before after again else please ask
	none n/a whatever optional mandatory necessary case-sensitive unclear unsafe empty blank broken stolen up out down off
	falsch richtig vergessen nicht oublié perdu incorrecta incorrecto olvidada`)

// pinWord is a code that opens something, with digits behind it.
var (
	pinWord = regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(pins?(?:[- ]?(?:code|number|no\.?))?|(?:security|access|door|gate|alarm|entry|lockbox|safe|unlock|verification|authentication|login|one[- ]time|2fa|mfa)[- ](?:pin|code|password)|otp|cvv2?|cvc2?|cvn|geheimzahl|code pin|código pin)` +
		`(?:(?: (?:for|to|of)(?: \S+?){1,4}?)?( ?[:=#] ?| (?:is|was|ist|est|es|lautet) ?:? ?)| )#?((?:\d[ -]?){2,9}\d)(\S?)(?: (\pL+))?`)
	goesOn = set(`and or for to when if so as at on in but then is please thanks from before after because which that it und oder pour et y para`)
)

func tellsPIN(text string) bool {
	for _, m := range pinWord.FindAllStringSubmatch(text, -1) {
		name, link := strings.ToLower(m[1]), strings.TrimSpace(m[2])
		digits := strings.NewReplacer(" ", "", "-", "").Replace(m[3])
		if strings.HasPrefix(name, "pin") && strings.Contains(name, "code") && len(digits) == 6 {
			continue // a postal code in India
		}
		if unicode.IsLetter(firstRune(m[4])) {
			continue
		}
		// "Pin 200 flyers to the wall" counts things, "PIN 1234" does not.
		if link == "" && name == "pin" && m[5] != "" && !goesOn[strings.ToLower(m[5])] {
			continue
		}
		return true
	}
	return false
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// tokens are the forms of well-known keys.
var tokens = regexp.MustCompile(`\b(?:(?:sk|pk|rk|ak)[-_](?:[a-z]{2,8}[-_])?[A-Za-z0-9_-]{16,}|xox[a-z]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}|gh[a-z]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{15,}|A(?:KI|SI)A[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|ya29\.[0-9A-Za-z_-]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|SG\.[A-Za-z0-9_-]{16,})|-----BEGIN [A-Z ]*PRIVATE KEY`)

// longWord is a word so long that only a machine writes it.
var longWord = regexp.MustCompile(`(?:^|[\s"'=:(])([A-Za-z0-9_+-]{24,}={0,2})(?:[\s"').,;]|$)`)

func tellsToken(text string) bool {
	if tokens.MatchString(text) {
		return true
	}
	for _, m := range longWord.FindAllStringSubmatch(text, -1) {
		digits := 0
		for _, r := range m[1] {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		letters := strings.ContainsFunc(m[1], unicode.IsLetter)
		oneCase := m[1] == strings.ToLower(m[1]) || m[1] == strings.ToUpper(m[1])
		hex := len(m[1]) >= 32 && !strings.ContainsFunc(m[1], func(r rune) bool { return !unicode.Is(unicode.ASCII_Hex_Digit, r) })
		if letters && digits >= 3 && (!oneCase || hex) {
			return true
		}
	}
	return false
}
