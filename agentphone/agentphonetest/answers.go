package agentphonetest

import (
	"fmt"
	"regexp"
	"strings"
)

// ask writes a conversation around a question.
func (s *scene) ask() string {
	question, about := s.question()
	k := knowledgeOf(s.text)
	s.agent("%s %s", s.introduce(), question)
	if s.outcome == outcomeNotAchieved {
		s.host("I'm sorry, I can't give that out over the phone.")
		s.agent("Is there another way to find out?")
		s.host("You'd have to come by, or write to us. I really can't say more than that.")
		return fmt.Sprintf("They would not answer the question%s over the phone. One has to come by or write to them.", prefixed(" ", about))
	}
	s.host("%s %s", s.pick(6, "Sure.", "Of course.", "Yes, happy to."), k.answer)
	s.agent("%s", k.followUp)
	if s.outcome == outcomePartial {
		s.host("That I don't know, sorry. The manager would, but she's only in tomorrow after ten.")
		s.agent("All right, then I'll pass on what you told me.")
		return k.fact + " " + "A further question has to wait for the manager, who is in tomorrow after 10am."
	}
	s.host("%s", k.more)
	s.repeat("%s Is that right?", k.recap)
	s.host("%s", s.pick(7, "That's right.", "Exactly.", "Yes, that's it."))
	return k.fact + " " + k.moreFact
}

var (
	aboutPattern   = regexp.MustCompile(`(?i)\b(?:about|regarding)\s+(.+?)(?:[.;!?]|$)`)
	whetherPattern = regexp.MustCompile(`(?i)\b(?:if|whether)\s+(.+?)(?:[.;!?]|$)`)
	whPattern      = regexp.MustCompile(`(?i)\b((?:what|when|how|which|where|who|why)\b.*?)(?:[.;!?]|$)`)
	directPattern  = regexp.MustCompile(`(?i)^(?:what|when|how|which|where|who|why|do|does|are|is|can|could)\b.*\?`)
)

// question says what is asked as a sentence, and what it is about as
// "about …", if that can be told.
func (s *scene) question() (said, about string) {
	if m := directPattern.FindString(s.text); m != "" {
		return "My question is: " + uncapital(toYou(m)), ""
	}
	type found struct {
		at          int
		said, about string
	}
	best := found{at: len(s.text) + 1}
	for _, p := range []struct {
		pattern     *regexp.Regexp
		said, about string
	}{
		{aboutPattern, "I'd like to ask about %s.", "about %s"},
		{whetherPattern, "I'd like to ask whether %s.", ""},
		{whPattern, "I'd like to ask %s.", ""},
	} {
		loc := p.pattern.FindStringSubmatchIndex(s.text)
		if loc == nil || loc[0] >= best.at || loc[2] == loc[3] {
			continue
		}
		topic := toYou(uncapital(s.text[loc[2]:loc[3]]))
		best = found{at: loc[0], said: fmt.Sprintf(p.said, topic)}
		if p.about != "" {
			best.about = fmt.Sprintf(p.about, s.text[loc[2]:loc[3]])
		}
	}
	if best.said == "" {
		return "I was asked to find out the following: " + sentence(s.text), ""
	}
	return best.said, best.about
}

var toYouWords = []struct {
	pattern *regexp.Regexp
	you     string
}{
	{regexp.MustCompile(`(?i)\bthey're\b`), "you're"},
	{regexp.MustCompile(`(?i)\bthey\b`), "you"},
	{regexp.MustCompile(`(?i)\bthem\b`), "you"},
	{regexp.MustCompile(`(?i)\btheir\b`), "your"},
	{regexp.MustCompile(`(?i)\btheirs\b`), "yours"},
	{regexp.MustCompile(`(?i)\b(?:my|our)\b`), "their"},
}

// toYou turns what is said about people into what is said to them, and what
// somebody says of themselves into what another says of them.
func toYou(s string) string {
	for _, w := range toYouWords {
		s = w.pattern.ReplaceAllString(s, w.you)
	}
	return s
}

// knowledge is what the people who answer know about a subject.
type knowledge struct {
	pattern                       *regexp.Regexp
	answer, followUp, more, recap string // said
	fact, moreFact                string // for the summary
}

func knowledgeOf(text string) knowledge {
	text = strings.ToLower(text)
	for _, k := range knowledgeTable {
		if k.pattern.MatchString(text) {
			return k
		}
	}
	if yesNo.MatchString(text) {
		return knowledge{
			answer:   "Let me ask a colleague. Yes, that's so.",
			followUp: "Does that go for every day?",
			more:     "Every day, as long as we're open.",
			recap:    "So the answer is yes, every day that you're open.",
			fact:     "The answer is yes.",
			moreFact: "It goes for every day that they are open.",
		}
	}
	return knowledge{
		answer:   "I can tell you what I know: it's all up to date on our website, and nothing about it has changed this year.",
		followUp: "Is there anything that somebody who asks this should know?",
		more:     "It's best to come in on a weekday, then we have time to go through it with you. It doesn't cost anything.",
		recap:    "So it's as it stands on your website, and on a weekday you'd go through it in person, for free.",
		fact:     "They say that what their website says is up to date.",
		moreFact: "On weekdays they go through it in person, for free.",
	}
}

var yesNo = regexp.MustCompile(`\b(?:if|whether)\b|^(?:do|does|are|is|can|could)\b`)

var knowledgeTable = []knowledge{
	{
		pattern:  regexp.MustCompile(`\b(?:return|refund|exchange)`),
		answer:   "You can return anything within 30 days if you have the receipt, and the money goes back to the card you paid with.",
		followUp: "And without a receipt?",
		more:     "Then it's store credit. The only exception is sale items, those are final.",
		recap:    "So 30 days with the receipt for a refund, store credit without it, and sale items can't be returned.",
		fact:     "Returns are accepted within 30 days with the receipt, for a full refund to the card.",
		moreFact: "Without a receipt there is store credit, and sale items are final.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:warranty|guarantee)`),
		answer:   "There's a two-year warranty on everything we sell, and it covers parts and labor.",
		followUp: "What is needed to use it?",
		more:     "Just the receipt or the order number. Damage from water isn't covered.",
		recap:    "So two years, parts and labor, with the receipt or the order number, and not for water damage.",
		fact:     "There is a two-year warranty on parts and labor.",
		moreFact: "It takes the receipt or the order number; water damage is not covered.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:price|cost|how much|fees?|charge|quote|estimate|rates?)\b`),
		answer:   "It starts at 45 dollars, and tax comes on top of that.",
		followUp: "Does that include everything?",
		more:     "It does, unless it has to be done the same day. That's 15 dollars more.",
		recap:    "So from 45 dollars plus tax, and 15 more for the same day.",
		fact:     "It starts at $45 plus tax.",
		moreFact: "That includes everything, except that the same day costs $15 more.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:park|parking)\b`),
		answer:   "There's a lot behind the building, and it's free for two hours.",
		followUp: "And if it's full?",
		more:     "Then there's a garage across the street, three dollars an hour.",
		recap:    "So two hours free behind the building, or the garage across the street for three dollars an hour.",
		fact:     "There is a lot behind the building, free for two hours.",
		moreFact: "The garage across the street is $3 an hour.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:vegan|vegetarian|gluten|allerg\w*|kosher|halal|nuts?|dairy)\b`),
		answer:   "Yes, we have several dishes for that, they're marked on the menu.",
		followUp: "Can the kitchen adapt other dishes as well?",
		more:     "Most of them, if you tell the server when you order. Only the desserts come as they are.",
		recap:    "So there are marked dishes, and most others can be adapted, but not the desserts.",
		fact:     "Several dishes are suitable and marked on the menu.",
		moreFact: "Most others can be adapted when ordering, but not the desserts.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:dogs?|pets?|cats?)\b`),
		answer:   "Yes, they're welcome as long as they're on a leash.",
		followUp: "Inside as well?",
		more:     "On the patio and in the bar, but not in the main room.",
		recap:    "So on a leash, on the patio and in the bar.",
		fact:     "Pets are welcome on a leash.",
		moreFact: "They may come to the patio and the bar, but not the main room.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:deliver\w*|shipping|ship)\b`),
		answer:   "We deliver within five miles, and it usually takes about 45 minutes.",
		followUp: "What does it cost?",
		more:     "Four dollars, and nothing above 50.",
		recap:    "So within five miles in about 45 minutes, for four dollars, free above 50.",
		fact:     "They deliver within five miles in about 45 minutes.",
		moreFact: "It costs $4 and is free above $50.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:insurance|credit cards?|cash|payment|pay|apple pay)\b`),
		answer:   "We take all the usual ones. Just bring the card with you.",
		followUp: "Is anything to be paid at once?",
		more:     "Only what isn't covered, at the front desk when you come in.",
		recap:    "So the usual ones are taken, and what isn't covered is paid at the front desk.",
		fact:     "They accept all the usual ones; the card has to be brought along.",
		moreFact: "What is not covered is paid at the front desk.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:ready|status|repair|repaired)\b`),
		answer:   "Let me check. Yes, it's ready, it came in this morning.",
		followUp: "Until when can it be picked up?",
		more:     "Until six today, and we keep it for two weeks. Bring the ticket.",
		recap:    "So it's ready, can be picked up until six, and is kept for two weeks.",
		fact:     "It is ready.",
		moreFact: "It can be picked up until 6pm with the ticket and is kept for two weeks.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:stock|available|availability|in store|carry|sell|have any)\b`),
		answer:   "Let me check. Yes, we have four left.",
		followUp: "Could you put one aside if somebody comes today?",
		more:     "I can keep one at the counter until we close.",
		recap:    "So there are four left, and one can be kept at the counter until you close.",
		fact:     "They have four left.",
		moreFact: "They can keep one at the counter until closing time.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:wait|walk-ins?|walk ins?)\b`),
		answer:   "Right now it's about 25 minutes, and you can just walk in.",
		followUp: "When is it quieter?",
		more:     "Before noon and after eight there's hardly a wait at all.",
		recap:    "So about 25 minutes now, and hardly any before noon or after eight.",
		fact:     "The wait is about 25 minutes, and walk-ins are welcome.",
		moreFact: "Before noon and after 8pm there is hardly any.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:hours?|open|opens|close|closes|closing|opening|what time)\b`),
		answer:   "We're open from nine to six, Monday to Saturday, and on Sunday from eleven to four.",
		followUp: "Is that different on public holidays?",
		more:     "On public holidays we're closed.",
		recap:    "So nine to six from Monday to Saturday, eleven to four on Sunday, and closed on public holidays.",
		fact:     "They are open Monday to Saturday from 9am to 6pm and Sunday from 11am to 4pm.",
		moreFact: "On public holidays they are closed.",
	},
	{
		pattern:  regexp.MustCompile(`\b(?:address|where|located|location|directions?)\b`),
		answer:   "We're on the corner of Third and Main, the building with the green door.",
		followUp: "Which is the nearest stop?",
		more:     "Third Street, the bus stops right outside.",
		recap:    "So Third and Main, the green door, and the Third Street stop.",
		fact:     "They are at the corner of Third and Main, in the building with the green door.",
		moreFact: "The nearest stop is Third Street.",
	},
}
