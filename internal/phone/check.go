package phone

import (
	"slices"

	"github.com/nyaruka/phonenumbers"
)

// Check says whether n may be dialled: nil, or an *Error. It refuses what must never
// be called from here, whatever is configured, and what is in a region that c does
// not allow.
func (n Number) Check(c Countries) error {
	if err := n.never(); err != nil {
		return err
	}
	if err := n.notAllowed(c); err != nil {
		return err
	}
	return nil
}

// never is the half of Check that no configuration changes.
func (n Number) never() *Error {
	if n.IsZero() {
		return &Error{Kind: KindInvalid}
	}
	parsed := n.parsed()
	refusal := &Error{Typed: inFull(parsed)}
	refusal.Region = regionOf(parsed)
	refusal.Country = countryName(refusal.Region)

	digits := n.e164[1:]
	if service, ok := crisisNumbers[n.e164]; ok {
		refusal.Kind, refusal.Service = KindCrisis, service
		return refusal
	}
	if kind, service := emergencyForm(digits, true, "", false); kind != 0 {
		refusal.Kind, refusal.Service = kind, service
		return refusal
	}
	if kind := kindOfNetwork(digits); kind != 0 {
		refusal.Kind = kind
		return refusal
	}
	if !isValid(parsed) {
		return explainParsed(parsed, n.e164)
	}
	if kind, service := behindAreaCode(parsed, refusal.Region); kind != 0 {
		refusal.Kind, refusal.Service = kind, service
		return refusal
	}
	if refusal.Kind = kindOfType(parsed, refusal.Region); refusal.Kind != 0 {
		return refusal
	}
	return nil
}

// behindAreaCode knows emergency numbers and crisis lines that have an area code in
// front: where numbers have no fixed length the library takes +49 30 110 for a line in
// Berlin, and some of them do reach a dispatcher there (19222).
func behindAreaCode(parsed *phonenumbers.PhoneNumber, region string) (Kind, string) {
	national := phonenumbers.GetNationalSignificantNumber(parsed)
	area := phonenumbers.GetLengthOfGeographicalAreaCode(parsed)
	if area == 0 || area >= len(national) {
		return 0, ""
	}
	kind, service := shortNumber(national[area:], []string{region})
	if kind != KindEmergency && kind != KindCrisis {
		return 0, ""
	}
	return kind, service
}

// globalNetworks are country codes of no country (ITU-T E.164, annex D; Operational
// Bulletin, list of country codes). +871 to +874 were Inmarsat's, one for each ocean.
// +800, freephone in many countries, may be called if "001" is allowed.
var globalNetworks = map[int]Kind{
	808: KindSharedCost,
	870: KindGlobalNetwork, 871: KindGlobalNetwork, 872: KindGlobalNetwork,
	873: KindGlobalNetwork, 874: KindGlobalNetwork, 875: KindGlobalNetwork,
	876: KindGlobalNetwork, 877: KindGlobalNetwork,
	878: KindGlobalNetwork,                         // universal personal telecommunications
	881: KindGlobalNetwork,                         // satellite systems
	882: KindGlobalNetwork, 883: KindGlobalNetwork, // international networks
	888: KindGlobalNetwork, // disaster relief
	979: KindPremiumRate,   // international premium rate service
	991: KindGlobalNetwork, // trial of an international service
}

// kindOfNetwork refuses by the country code alone.
func kindOfNetwork(digits string) Kind {
	if len(digits) < 3 {
		return 0
	}
	code := 0
	for i := range 3 {
		code = code*10 + int(digits[i]-'0')
	}
	return globalNetworks[code]
}

// kindOfType refuses by what kind of line a valid number is.
func kindOfType(parsed *phonenumbers.PhoneNumber, region string) Kind {
	if isNorthAmericanPremium(parsed) {
		return KindPremiumRate
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.PREMIUM_RATE:
		return KindPremiumRate
	case phonenumbers.SHARED_COST:
		if !slices.Contains(normalRateSharedCost, region) {
			return KindSharedCost
		}
	case phonenumbers.PAGER:
		return KindPager
	case phonenumbers.VOICEMAIL:
		return KindVoicemail
	case phonenumbers.PERSONAL_NUMBER:
		// 070 in Britain, 0700 in Germany, 199 in Italy, 5XX in North America: they look
		// like a mobile or a company's number, cost more than either, and end anywhere,
		// on a satellite telephone too (Ofcom, Review of the 070 number range, 2018).
		return KindPersonal
	default:
	}
	return 0
}

// isNorthAmericanPremium knows what country code 1 bills to whoever calls: area code
// 900, exchange 976 in every area code but the toll-free ones (NANPA, "900-NXX" and
// "976 numbers"), and directory assistance, 555-1212 behind any area code. To the
// library the last two are ordinary lines. Other exchanges were premium in single cities
// once (540 and 550 in New York); they are not in one list that holds everywhere, so they
// stay what the library says.
func isNorthAmericanPremium(parsed *phonenumbers.PhoneNumber) bool {
	if parsed.GetCountryCode() != phonenumbers.NANPA_COUNTRY_CODE {
		return false
	}
	national := parsed.GetNationalNumber()
	area, exchange := national/10_000_000, national/10_000%1000
	billed := exchange == 976 || national%10_000_000 == directoryAssistance
	return area == 900 || billed && phonenumbers.GetNumberType(parsed) != phonenumbers.TOLL_FREE
}

const directoryAssistance = 5551212

// normalRateSharedCost are the regions where a shared-cost number costs its caller no
// more than a call to an ordinary line does, and is what businesses use: 13 and 1300 in
// Australia, 4004 in Brazil, 400 in China, 1860 in India, 0860 in South Africa and the
// like. Everywhere else shared cost means a surcharge (Germany's 0180, Austria's 0820,
// France's 082, 084 of Switzerland) or nobody publishes what it means, and is refused.
var normalRateSharedCost = []string{
	"AU", "CC", "CX", "BG", "BR", "CL", "CN", "CZ", "IL", "IN", "PS", "PT", "SA", "SE", "ZA",
}
