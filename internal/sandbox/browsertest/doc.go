// Package browsertest uses the sandbox's page as people do, in a browser: what they see,
// press and type, with the real program behind it, or an app that shows the blocks which
// callbot never does. It holds tests alone:
//
//	go test ./internal/sandbox/browsertest
//	go test ./internal/sandbox/browsertest -run Pictures -update-images
//	go test ./internal/sandbox/browsertest -run - -bench LongChannel
//
// The second makes the pictures of the README anew, and the third tells how fast a long
// channel is shown. Where Chromium is missing the tests skip, and fail where CI=true.
//
// # Why
//
// Why a package of its own? The program is a process here, and so is the browser: the race
// detector, under which the other tests run, would see nothing, and yet all of the
// browser's protocol that chromedp brings would have to be compiled for it.
package browsertest
