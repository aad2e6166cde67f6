package agentphonetest

// Converse is the end of a call without the HTTP around it, for fuzzing.
func Converse(number, objective, business string) Call {
	c := newCall("id", number, objective, business, "", false)
	return Call{Transcript: scriptText(c.script()), Summary: c.summary, Duration: c.ended - c.answered}
}
