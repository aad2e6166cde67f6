// Package sandbox is a workspace to try the bot in: an emulated Slack with a few
// people in it and a simulated AgentPhone, both on loopback, what happens there
// written as text, and a script of what a person types and presses.
//
// It speaks only to the emulator and the simulator, as people and telephones do. The
// bot is started beside it by whoever starts the sandbox, and cannot tell it from
// the real thing: only base URLs differ.
package sandbox
