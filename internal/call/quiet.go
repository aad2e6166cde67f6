package call

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// Hours are the quiet hours of a day, in the called party's time: nobody is called in
// them unless somebody says so twice. The zero value is off.
type Hours struct {
	from, to int // minutes after midnight; quiet from the first up to, not including, the second
}

const minutesOfDay = 24 * 60

// ParseHours reads "21:00-08:00", which may go over midnight, or "off".
func ParseHours(s string) (Hours, error) {
	s = strings.TrimSpace(s)
	if strings.EqualFold(s, "off") {
		return Hours{}, nil
	}
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		return Hours{}, fmt.Errorf("%q is no span of hours", s)
	}
	var h Hours
	for _, end := range []struct {
		text string
		at   *int
	}{{from, &h.from}, {to, &h.to}} {
		hour, minute, ok := strings.Cut(strings.TrimSpace(end.text), ":")
		n, errHour := strconv.ParseUint(hour, 10, 8)
		m, errMinute := strconv.ParseUint(minute, 10, 8)
		if !ok || errHour != nil || errMinute != nil || len(minute) != 2 || n > 24 || m > 59 || n == 24 && m > 0 {
			return Hours{}, fmt.Errorf("%q is no time of day", strings.TrimSpace(end.text))
		}
		*end.at = int(n*60+m) % minutesOfDay
	}
	if h.from == h.to {
		return Hours{}, fmt.Errorf("%q leaves no time, or all of it", s)
	}
	return h, nil
}

// Off reports whether there are none.
func (h Hours) Off() bool { return h.from == h.to }

// String is what [ParseHours] reads.
func (h Hours) String() string {
	if h.Off() {
		return "off"
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.from/60, h.from%60, h.to/60, h.to%60)
}

// quiet reports whether it is quiet by a clock that shows t.
func (h Hours) quiet(t time.Time) bool {
	now := t.Hour()*60 + t.Minute()
	if h.from < h.to {
		return h.from <= now && now < h.to
	}
	return !h.Off() && (now >= h.from || now < h.to)
}

// Quiet is what quiet hours mean for a number at a moment.
type Quiet string

// What it can be. Only [QuietEverywhere] keeps a call back.
const (
	NotQuiet        Quiet = "no"
	MaybeQuiet      Quiet = "maybe"   // in some of the zones that the number may be in
	QuietUnknown    Quiet = "unknown" // no zone is known
	QuietEverywhere Quiet = "yes"     // in each of them
)

// At tells whether it is quiet where a number is, at a moment.
func (h Hours) At(d phone.Description, at time.Time) Quiet {
	if h.Off() {
		return NotQuiet
	}
	zones := locations(d.Zones)
	n := 0
	for _, zone := range zones {
		if h.quiet(at.In(zone)) {
			n++
		}
	}
	switch {
	case len(zones) == 0:
		return QuietUnknown
	case n == 0:
		return NotQuiet
	case n < len(zones):
		return MaybeQuiet
	}
	return QuietEverywhere
}

// Next is the first moment from at on when the number may be called: when it is quiet in
// none of its zones or, where their days have no hour in common, not in all of them.
func (h Hours) Next(d phone.Description, at time.Time) time.Time {
	some := time.Time{}
	for _, t := range append([]time.Time{at}, h.turns(d, at)...) {
		switch h.At(d, t) {
		case NotQuiet, QuietUnknown:
			return t
		case MaybeQuiet:
			if some.IsZero() && h.At(d, at) == QuietEverywhere {
				some = t
			}
		case QuietEverywhere:
		}
	}
	if some.IsZero() {
		return at
	}
	return some
}

// Changes is the first moment after at when [Hours.At] tells something else; the zero
// time if there is none within days.
func (h Hours) Changes(d phone.Description, at time.Time) time.Time {
	before := h.At(d, at)
	for _, t := range h.turns(d, at) {
		if h.At(d, t) != before {
			return t
		}
	}
	return time.Time{}
}

// horizon is how far turns looks. Every zone has each hour of the day at least once in it.
const horizon = 50 * time.Hour

// turns are the moments after at when quiet hours begin or end in a zone, in order. A
// clock that is put forward or back may begin or end them too.
func (h Hours) turns(d phone.Description, at time.Time) []time.Time {
	if h.Off() {
		return nil
	}
	var list []time.Time
	end := at.Add(horizon)
	for _, zone := range locations(d.Zones) {
		for from := at; from.Before(end); {
			local := from.In(zone)
			_, until := local.ZoneBounds() // the clock goes evenly up to here
			if until.IsZero() || until.After(end) {
				until = end
			}
			midnight := local.Add(-time.Duration(local.Hour()*60+local.Minute())*time.Minute - time.Duration(local.Second())*time.Second - time.Duration(local.Nanosecond()))
			for day := range 4 {
				for _, minute := range []int{h.from, h.to} {
					t := midnight.Add(time.Duration(day*minutesOfDay+minute) * time.Minute)
					if t.After(at) && !t.Before(from) && t.Before(until) {
						list = append(list, t)
					}
				}
			}
			from = until
			list = append(list, from)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return slices.CompactFunc(list, time.Time.Equal)
}

// read keeps the zones that were read: a number without a place may be in dozens.
var read sync.Map // name to *time.Location

func locations(names []string) []*time.Location {
	list := make([]*time.Location, 0, len(names))
	for _, name := range names {
		if l, ok := read.Load(name); ok {
			list = append(list, l.(*time.Location)) //nolint:forcetypeassert // nothing else is kept
			continue
		}
		l, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		read.Store(name, l)
		list = append(list, l)
	}
	return list
}

// TimeThere is the time of day where a number is, in words behind "It is": "3:12 AM in
// Tokyo", or a span where it may be in several zones. It is "" if no zone is known.
func TimeThere(d phone.Description, at time.Time) string { return there(d, at, clockFormat) }

// DayThere is TimeThere with the day: "Wed, Nov 25, 3:12 AM in Tokyo".
func DayThere(d phone.Description, at time.Time) string {
	return there(d, at, dayFormat+clockFormat)
}

func there(d phone.Description, at time.Time, format string) string {
	zones := locations(d.Zones)
	if len(zones) == 0 {
		return ""
	}
	first, last := at.In(zones[0]), at.In(zones[0])
	for _, zone := range zones[1:] {
		t := at.In(zone)
		if offset(t) < offset(first) {
			first = t
		}
		if offset(t) > offset(last) {
			last = t
		}
	}
	if offset(first) == offset(last) {
		return first.Format(format) + where(d)
	}
	return "between " + first.Format(format) + " and " + last.Format(format) + where(d) + ", depending on where the number is"
}

const (
	clockFormat = "3:04 PM"
	dayFormat   = "Mon, Jan 2, "
)

func offset(t time.Time) int {
	_, seconds := t.Zone()
	return seconds
}

// where is the place behind a time of day.
func where(d phone.Description) string {
	switch {
	case d.Place != "":
		return " in " + d.Place
	case !d.Geographic || d.Country == "":
		return " there"
	case strings.HasPrefix(d.Country, "United "), slices.Contains(withArticle, d.Country):
		return " in the " + d.Country
	}
	return " in " + d.Country
}

var withArticle = []string{"Bahamas", "Cayman Islands", "Czech Republic", "Dominican Republic", "Maldives", "Netherlands", "Philippines"}

// ClockThere names a moment by a clock where the number is: "8:00 AM their time", or
// "8:00 AM Honolulu time" of one of several zones, the one where it is earliest.
func ClockThere(d phone.Description, at time.Time) string { return nameThere(d, at, clockFormat) }

// DateThere is ClockThere with the day: "Wed, Nov 25, 8:00 AM their time".
func DateThere(d phone.Description, at time.Time) string {
	return nameThere(d, at, dayFormat+clockFormat)
}

func nameThere(d phone.Description, at time.Time, format string) string {
	zones := locations(d.Zones)
	if len(zones) == 0 {
		return at.UTC().Format(format) + " UTC"
	}
	earliest, one := at.In(zones[0]), true
	for _, zone := range zones[1:] {
		t := at.In(zone)
		one = one && offset(t) == offset(earliest)
		if offset(t) < offset(earliest) {
			earliest = t
		}
	}
	if one {
		return earliest.Format(format) + " their time"
	}
	city := earliest.Location().String()
	city = strings.ReplaceAll(city[strings.LastIndex(city, "/")+1:], "_", " ")
	return earliest.Format(format) + " " + city + " time"
}

// quietHours reports why a number is not called at a moment, or nil. then is what the
// person can do.
func (r Rules) quietHours(q Request, at time.Time, then string) error {
	d := q.Number.Describe()
	if r.Quiet.At(d, at) != QuietEverywhere {
		return nil
	}
	return Errorf(RefusedCode, "It is %s. Nobody is called there before %s, unless somebody decides to. %s",
		TimeThere(d, at), ClockThere(d, r.Quiet.Next(d, at)), then)
}
