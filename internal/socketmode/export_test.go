package socketmode

// Decode is the decoder, for the fuzz test.
var Decode = decode
