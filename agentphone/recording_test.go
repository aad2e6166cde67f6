package agentphone_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

var wavStart = append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), make([]byte, 100)...)

// audioServer serves h; recordings are at its own host.
func audioServer(t *testing.T, h http.HandlerFunc, opts ...agentphone.Option) (*agentphone.Client, string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return client(t, s.URL, opts...), s.URL
}

func recordingError(t *testing.T, err error) *agentphone.RecordingError {
	t.Helper()
	var e *agentphone.RecordingError
	if !errors.As(err, &e) {
		t.Fatalf("not a RecordingError: %v", err)
	}
	return e
}

func TestRecordingsOfTheSimulator(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t, agentphonetest.WithSpeed(1e6), agentphonetest.WithRate(0, 0))
	c := client(t, s.URL)
	for number, want := range map[string]struct {
		reason agentphone.RecordingReason
		err    error
	}{
		ordinary:       {},
		"+14155550109": {reason: agentphone.RecordingGone},
		"+14155550110": {reason: agentphone.RecordingUnacceptable, err: agentphone.ErrNotAudio},
	} {
		created, err := c.CreateCall(t.Context(), request(number))
		if err != nil {
			t.Fatal(err)
		}
		var call *agentphone.Call
		for call == nil || call.RecordingURL == "" {
			if call, err = c.GetCall(t.Context(), created.ID); err != nil {
				t.Fatal(err)
			}
		}
		rec, err := c.Recording(t.Context(), call.RecordingURL)
		if want.reason != "" {
			if e := recordingError(t, err); e.Reason != want.reason || (want.err != nil && !errors.Is(err, want.err)) {
				t.Errorf("%s: %v", number, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		audio, err := io.ReadAll(rec.Body)
		if err != nil || int64(len(audio)) != rec.Size || rec.ContentType != "audio/wav" || !bytes.HasPrefix(audio, []byte("RIFF")) {
			t.Errorf("%d bytes of %d, %s, %v", len(audio), rec.Size, rec.ContentType, err)
		}
		if got := (time.Duration(len(audio)-44) * time.Second / 16000).Round(time.Second); got != call.Duration {
			t.Errorf("recording of %v for a call of %v", got, call.Duration)
		}
		if err := rec.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, r := range s.Requests() {
		if strings.HasPrefix(r.Path, "/recordings/") && r.Header.Get("X-Api-Key") != "" {
			t.Errorf("the key was sent to %s", r.Path)
		}
	}
}

func TestARecordingRequestCarriesNothingOfOurs(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	hc := &http.Client{Jar: jar}
	c, base := audioServer(t, func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"X-Api-Key", "Authorization", "Cookie", "Referer"} {
			if got := r.Header.Get(name); got != "" {
				t.Errorf("%s: %s = %s", r.URL.Path, name, got)
			}
		}
		if strings.Contains(r.RequestURI, testKey) {
			t.Errorf("the key is in %s", r.RequestURI)
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		if r.URL.Path == "/a" {
			http.Redirect(w, r, "/b", http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "audio/mpeg; codecs=mp3")
		_, _ = w.Write([]byte("ID3 and so on"))
	}, agentphone.WithHTTPClient(hc))
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: "1"}}) //nolint:gosec // a jar would send this one over http
	rec, err := c.Recording(t.Context(), base+"/a")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rec.Body.Close() }()
	if got, err := io.ReadAll(rec.Body); err != nil || string(got) != "ID3 and so on" || rec.ContentType != "audio/mpeg" || rec.Size != 13 {
		t.Errorf("%q %v %+v", got, err, rec)
	}
}

func TestRecordingAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	var hits int
	other := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer other.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer plain.Close()
	_, port, err := net.SplitHostPort(other.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	refused := []string{
		"", "x", "/relative", "//example.com/a.wav", "file:///etc/passwd", "data:audio/wav;base64,AA==", "ftp://example.com/a.wav", "http://example.com/a.wav",
		"https://u:p@example.com/a.wav", "https://", "https:///a.wav", "https://%zz/", "http://127.0.0.1:1/x", plain.URL,
		other.URL + "/a.wav", "https://localhost:" + port, "https://[::1]:" + port, "https://[::ffff:127.0.0.1]:" + port, "https://0.0.0.0:" + port,
		"https://10.1.2.3/", "https://192.168.0.1/", "https://172.16.0.1", "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[64:ff9b::7f00:1]/", "https://224.0.0.1/",
		"https://example.com/?k=" + url.QueryEscape(testKey),
	}
	c, base := audioServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	}, agentphone.WithHTTPClient(other.Client()))
	for _, u := range refused {
		urls := []string{u}
		if strings.Contains(u, "://") {
			urls = append(urls, base+"/?to="+url.QueryEscape(u)) // by a redirect
		}
		for _, u := range urls {
			rec, err := c.Recording(t.Context(), u)
			if err == nil {
				_ = rec.Body.Close()
				t.Errorf("%s: accepted", u)
				continue
			}
			if e := recordingError(t, err); e.Reason == agentphone.RecordingTransient || (e.Reason == agentphone.RecordingUnacceptable && !errors.Is(err, agentphone.ErrAddressRefused)) {
				t.Errorf("%s: %s: %v", u, e.Reason, err)
			}
			if strings.Contains(err.Error(), testKey) {
				t.Errorf("the key is in %v", err)
			}
		}
	}
	if hits != 0 {
		t.Errorf("%d requests arrived", hits)
	}
}

func TestARedirectLoopEnds(t *testing.T) {
	t.Parallel()
	n := 0
	c, base := audioServer(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		http.Redirect(w, r, "/again", http.StatusFound)
	})
	_, err := c.Recording(t.Context(), base)
	if e := recordingError(t, err); e.Reason != agentphone.RecordingUnacceptable || n > 10 {
		t.Errorf("%d requests: %v", n, err)
	}
}

func TestTheDialerRefusesWhatANameResolvesTo(t *testing.T) {
	t.Parallel()
	for address, public := range map[string]bool{
		"93.184.215.14:443":             true,
		"[2606:2800:21f:cb07::1]:443":   true,
		"[64:ff9b::5db8:d70e]:443":      true, // NAT64 of a public address
		"127.0.0.1:443":                 false,
		"[::ffff:10.0.0.1]:443":         false,
		"[64:ff9b::a00:1]:443":          false,
		"[fe80::1%eth0]:443":            false,
		"[2606:2800:21f:cb07::1%1]:443": false,
		"localhost:443":                 false,
		"":                              false,
	} {
		err := agentphone.RefuseNonPublic(t.Context(), "tcp", address, nil)
		if (err == nil) != public || (err != nil && !errors.Is(err, agentphone.ErrAddressRefused)) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1", "192.0.1.1", "198.20.0.0", "223.255.255.255", "2001:4860:4860::8888", "2a00::1", "2002:808:808::1", "64:ff9b::808:808", "::ffff:8.8.8.8"} {
		if !agentphone.IsPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is public", s)
		}
	}
	for _, s := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b::c0a8:1", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::", "3fff::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "ff02::1", "4000::1",
	} {
		if agentphone.IsPublic(netip.MustParseAddr(s)) {
			t.Errorf("%s is not public", s)
		}
	}
	if agentphone.IsPublic(netip.Addr{}) {
		t.Error("the zero address is not public")
	}
}

func TestRecordingStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]agentphone.RecordingReason{
		204: agentphone.RecordingUnacceptable, 206: agentphone.RecordingUnacceptable, 304: agentphone.RecordingGone,
		400: agentphone.RecordingGone, 401: agentphone.RecordingGone, 403: agentphone.RecordingGone, 404: agentphone.RecordingGone, 410: agentphone.RecordingGone,
		408: agentphone.RecordingTransient, 425: agentphone.RecordingTransient, 429: agentphone.RecordingTransient, 500: agentphone.RecordingTransient, 503: agentphone.RecordingTransient,
	} {
		c, base := audioServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.Header().Set("Content-Type", "audio/wav")
			w.WriteHeader(status)
		})
		_, err := c.Recording(t.Context(), base)
		e := recordingError(t, err)
		if e.Reason != want || e.StatusCode != status || (want == agentphone.RecordingTransient && e.RetryAfter != 7*time.Second) {
			t.Errorf("%d: %+v", status, e)
		}
	}
	s := httptest.NewServer(nil)
	base := s.URL
	s.Close()
	_, err := client(t, base).Recording(t.Context(), base)
	if e := recordingError(t, err); e.Reason != agentphone.RecordingTransient {
		t.Errorf("nobody there: %v", err)
	}
}

func TestWhatCountsAsAudio(t *testing.T) {
	t.Parallel()
	webm := "\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm"
	for _, tt := range []struct{ declared, start, want string }{
		{"audio/wav", string(wavStart), "audio/wav"},
		{"Audio/MPEG; charset=x", "\x00\x01any\x02thing", "audio/mpeg"},
		{"audio/x-raw", string(bytes.Repeat([]byte{0}, 600)), "audio/x-raw"},
		{"application/mp4", "\x00\x00\x00\x20ftypM4A ", "audio/mp4"},
		{"video/mp4", "\x00\x00\x00\x20ftypisom", "audio/mp4"},
		{"video/ogg", "OggS\x00", "audio/ogg"},
		{"video/webm", webm, "audio/webm"},
		{"audio/basic", "\xff\xff\xff", "audio/basic"},
		{"", string(wavStart), "audio/wav"},
		{"application/octet-stream", "ID3\x04", "audio/mpeg"},
		{"binary/octet-stream", "\xff\xfb\x90\x00", "audio/mpeg"},
		{"application/octet-stream", "\xff\xf1\x50\x80", "audio/aac"},
		{"application/octet-stream", "OggS\x00", "audio/ogg"},
		{"application/ogg", "OggS\x00", "audio/ogg"},
		{"application/octet-stream", "fLaC\x00", "audio/flac"},
		{"application/octet-stream", "\x00\x00\x00\x20ftypM4A ", "audio/mp4"},
		{"application/octet-stream", webm, "audio/webm"},
		{"application/octet-stream", "FORM\x00\x00\x00\x00AIFF", "audio/aiff"},
		{"application/octet-stream", "RIFF\x00\x00\x00\x00AVI ", ""},
		{"application/octet-stream", "\xff\xfe\x00\x00", ""}, // a UTF-16 text
		{"application/octet-stream", "MZ", ""},
		{"", "<html>", ""},
		{"audio/", "RIFF", ""},
		{"audio/wav", "<!DOCTYPE html><html>", ""},
		{"audio/wav", "<?xml version='1.0'?><Error>", ""},
		{"audio/wav", "", ""},
		{"text/html", string(wavStart), ""},
		{"application/json", "{}", ""},
		{"image/png", string(wavStart), ""},
		{"video/mp4", "\x00\x01\x02\x03", ""},
		{"audio/wav", `{"error": "expired"}`, ""},
		{"audio/mpeg", "\n [1, 2]", ""},
		{"audio/mpeg", "window.location = '/login'", ""},
		{"audio/mpeg", "/* */ function x() {}", ""},
		{"audio/mpeg", "\xef\xbb\xbf<html>", ""},
		{"audio/mpeg", "\xff\xfe<\x00h\x00t\x00m\x00l\x00", ""},
		{"audio/mpeg", "\x89PNG\r\n\x1a\n", ""},
		{"audio/mpeg", "%PDF-1.7", ""},
		{"audio/mpeg", strings.Repeat("é", 256)[:511], ""},
		{"audio/mpeg", "PK\x03\x04", ""},
		{"audio/wav<script>", string(wavStart), ""},
		{"audio/a/b", string(wavStart), ""},
		{"audio/wav x", string(wavStart), ""},
		{"audio/é", string(wavStart), ""},
	} {
		got, err := agentphone.AudioType(tt.declared, []byte(tt.start))
		if got != tt.want || (tt.want == "") != errors.Is(err, agentphone.ErrNotAudio) {
			t.Errorf("%q, %q: %q %v", tt.declared, tt.start, got, err)
		}
	}
	c, base := audioServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/wav")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write(wavStart)
		_ = z.Close()
	})
	if _, err := c.Recording(t.Context(), base); !errors.Is(err, agentphone.ErrNotAudio) {
		t.Errorf("compressed: %v", err)
	}
}

func TestTheBoundOnSize(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		size     int
		announce bool
		ok       bool
	}{{1000, true, true}, {1000, false, true}, {1001, true, false}, {1001, false, false}, {50_000, false, false}} {
		c, base := audioServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "audio/wav")
			if tt.announce {
				w.Header().Set("Content-Length", strconv.Itoa(tt.size))
			} else {
				w.(http.Flusher).Flush()
			}
			_, _ = w.Write(bytes.Repeat([]byte{1}, tt.size))
		}, agentphone.WithRecordingLimit(1000))
		rec, err := c.Recording(t.Context(), base)
		if tt.announce && !tt.ok {
			if e := recordingError(t, err); !errors.Is(err, agentphone.ErrTooLarge) || e.Reason != agentphone.RecordingUnacceptable {
				t.Errorf("%+v: %v", tt, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%+v: %v", tt, err)
		}
		got, err := io.ReadAll(rec.Body)
		_ = rec.Body.Close()
		if tt.ok != (err == nil) || !tt.ok && !errors.Is(err, agentphone.ErrTooLarge) || len(got) != min(tt.size, 1000) || (rec.Size == -1) == tt.announce {
			t.Errorf("%+v: %d bytes, size %d, %v", tt, len(got), rec.Size, err)
		}
	}
}

func TestTheBoundOnTime(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	c, base := audioServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/headers" {
			<-release
			return
		}
		w.Header().Set("Content-Type", "audio/wav")
		_, _ = w.Write(bytes.Repeat(wavStart, 10)) // enough to be recognized
		w.(http.Flusher).Flush()
		<-release
	}, agentphone.WithRecordingTimeout(200*time.Millisecond))
	defer close(release)
	_, err := c.Recording(t.Context(), base+"/headers")
	if e := recordingError(t, err); e.Reason != agentphone.RecordingTransient || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no headers: %v", err)
	}
	rec, err := c.Recording(t.Context(), base+"/body")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rec.Body.Close() }()
	_, err = io.ReadAll(rec.Body)
	if e := recordingError(t, err); e.Reason != agentphone.RecordingTransient || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no end: %v", err)
	}
}

func TestARecordingThatBreaksOff(t *testing.T) {
	t.Parallel()
	c, base := audioServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/wav")
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(bytes.Repeat(wavStart, 100))
	})
	rec, err := c.Recording(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rec.Body.Close() }()
	_, err = io.ReadAll(rec.Body)
	if e := recordingError(t, err); e.Reason != agentphone.RecordingTransient || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

// TestARecordingThatDrips is left before the bound on the whole transfer: while its type
// is found out, while it is read, and where it stops.
func TestARecordingThatDrips(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/stops", "/drips", "/drips-from-the-start", "/fast"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c, base := audioServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "audio/wav")
				flush := w.(http.Flusher).Flush
				if r.URL.Path != "/drips-from-the-start" {
					_, _ = w.Write(bytes.Repeat(wavStart, 10))
				}
				flush()
				switch r.URL.Path {
				case "/stops":
					<-r.Context().Done()
				case "/fast":
					for range 40 {
						time.Sleep(10 * time.Millisecond)
						_, _ = w.Write(make([]byte, 10_000))
						flush()
					}
				default:
					for i := 0; r.Context().Err() == nil; i++ {
						_, _ = w.Write([]byte{byte(i % 3)})
						flush()
						time.Sleep(10 * time.Millisecond)
					}
				}
			}, agentphone.WithPace(2*time.Second, 200*time.Millisecond, 5000), agentphone.WithRecordingTimeout(time.Minute))
			began := time.Now()
			rec, err := c.Recording(t.Context(), base+path)
			if err == nil {
				defer func() { _ = rec.Body.Close() }()
				_, err = io.ReadAll(rec.Body)
			}
			if path == "/fast" {
				if err != nil {
					t.Errorf("as fast as it must be: %v", err)
				}
				return
			}
			if e := recordingError(t, err); e.Reason != agentphone.RecordingTransient || !errors.Is(err, agentphone.ErrTooSlow) {
				t.Errorf("%s: %v", e.Reason, err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("held for %s", took)
			}
		})
	}
}
