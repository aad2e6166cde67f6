package page

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"time"
)

// file serves a file of a message. What could be a document in a browser is only ever a
// text or a download.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	u, err := s.person(r.FormValue("as"))
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	f, err := u.File(r.PathValue("id"))
	if err != nil {
		s.answer(w, nil, refuse(http.StatusNotFound, "%w", err))
		return
	}
	kind := f.MIMEType
	switch {
	case strings.HasPrefix(kind, "audio/"):
	case strings.HasPrefix(kind, "text/"):
		kind = "text/plain; charset=utf-8"
	default:
		kind = "application/octet-stream"
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Content()))
}
