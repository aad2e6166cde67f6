package slackemulator

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// file is a file of the app, uploaded or about to be.
type file struct {
	id, name, title string
	length          int
	data            []byte
	uploaded        bool // the bytes are there
	completed       bool
	deleted         bool
	created         time.Time
	shares          []*message
}

// maxFile bounds what can be uploaded.
const maxFile = 200 << 20

func (e *Emulator) filesGetUploadURL(args arguments) (object, error) {
	for _, name := range []string{"filename", "length"} {
		if args.str(name) == "" {
			return nil, missingField(name)
		}
	}
	n, err := strconv.Atoi(args.str("length"))
	switch {
	case err != nil || n <= 0:
		return nil, fail("invalid_arguments", "[ERROR] must be greater than 0 [json-pointer:/length]")
	case n > maxFile:
		return nil, fail("file_upload_size_restricted")
	}
	f := &file{id: e.newID("F"), name: args.str("filename"), length: n, created: e.clock.Now()}
	ticket := strings.ToLower(e.newID("u") + e.newID("u"))
	e.files[f.id], e.uploads[ticket] = f, f
	return object{"upload_url": e.baseURL + "/upload/v1/" + ticket, "file_id": f.id}, nil
}

// serveUpload takes the bytes of a file, as the body or as the form field "file".
// They must be as many as were announced.
func (e *Emulator) serveUpload(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	call := Call{Method: "upload", Args: map[string]string{}, Time: e.clock.Now()}
	fault, delay := e.plan(call)
	if delay > 0 && !pause(r, delay) {
		return
	}
	if fault != nil && !fault.AfterEffect {
		e.answerFault(w, call, began, fault)
		return
	}
	status, text := e.takeUpload(w, r)
	if fault != nil {
		e.answerFault(w, call, began, fault)
		return
	}
	e.logCall(call, began, outcome{status: status})
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (e *Emulator) takeUpload(w http.ResponseWriter, r *http.Request) (status int, text string) {
	e.mu.Lock()
	f := e.uploads[r.PathValue("ticket")]
	e.mu.Unlock()
	if f == nil {
		return http.StatusNotFound, "upload not found"
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFile+1<<20)
	var body io.Reader = r.Body
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		parts, err := r.MultipartReader()
		if err != nil {
			return http.StatusBadRequest, "invalid form"
		}
		for {
			part, err := parts.NextPart()
			if err != nil {
				return http.StatusBadRequest, "no file in the form"
			}
			if part.FileName() != "" {
				body = part
				break
			}
		}
	}
	data, err := io.ReadAll(body)
	switch {
	case err != nil:
		return http.StatusBadRequest, "reading the file failed"
	case len(data) != f.length:
		return http.StatusBadRequest, fmt.Sprintf("%d bytes were announced and %d came", f.length, len(data))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f.data, f.uploaded = data, true
	return http.StatusOK, fmt.Sprintf("OK - %d", len(data))
}

func (e *Emulator) filesCompleteUpload(args arguments) (object, error) {
	raw, err := args.json("files")
	if err != nil || len(raw) == 0 {
		return nil, missingField("files")
	}
	var list []struct {
		ID    string `json:"id"`
		Title string `json:"title"`
	}
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return nil, fail("invalid_arguments", "[ERROR] must be a list of files [json-pointer:/files]")
	}
	var files []*file
	for _, item := range list {
		f := e.files[item.ID]
		if f == nil || !f.uploaded || f.completed {
			return nil, fail("file_not_found")
		}
		files = append(files, f)
	}
	convs, err := e.sharingIn(args)
	if err != nil {
		return nil, err
	}
	c := content{text: args.str("initial_comment")}
	if c.text == "" {
		if c.blocks, err = args.json("blocks"); err != nil {
			return nil, err
		}
		if err := checkBlocks(c.blocks); err != nil {
			return nil, err
		}
	}
	answer := []object{}
	for i, f := range files {
		f.completed, f.title = true, list[i].Title
		if f.title == "" {
			f.title = f.name
		}
		answer = append(answer, f.wire(e))
	}
	for _, conv := range convs {
		m := e.newMessage(conv, c)
		m.threadTS, m.files = args.str("thread_ts"), files
		e.post(m)
		for _, f := range files {
			f.shares = append(f.shares, m)
			e.deliver("file_shared", "files:read", object{
				"type": "file_shared", "file_id": f.id, "user_id": e.bot.id,
				"file": object{"id": f.id}, "channel_id": conv.id,
			}, conv, m.ts)
		}
	}
	return object{"files": answer}, nil
}

// sharingIn finds where files are to be shared; chat:write.public does not help here.
func (e *Emulator) sharingIn(args arguments) ([]*conversation, error) {
	ids := args.str("channel_id")
	if ids == "" {
		ids = args.str("channels")
	}
	var out []*conversation
	for id := range strings.SplitSeq(ids, ",") {
		if id == "" {
			continue
		}
		conv, err := e.visible(id)
		if err != nil {
			return nil, err
		}
		if err := e.mayPost(conv, ""); err != nil {
			return nil, err
		}
		if err := conv.mayReply(args.str("thread_ts")); err != nil {
			return nil, err
		}
		out = append(out, conv)
	}
	return out, nil
}

func (e *Emulator) filesInfo(args arguments) (object, error) {
	f := e.files[args.str("file")]
	switch {
	case f == nil || !f.completed:
		return nil, fail("file_not_found")
	case f.deleted:
		return nil, fail("file_deleted")
	}
	out, public, private := f.wire(e), object{}, object{}
	for _, m := range f.shares {
		where := private
		if m.conv.kind == publicChannel {
			where = public
		}
		share := object{"ts": m.ts, "channel_name": m.conv.name, "team_id": e.teamID}
		if m.threadTS != "" {
			share["thread_ts"] = m.threadTS
		}
		where[m.conv.id] = []object{share}
	}
	out["shares"] = object{"public": public, "private": private}
	return object{"file": out, "comments": []any{}}, nil
}

func (e *Emulator) filesDelete(args arguments) (object, error) {
	f := e.files[args.str("file")]
	switch {
	case args.str("file") == "":
		return nil, missingField("file")
	case f == nil || !f.completed:
		return nil, fail("file_not_found")
	case f.deleted:
		return nil, fail("file_deleted")
	}
	f.deleted, f.data = true, nil
	for _, m := range f.shares {
		kept := m.files[:0:0]
		for _, have := range m.files {
			if have != f {
				kept = append(kept, have)
			}
		}
		m.files = kept
		m.keepRevision(e)
		e.tell(MessageUpdated, m)
	}
	return object{}, nil
}

// serveFile serves a file's bytes to a token with files:read; anybody else is
// sent to the login page, as by Slack.
func (e *Emulator) serveFile(w http.ResponseWriter, r *http.Request) {
	_, id, _ := strings.Cut(r.PathValue("file"), "-")
	e.mu.Lock()
	f := e.files[id]
	allowed := bearer(r) == e.botToken && e.tokenFault == "" && e.manifest.grants("files:read")
	e.mu.Unlock()
	switch {
	case !allowed:
		http.Redirect(w, r, "/?redir="+url.QueryEscape(r.URL.Path), http.StatusFound)
	case f == nil || !f.uploaded || f.deleted:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", f.mimetype())
		w.Header().Set("Content-Length", strconv.Itoa(len(f.data)))
		_, _ = w.Write(f.data)
	}
}

// wire is the file object: https://docs.slack.dev/reference/objects/file-object
func (f *file) wire(e *Emulator) object {
	private := e.baseURL + "/files-pri/" + e.teamID + "-" + f.id + "/" + url.PathEscape(f.name)
	return object{
		"id": f.id, "name": f.name, "title": f.title, "mimetype": f.mimetype(), "filetype": f.filetype(),
		"user": e.bot.id, "size": len(f.data), "mode": "hosted", "is_external": false, "is_public": false,
		"created": f.created.Unix(), "timestamp": f.created.Unix(),
		"url_private": private, "url_private_download": private,
		"permalink": "https://" + e.teamDomain + ".slack.com/files/" + e.bot.id + "/" + f.id + "/" + url.PathEscape(f.name),
	}
}

func (f *file) filetype() string {
	if ext := strings.ToLower(strings.TrimPrefix(path.Ext(f.name), ".")); ext != "" {
		return ext
	}
	return "text"
}

func (f *file) mimetype() string {
	known := map[string]string{
		"wav": "audio/wav", "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "txt": "text/plain", "md": "text/plain",
	}
	if t, ok := known[f.filetype()]; ok {
		return t
	}
	t, _, _ := strings.Cut(http.DetectContentType(f.data), ";")
	return t
}

// duration is how long a WAV file plays, 0 if it is none: the bytes of its data
// chunk over the bytes a second in its fmt chunk.
func (f *file) duration() time.Duration {
	d := f.data
	if len(d) < 12 || string(d[:4]) != "RIFF" || string(d[8:12]) != "WAVE" {
		return 0
	}
	var perSecond int64
	for d = d[12:]; len(d) >= 8; {
		name, size := string(d[:4]), int64(binary.LittleEndian.Uint32(d[4:8]))
		d = d[8:]
		switch {
		case name == "fmt " && len(d) >= 16:
			perSecond = int64(binary.LittleEndian.Uint32(d[8:12]))
		case name == "data" && perSecond > 0:
			return time.Duration(min(size, int64(len(d)))) * time.Second / time.Duration(perSecond)
		}
		if size += size % 2; size > int64(len(d)) {
			return 0
		}
		d = d[size:]
	}
	return 0
}
