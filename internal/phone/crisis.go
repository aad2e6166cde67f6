package phone

import "slices"

// Crisis lines must stay free for people in distress, and an automatic caller there
// does harm. These are large national ones, by the numbers that the organisations
// publish; to extend the list, see findahelpline.com and Wikipedia's "List of suicide
// crisis lines". Emergency numbers are not here: they come with the library's
// metadata.

// crisisCodes are dialled within their regions; without regions, everywhere: 116… are
// what the European Commission reserves in the whole union (Decision 2007/116/EC) and
// neighbours use too, 988 is what a North American dials from habit.
var crisisCodes = []struct {
	digits, service string
	regions         []string
}{
	{"116000", "the missing children hotline", nil},
	{"116006", "the helpline for victims of crime", nil},
	{"116016", "the violence against women helpline", nil},
	{"116111", "the child helpline", nil},
	{"116117", "the medical on-call service", nil},
	{"116123", "the emotional support helpline (Samaritans, TelefonSeelsorge)", nil},
	{"988", "the 988 Suicide & Crisis Lifeline", nil},
	{"741741", "Crisis Text Line", []string{"US", "PR"}},
	{"686868", "Kids Help Phone", []string{"CA"}},
	{"838255", "the Veterans Crisis Line", []string{"US"}},
	{"85258", "Shout", []string{"GB"}},
	{"111", "the NHS urgent care line", []string{"GB"}},
	{"1737", "Need to talk?", []string{"NZ"}},
	{"131114", "Lifeline", []string{"AU"}},
	{"19222", "the ambulance dispatch", []string{"DE"}}, // behind an area code, like the next
	{"19240", "the poison information centre", []string{"DE"}},
	{"142", "TelefonSeelsorge", []string{"AT"}},
	{"147", "the children's helpline", []string{"AT", "CH", "LI"}},
	{"143", "Die Dargebotene Hand", []string{"CH", "LI"}},
	{"3114", "the suicide prevention line", []string{"FR", "GP", "MQ", "GF", "RE", "YT"}},
	{"3919", "the violence against women line", []string{"FR"}},
	{"119", "the child protection line", []string{"FR"}},
	{"024", "the suicide prevention line", []string{"ES"}},
	{"016", "the gender violence line", []string{"ES"}},
	{"19696", "Telefono Azzurro", []string{"IT"}},
	{"114", "the children's emergency line", []string{"IT"}},
	{"113", "113 Zelfmoordpreventie", []string{"NL"}},
	{"1813", "Zelfmoordlijn", []string{"BE"}},
	{"106", "Tele-Onthaal", []string{"BE"}},
	{"107", "Télé-Accueil", []string{"BE"}},
	{"90101", "Självmordslinjen", []string{"SE"}},
	{"188", "CVV", []string{"BR"}},
	{"135", "the suicide prevention line", []string{"AR"}},
	{"14416", "Tele-MANAS", []string{"IN"}},
	{"1098", "Childline", []string{"IN"}},
	{"109", "the suicide prevention line", []string{"KR"}},
	{"1393", "the suicide prevention line", []string{"KR"}},
	{"1767", "Samaritans of Singapore", []string{"SG"}},
	{"1717", "the Red Cross helpline", []string{"IS"}},
	{"1201", "ERAN", []string{"IL"}},
}

func crisisCode(digits, region string) (string, bool) {
	for _, line := range crisisCodes {
		if line.digits == digits && (line.regions == nil || slices.Contains(line.regions, region)) {
			return line.service, true
		}
	}
	return "", false
}

// crisisNumbers are full numbers.
var crisisNumbers = map[string]string{
	"+18002738255": "the 988 Suicide & Crisis Lifeline",
	"+18007842433": "the 988 Suicide & Crisis Lifeline (1-800-SUICIDE)",
	"+18007997233": "the National Domestic Violence Hotline",
	"+18006564673": "the National Sexual Assault Hotline",
	"+18664887386": "The Trevor Project",
	"+18004224453": "Childhelp",
	"+18006624357": "the SAMHSA helpline",
	"+18002221222": "Poison Control",
	"+18334564566": "Talk Suicide Canada",
	"+18006686868": "Kids Help Phone",

	"+448457909090":  "Samaritans",
	"+44116123":      "Samaritans",
	"+448001111":     "Childline",
	"+448000684141":  "Papyrus HOPELINE247",
	"+448082000247":  "the National Domestic Abuse Helpline",
	"+3531800247247": "Pieta",

	"+61131114":     "Lifeline",
	"+611300224636": "Beyond Blue",
	"+611800551800": "Kids Helpline",
	"+611800737732": "1800RESPECT",
	"+611300659467": "the Suicide Call Back Service",
	"+64800543354":  "Lifeline",
	"+64508828865":  "the Suicide Crisis Helpline",
	"+64800726666":  "Samaritans",

	"+498001110111": "TelefonSeelsorge",
	"+498001110222": "TelefonSeelsorge",
	"+498001110333": "Nummer gegen Kummer",
	"+33972394050":  "SOS Amitié",
	"+390223272327": "Telefono Amico",
	"+34717003717":  "Teléfono de la Esperanza",
	"+318000113":    "113 Zelfmoordpreventie",
	"+3280032123":   "Zelfmoordlijn",
	"+4570201201":   "Livslinien",
	"+358925250111": "the Finnish crisis helpline",

	"+81120061338":   "#いのちSOS",
	"+81120783556":   "Inochi no Denwa",
	"+81120279338":   "Yorisoi Hotline",
	"+81357740992":   "TELL Lifeline",
	"+85228960000":   "The Samaritans Hong Kong",
	"+6518002214444": "Samaritans of Singapore",
	"+919820466726":  "AASRA",
	"+919999666555":  "the Vandrevala Foundation",
	"+9118008914416": "Tele-MANAS",
	"+9118005990019": "KIRAN",
	"+27800567567":   "SADAG",
	"+27861322322":   "LifeLine",
	"+528009112000":  "Línea de la Vida",
	"+525552598121":  "SAPTEL",
}
