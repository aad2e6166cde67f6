package agentphonetest

import (
	"fmt"
	"strings"
)

const (
	agent = "Agent" // the AI
	host  = "Host"  // who answers
	ivr   = "IVR"   // the machine that answers first, sometimes
)

// converse writes the conversation of a completed call and its summary. The same
// arguments give the same words.
func converse(objective, business, outcome string, seed uint64) ([]line, string) {
	s := newScene(objective, business, outcome, seed)
	if outcome == outcomeVoicemail {
		return s.voicemail()
	}
	s.open()
	summary := s.talk()
	s.part()
	return s.lines, summary
}

// talk writes the middle of the conversation and returns the summary.
func (s *scene) talk() (summary string) {
	switch s.kind {
	case booking:
		summary = s.book()
	case question:
		summary = s.ask()
	case order:
		summary = s.placeOrder()
	case cancellation:
		summary = s.cancel()
	case move:
		summary = s.reschedule()
	case confirmation:
		summary = s.confirm()
	case complaint:
		summary = s.complain()
	case message:
		summary = s.passOn()
	case errand:
		summary = s.runErrand()
	}
	return summary
}

// line is one thing that somebody says.
type line struct{ speaker, text string }

func scriptText(script []line) string {
	var b strings.Builder
	for i, l := range script {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l.speaker + ": " + l.text)
	}
	return b.String()
}

// parseScript is the inverse of scriptText; a line without a speaker belongs to
// the one before.
func parseScript(text string) []line {
	var script []line
	for row := range strings.SplitSeq(text, "\n") {
		row = strings.TrimRight(row, "\r")
		speaker, said, ok := strings.Cut(row, ": ")
		switch {
		case strings.TrimSpace(row) == "":
		case ok && len(speaker) <= 30:
			script = append(script, line{speaker, said})
		case len(script) > 0:
			script[len(script)-1].text += "\n" + row
		default:
			script = append(script, line{host, row})
		}
	}
	return script
}

// scene is a conversation as it is written.
type scene struct {
	task
	outcome  string
	business string
	seed     uint64
	person   string // first name of who answers
	lines    []line
	live     bool // a person answers, who says what nobody can know beforehand
}

func newScene(objective, business, outcome string, seed uint64) *scene {
	business = strings.Join(strings.Fields(strings.ToValidUTF8(business, "")), " ")
	s := &scene{task: understand(objective), outcome: outcome, business: shorten(business, 60), seed: seed}
	s.person = s.pick(1, "Dana", "Luis", "Priya", "Tom", "Grace", "Omar")
	return s
}

func (s *scene) host(format string, args ...any) {
	s.lines = append(s.lines, line{host, fmt.Sprintf(format, args...)})
}

func (s *scene) agent(format string, args ...any) {
	s.lines = append(s.lines, line{agent, fmt.Sprintf(format, args...)})
}

// repeat is what the agent says to have got an answer right; while a person
// speaks, that is known only then, and stands as an empty line.
func (s *scene) repeat(format string, args ...any) {
	if s.live {
		s.lines = append(s.lines, line{speaker: agent})
		return
	}
	s.agent(format, args...)
}

// pick chooses by the seed, differently for each salt.
func (s *scene) pick(salt uint64, options ...string) string {
	x := (s.seed ^ salt*0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd
	return options[(x>>33)%uint64(len(options))]
}

func (s *scene) open() {
	switch {
	case s.extension != "":
		s.extensions()
	case s.seed%4 == 0:
		s.lines = append(s.lines, line{ivr, fmt.Sprintf("Thank you for calling%s. This call may be recorded. To speak with someone, press 1 or stay on the line.", prefixed(" ", s.business))})
		s.agent("(presses 1)")
	}
	s.greet()
}

// extensions is a machine that asks whom to put the call through to.
func (s *scene) extensions() {
	s.lines = append(s.lines, line{ivr, fmt.Sprintf("Thank you for calling%s. If you know your party's extension, please dial it now.", prefixed(" ", s.business))})
	s.agent("(dials %s)", s.extension)
}

// greet is how somebody picks up the phone.
func (s *scene) greet() {
	if s.business != "" {
		s.host(s.pick(2, "%s, this is %s. How can I help you?", "Hello, %s, %s speaking.", "Thanks for calling %s. My name is %s, what can I do for you?"), capital(s.business), s.person)
		return
	}
	s.host(s.pick(2, "Hello, this is %s. How can I help you?", "Hello, %s speaking.", "Hi, thanks for calling, this is %s. What can I do for you?"), s.person)
}

// introduce is the agent's first sentence, before what it wants.
func (s *scene) introduce() string {
	greeting := "Hi " + s.person
	if s.live {
		greeting = "Hello"
	}
	return fmt.Sprintf("%s, I'm an AI assistant calling on behalf of %s.", greeting, orElse(s.name, "a customer"))
}

func (s *scene) part() {
	goodbye := s.pick(3, "Thank you for your help. Goodbye.", "That's all I needed, thank you. Have a good day.", "Thanks very much. Bye.")
	if last := &s.lines[len(s.lines)-1]; last.speaker == agent && !s.live {
		last.text = strings.TrimSuffix(last.text, " Thank you.") + " " + goodbye
	} else {
		s.agent("%s", goodbye)
	}
	s.host("%s", s.pick(4, "You're welcome. Bye.", "Sure. Take care.", "Thanks for calling. Bye."))
}

func (s *scene) voicemail() ([]line, string) {
	s.lines = append(s.lines, line{ivr, fmt.Sprintf("You have reached %s. Nobody can take your call right now. Please leave a message after the tone.", orElse(s.business, "our voicemail"))})
	s.agent("Hello, I'm an AI assistant calling on behalf of %s. I was asked to do this: %s You don't need to do anything now; we will try again. Goodbye.", orElse(s.name, "a customer"), sentence(s.text))
	return s.lines, "The call went to voicemail, and a message was left. Nobody was spoken to."
}

// prolong lengthens a conversation beyond 4,000 characters, by being passed from
// one department to the next.
func prolong(script []line, objective string) []line {
	t := understand(objective)
	departments := []string{"customer service", "the front desk", "the back office", "accounts", "the branch manager's office", "scheduling", "the operator"}
	if len(script) < 4 {
		return script
	}
	// Being passed on comes after the request and before its answer.
	at := 3
	for at < len(script)-1 && script[at-1].speaker != agent {
		at++
	}
	var detour []line
	for i, size := 0, len(scriptText(script)); size < 4400; i++ {
		dept := departments[i%len(departments)]
		part := []line{
			{host, fmt.Sprintf("I'm afraid I'm not the right person for that. Let me put you through to %s, just a moment.", dept)},
			{agent, "Thank you, I'll hold."},
			{ivr, fmt.Sprintf("All of our colleagues are busy at the moment. You are number %d in the line. Please stay on the line and your call will be answered in the order in which it came in.", 1+(i*3+2)%5)},
			{host, fmt.Sprintf("Thanks for holding, this is %s. What is it about?", dept)},
			{agent, fmt.Sprintf("Hello, I'm an AI assistant calling on behalf of %s. I have been passed on to you with this: %s", orElse(t.name, "a customer"), sentence(t.text))},
			{host, []string{
				"I see. Let me look into the system, it is a little slow today. Bear with me.",
				"Right. I can see where it would be entered, but it needs somebody else to do it.",
				"Oh, that used to be us. Since the spring it has been with another team.",
			}[i%3]},
			{agent, "I understand. Who would be the right person to speak to?"},
		}
		detour = append(detour, part...)
		size += len(scriptText(part))
	}
	detour = append(detour,
		line{host, "I'll take you back to where you started; they can do it after all. One moment."},
		line{agent, "Thank you."},
		line{host, "Hello again, sorry for the run-around. I have it in front of me now."},
		line{agent, "No problem. Shall we go on?"},
	)
	out := append([]line(nil), script[:at]...)
	out = append(out, detour...)
	return append(out, script[at:]...)
}

// sentence ends s with a full stop unless it ends already.
func sentence(s string) string {
	s = capital(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// prefixed is s with p before it, or nothing.
func prefixed(p, s string) string {
	if s == "" {
		return ""
	}
	return p + s
}

// joined puts the parts that are not empty together with spaces.
func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}
