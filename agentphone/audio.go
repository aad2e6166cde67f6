package agentphone

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const sniffLength = 512

// audioType returns the media type of a body that starts with start: what the server
// says, if that is audio and the first bytes do not say otherwise, else what the first
// bytes say, if the server names no type or one that may hold audio.
func audioType(contentType string, start []byte) (string, error) {
	if len(start) == 0 {
		return "", fmt.Errorf("%w: it is empty", ErrNotAudio)
	}
	declared, _, err := mime.ParseMediaType(contentType)
	if err != nil && declared == "" {
		declared, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		declared = strings.TrimSpace(declared)
	}
	sniffed := sniffAudio(start)
	switch {
	case audioToken.MatchString(declared):
		// Error pages of storage services come with the type of the object.
		if is := otherwise(start); sniffed == "" && is != "" {
			return "", fmt.Errorf("%w: it says %s and is %s", ErrNotAudio, strconv.Quote(cut(declared, 60)), is)
		}
		return declared, nil
	case containers[declared] && sniffed != "":
		return sniffed, nil
	case declared == "":
		return "", fmt.Errorf("%w: it has no type and no known beginning", ErrNotAudio)
	}
	return "", fmt.Errorf("%w: it is %s", ErrNotAudio, strconv.Quote(cut(declared, 60)))
}

// audioToken is a media type of audio: RFC 6838 allows these characters in a subtype.
var audioToken = regexp.MustCompile(`^audio/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$`)

// containers are the types that audio is served as beside its own.
var containers = map[string]bool{
	"": true, "application/octet-stream": true, "binary/octet-stream": true,
	"application/ogg": true, "video/ogg": true, "application/mp4": true, "video/mp4": true, "video/webm": true,
}

// otherwise is what a body is that does not begin like audio, such as a web page, JSON,
// a script or an image; "" if that cannot be told.
func otherwise(start []byte) string {
	is := http.DetectContentType(start)
	if strings.HasPrefix(is, "audio/") || containers[is] {
		return ""
	}
	if is == "text/plain; charset=utf-8" && !isUTF8(start) {
		return "" // what is called text here may be any bytes above 0x20, such as telephone audio
	}
	return is
}

// isUTF8 reports whether b is UTF-8 but for a last character that may be cut off.
func isUTF8(b []byte) bool {
	for n := 0; n < utf8.UTFMax && n < len(b); n++ {
		if utf8.Valid(b[:len(b)-n]) {
			return true
		}
	}
	return false
}

// sniffAudio knows recordings by their first bytes; "" for anything else.
func sniffAudio(b []byte) string {
	switch {
	case len(b) >= 12 && bytes.HasPrefix(b, []byte("RIFF")) && string(b[8:12]) == "WAVE":
		return "audio/wav"
	case bytes.HasPrefix(b, []byte("ID3")):
		return "audio/mpeg"
	// MPEG audio: eleven bits of frame sync, a version that exists, layer II or III
	// (layer I looks like a UTF-16 byte order mark), a bit rate and a sampling rate
	// that exist.
	case len(b) >= 3 && b[0] == 0xff && b[1]&0xe0 == 0xe0 && b[1]&0x18 != 0x08 && (b[1]&0x06 == 0x02 || b[1]&0x06 == 0x04) &&
		b[2]&0xf0 != 0xf0 && b[2]&0xf0 != 0 && b[2]&0x0c != 0x0c:
		return "audio/mpeg"
	case len(b) >= 2 && b[0] == 0xff && b[1]&0xf6 == 0xf0:
		return "audio/aac"
	case bytes.HasPrefix(b, []byte("OggS")):
		return "audio/ogg"
	case bytes.HasPrefix(b, []byte("fLaC")):
		return "audio/flac"
	case len(b) >= 12 && string(b[4:8]) == "ftyp":
		return "audio/mp4"
	case bytes.HasPrefix(b, []byte{0x1a, 0x45, 0xdf, 0xa3}) && bytes.Contains(b, []byte("webm")):
		return "audio/webm"
	case len(b) >= 12 && bytes.HasPrefix(b, []byte("FORM")) && (string(b[8:12]) == "AIFF" || string(b[8:12]) == "AIFC"):
		return "audio/aiff"
	}
	return ""
}
