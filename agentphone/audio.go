package agentphone

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const sniffLength = 512

// audioType returns the media type of a body that starts with start: what the
// server says, if that is audio, else what the first bytes say, if the server
// says nothing in particular.
func audioType(contentType string, start []byte) (string, error) {
	if len(start) == 0 {
		return "", fmt.Errorf("%w: it is empty", ErrNotAudio)
	}
	declared, _, err := mime.ParseMediaType(contentType)
	if err != nil && declared == "" {
		declared, _, _ = strings.Cut(strings.ToLower(contentType), ";")
		declared = strings.TrimSpace(declared)
	}
	switch {
	case strings.HasPrefix(declared, "audio/") && len(declared) > len("audio/"):
		// Error pages of storage services come with the type of the object.
		if sniffed := http.DetectContentType(start); strings.HasPrefix(sniffed, "text/html") || strings.HasPrefix(sniffed, "text/xml") {
			return "", fmt.Errorf("%w: it says %s and is %s", ErrNotAudio, strconv.Quote(cut(declared, 60)), sniffed)
		}
		return declared, nil
	case declared == "", declared == "application/octet-stream", declared == "binary/octet-stream", declared == "application/ogg":
		if sniffed := sniffAudio(start); sniffed != "" {
			return sniffed, nil
		}
	}
	if declared == "" {
		return "", fmt.Errorf("%w: it has no type and no known beginning", ErrNotAudio)
	}
	return "", fmt.Errorf("%w: it is %s", ErrNotAudio, strconv.Quote(cut(declared, 60)))
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
