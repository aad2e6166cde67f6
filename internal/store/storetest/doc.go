// Package storetest is one conformance suite for every engine of package store. What
// an engine may differ in is not tested here; what is tested here, no engine may
// differ in.
//
// # Why the tests are in a package
//
// Each engine's own tests call [Run] with a way to open a database. So a promise that
// is added to the store is checked on all engines, and an engine that is added is
// checked against all promises.
package storetest
