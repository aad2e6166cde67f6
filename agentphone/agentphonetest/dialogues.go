package agentphonetest

import (
	"fmt"
	"regexp"
	"strings"
)

// Each dialogue writes the middle of a conversation for the scene's outcome and
// returns the summary.

func (s *scene) book() string {
	thing := orElse(s.thing, "a table")
	what := thing
	if s.party > 0 {
		what += " for " + inWords(s.party)
	}
	s.agent("%s I'd like to book %s, please.", s.introduce(), joined(what, s.when))
	if s.outcome == outcomeNotAchieved {
		s.host("Let me have a look. I'm sorry, we're fully booked%s.", prefixed(" ", s.when))
		s.agent("Is there a waiting list, or another time close to that?")
		s.host("Not that day, and we don't keep a waiting list. You could try again tomorrow, somebody may cancel.")
		return fmt.Sprintf("They are fully booked%s and keep no waiting list. Nothing was booked; they suggest calling again tomorrow.", prefixed(" ", s.when))
	}
	when := s.when
	if when == "" {
		s.host("Sure. When would you like to come?")
		s.agent("I wasn't given a time. What is the first one you have?")
		s.host("That would be tomorrow at eleven in the morning.")
		s.repeat("Then tomorrow at eleven, please.")
		when = "tomorrow at 11am"
	} else {
		s.host("%s", s.pick(5, "Sure, let me check.", "One moment, let me look at the book.", "Of course, just a second."))
	}
	if s.outcome == outcomePartial {
		s.host("We don't have anything %s. I could do an hour earlier, or an hour and a half later.", when)
		s.agent("I was asked to book it %s, so I can't agree to another time. Could you hold the earlier one until I've passed that on?", when)
		s.host("I can hold it for one hour. After that it goes to whoever calls first.")
		s.agent("So you'll hold %s an hour earlier than asked, for one hour%s. Is that right?", what, prefixed(", under ", s.name))
		s.host("That's right. Call us back to confirm.")
		return fmt.Sprintf("Nothing is free %s. They hold %s an hour earlier for one hour%s; somebody has to call back to confirm.", when, what, prefixed(" under ", s.name))
	}
	s.host("Yes, we can do that: %s, %s. What name should I put it under?", what, when)
	if s.name != "" {
		s.agent("%s, please. That's %s.", s.name, spelled(s.name))
	} else {
		s.agent("I wasn't given a name, so please put it down as booked by an AI assistant.")
	}
	under := orElse(s.name, "an AI assistant")
	if strings.Contains(thing, "table") || strings.Contains(thing, "reservation") {
		if !s.live {
			s.host("Thank you. Any allergies or special requests?")
			s.agent("None that I was told about.")
		}
		s.host("All set, then: %s, %s, under %s. We hold it for fifteen minutes.", what, when, under)
		s.agent("%s, %s, under %s. Perfect.", capital(what), when, under)
		return fmt.Sprintf("%s %s is booked under %s. They hold it for 15 minutes.", capital(what), when, under)
	}
	s.host("All set, then: %s, %s, under %s. Please come ten minutes early.", what, when, under)
	s.repeat("Ten minutes early, I'll pass that on.")
	return fmt.Sprintf("%s %s is booked under %s. They ask to come 10 minutes early.", capital(what), when, under)
}

func spelled(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return strings.ToUpper(strings.Join(strings.Split(first, ""), "-"))
}

func (s *scene) placeOrder() string {
	what := orElse(s.thing, "what is on the note")
	if s.verb == "order" && s.thing == "" {
		what = "the usual"
	}
	how, verb := "for pickup", "picked up"
	if strings.Contains(strings.ToLower(s.text), "deliver") {
		how, verb = "for delivery", "delivered"
	}
	s.agent("%s I'd like to order %s %s, please.", s.introduce(), what, joined(how, s.when))
	if s.outcome == outcomeNotAchieved {
		s.host("I'm sorry, we've stopped taking orders for today. The kitchen is full.")
		s.agent("Is there any way to get on the list for later?")
		s.host("Not today. We take orders again tomorrow from eleven.")
		return "They take no more orders today, so nothing was ordered. Orders are taken again tomorrow from 11am."
	}
	s.host("Sure. %s. Anything else with that?", capital(what))
	s.agent("No, that's everything.")
	if s.outcome == outcomePartial {
		s.host("Let me see. I have a part of it, the rest is sold out until tomorrow. Should I put through what I have?")
		s.agent("Yes, please put through what you have, and I'll tell them about the rest.")
		s.host("Done. It can be %s in half an hour%s.", verb, prefixed(", under ", s.name))
		return fmt.Sprintf("A part of the order was placed %s%s; the rest is sold out until tomorrow.", how, prefixed(" under ", s.name))
	}
	s.host("And the name for the order?")
	s.agent("%s.", orElse(s.name, "I wasn't given one; an AI assistant's order will do"))
	s.host("All right. That's 38 dollars and 50 cents, to be paid when it's %s. %s.", verb, capital(orElse(s.when, "in about 25 minutes")))
	s.repeat("38.50, %s, %s. Thank you.", how, orElse(s.when, "in about 25 minutes"))
	return fmt.Sprintf("Ordered %s %s%s. The total is $38.50, to be paid when it is %s.", what, joined(how, orElse(s.when, "in about 25 minutes")), prefixed(" under ", s.name), verb)
}

func (s *scene) cancel() string {
	what := orElse(s.thing, "the appointment")
	s.agent("%s I'd like to cancel %s, please.", s.introduce(), joined(what, s.when))
	if s.outcome == outcomeNotAchieved {
		s.host("I'm sorry, I can only cancel that for the customer in person, or through the link in the e-mail.")
		s.agent("I understand. I'll tell them to use the link.")
		return fmt.Sprintf("They do not cancel %s for a third party. The customer has to use the link in the confirmation e-mail.", what)
	}
	s.host("Sure, what name is it under?")
	s.agent("%s.", orElse(s.name, "I wasn't given a name, only what I told you"))
	s.host("Let me see. Yes, I have it%s.", prefixed(", ", s.when))
	if s.outcome == outcomePartial {
		s.host("I've put the cancellation in, but it's late notice, so a manager has to approve it without the fee.")
		s.agent("When will that be known?")
		s.host("By tomorrow. We'll send an e-mail.")
		return fmt.Sprintf("The cancellation of %s was taken down. A manager decides by tomorrow whether a late fee is due.", what)
	}
	s.host("It's cancelled, and there's no fee. The cancellation number is 4471.")
	s.repeat("4471, no fee. Thank you.")
	return fmt.Sprintf("%s%s was cancelled without a fee. The cancellation number is 4471.", capital(what), prefixed(" ", s.when))
}

var fromTo = regexp.MustCompile(`(?i)\bto\s+(.+?)(?:[.;!?]|$)`)

func (s *scene) reschedule() string {
	what, to := orElse(s.thing, "the appointment"), "another time"
	if m := fromTo.FindStringSubmatch(s.rest); m != nil {
		to = m[1]
	}
	s.agent("%s I'd like to move %s to %s, please.", s.introduce(), what, to)
	if s.outcome == outcomeNotAchieved {
		s.host("I'm sorry, there's nothing free then. It would have to stay where it is.")
		s.agent("Then please leave it as it is. I'll pass that on.")
		return fmt.Sprintf("Nothing is free for a move to %s, so %s stays as it was.", to, what)
	}
	s.host("Let me pull it up. What name is it under?")
	s.agent("%s.", orElse(s.name, "I wasn't given a name, only what I told you"))
	if s.outcome == outcomePartial {
		s.host("I can't promise %s yet. I'll put it on the waiting list and keep the old one until then.", to)
		s.agent("So the old one stands until you call. Thank you.")
		return fmt.Sprintf("%s stands as it was, and is on the waiting list for %s.", capital(what), to)
	}
	s.host("Yes, %s works. I've moved it.", to)
	s.agent("So %s is now %s.", what, to)
	s.host("Exactly.")
	return fmt.Sprintf("%s was moved to %s.", capital(what), to)
}

func (s *scene) confirm() string {
	what := joined(orElse(s.thing, "the appointment"), s.when)
	s.agent("%s I'd like to confirm %s%s.", s.introduce(), what, prefixed(", under ", s.name))
	s.host("One second, I'm looking.")
	switch s.outcome {
	case outcomeNotAchieved:
		s.host("I'm sorry, I don't see anything under that. Are you sure it was with us?")
		s.agent("That is what I was told. I'll let them know that you have nothing.")
		return fmt.Sprintf("They found nothing for %s, so it could not be confirmed.", what)
	case outcomePartial:
		s.host("I see it, but it's still marked as provisional. The person who confirms these is in tomorrow morning.")
		s.agent("So it exists, and it will be confirmed tomorrow morning?")
		s.host("It should be, yes.")
		return fmt.Sprintf("They have %s, but only as provisional. It should be confirmed tomorrow morning.", what)
	}
	s.host("Yes, I have it right here. It's confirmed.")
	s.agent("Is there anything to bring or to know?")
	s.host("No, just be on time.")
	return fmt.Sprintf("They have %s, and it is confirmed.", what)
}

func (s *scene) complain() string {
	about := strings.TrimPrefix(strings.TrimPrefix(s.rest, "about "), "that ")
	s.agent("%s I'm calling with a complaint about this: %s", s.introduce(), sentence(orElse(about, s.text)))
	s.host("I'm sorry to hear that. Let me write it down.")
	switch s.outcome {
	case outcomeNotAchieved:
		s.host("I'm afraid complaints have to come in writing, I can't take them by phone.")
		s.agent("Where should it be sent?")
		s.host("There's a form on our website.")
		return "They take complaints in writing only, through the form on their website. Nothing was recorded."
	case outcomePartial:
		s.agent("What will happen with it?")
		s.host("I can't promise anything. I'll put it on the manager's desk.")
		return "The complaint was written down for the manager. They promised no remedy and no date."
	}
	s.agent("What can you do about it?")
	s.host("I'll tell the manager today, and we'll make it right: a replacement or your money back, as you like. The case number is 2093.")
	s.repeat("2093, and a replacement or the money back. I'll pass that on.")
	return "They apologized and offer a replacement or a refund. The case number is 2093, and the manager hears of it today."
}

func (s *scene) passOn() string {
	msg := s.rest
	for _, p := range []string{"them ", "that ", "know that ", "know ", "saying ", "to say "} {
		msg = strings.TrimPrefix(msg, p)
	}
	s.agent("%s I have a message for you: %s", s.introduce(), sentence(orElse(msg, s.text)))
	switch s.outcome {
	case outcomeNotAchieved:
		s.host("You have the wrong person, and I can't take messages here.")
		s.agent("Is there somebody I could speak to instead?")
		s.host("Not today, sorry.")
		return "They would not take the message and named nobody else to speak to."
	case outcomePartial:
		s.host("I can write it down, but the person it's for is out until tomorrow.")
		s.agent("Please do, and see that they get it in the morning.")
		s.host("I'll leave a note.")
		return "The message was written down. The person it is for gets it tomorrow."
	}
	s.host("Thanks for letting us know. I'll tell everyone right away.")
	s.agent("So you have it all?")
	s.host("Yes: %s", sentence(uncapital(orElse(msg, s.text))))
	return "The message was passed on, and they repeated it correctly."
}

func (s *scene) runErrand() string {
	s.agent("%s I was asked to do the following: %s", s.introduce(), sentence(s.text))
	if !s.live {
		s.host("All right. Could you say that once more?")
		s.agent("Of course. %s", sentence(s.text))
	}
	switch s.outcome {
	case outcomeNotAchieved:
		s.host("I'm sorry, that's not something we can do.")
		s.agent("Do you know who could?")
		s.host("No, I'm afraid not.")
		return "They said that this is nothing they can do, and knew nobody who could."
	case outcomePartial:
		s.host("I can start on it, but I can't finish it today. Somebody will have to call again tomorrow.")
		s.agent("I'll pass that on.")
		return "They started on it but cannot finish it today. Somebody has to call again tomorrow."
	}
	s.host("Got it. Give me a moment. Yes, that's done.")
	s.agent("So everything is taken care of?")
	s.host("Yes, nothing else is needed from your side.")
	return "They took care of it and need nothing else."
}
