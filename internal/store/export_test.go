package store

// Dialer makes the connections to Postgres.
var Dialer = dialer
