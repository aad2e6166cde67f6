// Command callbot is a Slack app that places real phone calls through AgentPhone.
//
//	callbot run        the bot, configured by environment variables
//	callbot sandbox    the whole bot against a Slack and an AgentPhone in memory
//	callbot export     who asked for which calls, and what came of them
//	callbot forget     erases what calls of a person, or to a number, were about
//	callbot manifest   the app manifest to create the app in Slack from
//	callbot version    the version of this build
//
// This package only reads flags and the environment and wires the rooms together;
// it is the one that sees all of them.
package main
