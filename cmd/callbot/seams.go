//go:build !(crashpoints && unix)

package main

import (
	"net/http"

	"github.com/gorilla/websocket"

	"github.com/agentphone-slack/callbot/internal/store"
)

// The seams are where the program touches what outlives it: the database, the two APIs
// and the links. Here nothing stands in them; a build with the tag crashpoints, which
// internal/chaos makes, puts points into them at which it kills itself.

// storeSeam is what stands between the store and the database.
func storeSeam() []store.Option { return nil }

// httpSeam is what stands between a client and the network.
func httpSeam(rt http.RoundTripper) http.RoundTripper { return rt }

// linkSeam is how the links to Slack are dialled; nil is the usual way.
func linkSeam() *websocket.Dialer { return nil }
