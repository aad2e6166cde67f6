package agentphonetest

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"io"
	"math"
	"net/http"
	"strings"
	"time"
)

const sampleRate = 8000 // Hz, 16 bits, mono: a telephone line

// recordingURL is on the host that r was sent to.
func recordingURL(r *http.Request, c *call) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + "/recordings/" + c.id + ".wav?signature=" + c.recordingSignature
}

func (s *Simulator) serveRecording(w http.ResponseWriter, r *http.Request) {
	id, isWAV := strings.CutSuffix(r.PathValue("file"), ".wav")
	s.mu.Lock()
	c, ok := s.calls[id]
	var (
		script   []line
		duration time.Duration
		ended    time.Time
		rec      recordingStory
	)
	if ok {
		elapsed := s.elapsed(c)
		signature := r.URL.Query().Get("signature")
		ok = isWAV && c.enriched(elapsed) && c.answered != never &&
			subtle.ConstantTimeCompare([]byte(signature), []byte(c.recordingSignature)) == 1
		script, duration, rec = c.script(), c.talkTime(elapsed), c.story.rec
		ended = s.time.clock(c.born + c.ended)
	}
	s.mu.Unlock()
	switch {
	case !ok || rec == recordingMissing || rec == recordingExpired:
		writeError(w, http.StatusNotFound, "recording_not_found", "The recording does not exist or has expired.")
	case rec == recordingNotAudio:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html>\n<title>Sign in</title><p>Sign in to listen to this recording.\n")
	default:
		w.Header().Set("Content-Type", "audio/wav")
		http.ServeContent(w, r, id+".wav", ended, bytes.NewReader(synthesize(script, duration)))
	}
}

// synthesize returns a WAV file of exactly duration, or of a second if there was
// hardly any, because players refuse an empty one: a phone rings, then each
// line of the script is said in the voice of its speaker, in vowels of tone. It
// is meant to be heard as a conversation, not to be understood.
func synthesize(script []line, duration time.Duration) []byte {
	duration = min(max(duration, time.Second), time.Hour)
	n := int(duration.Seconds() * sampleRate)
	samples := make([]float64, n)
	const ringing = 2 * time.Second
	position := 0
	if duration >= 10*time.Second {
		ring(samples[:int(ringing.Seconds()*sampleRate)])
		position = int((ringing + time.Second).Seconds() * sampleRate)
	}
	type sound struct {
		pitch float64
		vowel byte
	}
	periods := map[sound]*[tableSize]float64{}
	syllables := 0
	for _, l := range script {
		syllables += len(vowelsOf(l.text)) + pauseSyllables
	}
	if syllables > 0 {
		// Everybody talks as fast as the duration asks for, but not slower than
		// people do.
		per := min((n-position)/syllables, sampleRate*28/100)
		for _, l := range script {
			for _, vowel := range vowelsOf(l.text) {
				sound := sound{voiceOf(l.speaker), vowel}
				if periods[sound] == nil {
					periods[sound] = periodOf(sound.pitch, vowel)
				}
				say(samples[position:position+per], sound.pitch, periods[sound])
				position += per
			}
			position += pauseSyllables * per
		}
	}
	return wav(samples)
}

const pauseSyllables = 3 // between two lines

// ring is the North American ringback tone.
func ring(out []float64) {
	for i := range out {
		t := float64(i) / sampleRate
		out[i] = 0.15 * (math.Sin(2*math.Pi*440*t) + math.Sin(2*math.Pi*480*t))
	}
}

func voiceOf(speaker string) float64 {
	switch speaker {
	case agent:
		return 205
	case host:
		return 118
	}
	return 165 // machines
}

const vowels = "aeiouy"

// vowelsOf returns one vowel for each syllable of text, roughly.
func vowelsOf(text string) []byte {
	var out []byte
	inVowel := false
	for _, r := range strings.ToLower(text) {
		at := strings.IndexRune(vowels, r)
		if r >= '0' && r <= '9' || r > 0x7f {
			out, at = append(out, 'e'), -1
		} else if at >= 0 && !inVowel {
			out = append(out, vowels[at])
		}
		inVowel = at >= 0
	}
	return out
}

// formants are the first two resonances of the vocal tract, in Hz.
var formants = map[byte][2]float64{
	'a': {730, 1090}, 'e': {530, 1840}, 'i': {270, 2290}, 'o': {570, 840}, 'u': {300, 870}, 'y': {300, 2100},
}

// say fills out with a vowel at a pitch that falls a little, softened at both
// ends. period is one period of the sound.
func say(out []float64, pitch float64, period *[tableSize]float64) {
	phase := 0.0
	for i := range out {
		progress := float64(i) / float64(len(out))
		phase += pitch * (1.06 - 0.12*progress) / sampleRate
		phase -= math.Floor(phase)
		out[i] = period[int(phase*tableSize)%tableSize] * math.Sin(math.Pi*progress)
	}
}

const tableSize = 512

// periodOf is one period of a vowel in a voice.
func periodOf(pitch float64, vowel byte) *[tableSize]float64 {
	var period [tableSize]float64
	f := formants[vowel]
	for h := 1.0; h*pitch < 3400; h++ {
		gain := 0.22 * (resonance(h*pitch, f[0]) + 0.6*resonance(h*pitch, f[1]))
		for i := range period {
			period[i] += gain * math.Sin(2*math.Pi*h*float64(i)/tableSize)
		}
	}
	return &period
}

func resonance(f, centre float64) float64 {
	d := (f - centre) / 120
	return 1 / (1 + d*d)
}

func wav(samples []float64) []byte {
	size := uint32(len(samples) * 2) //nolint:gosec // an hour at most
	out := make([]byte, 0, 44+len(samples)*2)
	out = append(out, "RIFF"...)
	out = binary.LittleEndian.AppendUint32(out, 36+size)
	out = append(out, "WAVEfmt "...)
	out = binary.LittleEndian.AppendUint32(out, 16)
	out = binary.LittleEndian.AppendUint16(out, 1) // PCM
	out = binary.LittleEndian.AppendUint16(out, 1) // mono
	out = binary.LittleEndian.AppendUint32(out, sampleRate)
	out = binary.LittleEndian.AppendUint32(out, sampleRate*2)
	out = binary.LittleEndian.AppendUint16(out, 2)
	out = binary.LittleEndian.AppendUint16(out, 16)
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, size)
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(max(-1, min(1, s))*math.MaxInt16))) //nolint:gosec // clamped just here
	}
	return out
}
