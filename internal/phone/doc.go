// Package phone finds dialable telephone numbers in what people type, describes
// them, and says which of them must never be called.
//
// # Reading
//
// [Find] reads one number at the start of a text and hands back the rest of the
// text byte for byte. People paste numbers from web pages, mails and contact
// cards, so a text is read through a folding that makes full-width digits plain,
// gives every dash and space one form, and does not see zero-width and
// bidirectional controls. Only the number is read that way; the rest is never
// rewritten.
//
// A number may end only where a person would end it: at the end of a group of
// digits, followed by a space, by punctuation or by letters, never between two
// digits and never before a hyphen, dot or slash that has a digit behind it. Each
// such end whose digits are a valid number is a reading.
//
//   - One reading: that is the number. "(415) 555-0132 2 people" ends after 0132
//     because no longer reading is valid.
//   - Several readings: the writing decides if it can. A comma, colon, line break
//     or the end of the text closes a number; a word such as "7pm", "2x" or "7:30"
//     is not a group of digits; a number written exactly as its country writes it
//     ("+46 8 123 456 78") beats the beginning of it that happens to be valid too;
//     a beginning that would leave "56 78 …" or "5678 …" for a text is no reading.
//   - Otherwise ("+49 30 1234567 2 Personen": Berlin has numbers of either length)
//     nothing is guessed: the error is [KindAmbiguous] and offers the readings.
//   - None: the error says why, and carries a corrected form where there is one.
//
// Letters are read as a keypad's only where digits alone make no number, and only
// where they complete one exactly: 1-800-FLOWERS.
//
// Quotes around the whole rest are taken off, one pair, straight or typographic,
// and only if the same quotes do not occur inside; so are one comma, colon,
// semicolon or dash between the number and the rest.
//
// # Refusing
//
// [Number.Check] knows what must never be dialled ([KindEmergency], [KindCrisis],
// [KindShortCode], [KindPremiumRate], [KindSharedCost], [KindGlobalNetwork],
// [KindVoicemail], [KindPager], [KindPersonal], and what is no valid number) and what is not
// allowed here ([KindCountryNotAllowed]). Find applies the first half by itself,
// so that no caller can forget it; Check is to be asked again whenever time has
// passed, since metadata and configuration change.
//
// Invariants: a number that Find returns passes Check with every country allowed,
// and ParseE164 reads it back as the same Number. Found.Rest and Found.Typed are
// parts of the text. Nothing here panics, whatever the text.
//
// # Why
//
// Why not hand the text to the library's parser? It takes a whole string for one
// number, so it would swallow the 2 of "2 people" or turn letters of the objective
// into digits. We decide where numbers end and ask the library only about digits.
//
// Why is an emergency number looked for in so many spellings, when no valid number
// equals one? Because the refusal has to say so: a person who types 911 needs to
// read "call it from a phone", not "too short". And what dials is a provider whose
// own checks we cannot see.
//
// Why is the library's prefix match (anything that begins with 911 reaches 911)
// not used? A call is placed by its full international number, where the leading
// digits are the country's, so it would refuse ordinary numbers (Madrid's begin
// with 91) and protect nobody.
//
// Why the region and not the country code? +1 809 is the Dominican Republic at its
// own price, though it looks like a number in the United States.
package phone
