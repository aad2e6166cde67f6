// What the page and its server say to each other: JSON over HTTP on one origin, and
// server-sent events for what happens. Times are RFC 3339 unless said otherwise.

/** GET /api/state?as=NAME: all that one person sees. */
export interface State {
  /** number of the last event that the state includes; GET /api/events?since= goes on from it */
  seq: number
  me: string
  team: { id: string; domain: string }
  bot: { id: string; name: string }
  people: Person[]
  /** handles of user groups by their ID (S…) */
  groups: Record<string, string>
  channels: Channel[]
  /** everything in the channels, by channel ID, oldest first: replies in threads too, and what the person alone sees */
  messages: Record<string, Message[]>
  modal: View | null
  home: View | null
  commands: Command[]
  shortcuts: Shortcut[]
  phone: Phone
  process: Process
}

export interface Person {
  id: string
  name: string
  real_name: string
  tz: string
  /** an admin of callbot */
  admin: boolean
  guest: boolean
}

export interface Channel {
  id: string
  /** "#general", or "@callbot" for the direct messages with the bot */
  name: string
  kind: 'public' | 'private' | 'dm'
  /** names; the bot's too */
  members: string[]
  archived: boolean
}

export interface Message {
  ts: string
  thread_ts?: string
  channel_id: string
  /** name of who wrote it */
  user: string
  by_app: boolean
  /** mrkdwn; what is shown where there are no blocks */
  text: string
  blocks?: Block[]
  files?: File[]
  /** name of the only person who sees it */
  ephemeral_for?: string
  deleted?: boolean
  /** time of this version */
  at: string
  /** from 1; above it, the message was edited */
  version: number
  edited: boolean
  notified?: string[]
  /** what was chosen in its menus: state.values, as in Slack's payloads */
  state?: Values
}

export interface File {
  id: string
  name: string
  title: string
  mimetype: string
  /** bytes */
  size: number
  /** seconds, of audio */
  duration_s?: number
  /** on this origin: /files/F…?as=NAME */
  url: string
}

/** Block Kit as the app sent it, with block_id and action_id filled in. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Block = { type: string; block_id: string; [key: string]: any }
export type Values = Record<string, Record<string, { type: string; [key: string]: unknown }>>

export interface View {
  id: string
  type: 'modal' | 'home'
  callback_id?: string
  title?: string
  submit?: string
  close?: string
  blocks: Block[]
  state: Values
  version: number
}

export interface Command { name: string; usage_hint: string; description: string }
export interface Shortcut { type: 'message' | 'global'; name: string; callback_id: string; description: string }

/** The other end of the line, and what it costs to follow it. */
export interface Phone {
  speed: number
  /** new calls wait for a person to answer them */
  manual: boolean
  credits: number
  calls: PhoneCall[] // newest first, at most 20
  provider: 'up' | 'down' | 'rate_limited' | 'slow'
  slack: 'up' | 'down' | 'slow' | 'rate_limited'
  /** numbers with a story of their own */
  magic: { number: string; display: string; name: string; description: string }[]
  traffic: Traffic
}

export interface PhoneCall {
  id: string
  /** E.164 and as people write it */
  number: string
  display: string
  business: string
  objective: string
  story: string
  status: 'queued' | 'dialing' | 'in_progress' | 'completed' | 'failed' | 'canceled' | string
  manual: boolean
  /** seconds of simulated time: since it was asked for, while it is under way, and of talk */
  age_s: number
  talk_s: number
  /** what was said so far */
  lines: { speaker: string; kind: 'speech' | 'announcement' | 'tones'; text: string; at_s: number }[]
  outcome?: string
  summary?: string
}

/** Requests to AgentPhone against its limit. */
export interface Traffic {
  /** requests allowed in one window */
  limit: number
  window_ms: number
  /** requests in the last window: ours, and those a loop would have made that polls each active call every interval */
  used: number
  plain: number
  /** one for each second or window/60, oldest first: requests in the window that ends there */
  samples: { ours: number; plain: number }[]
}

/** The bot's own process. */
export interface Process {
  state: 'running' | 'starting' | 'stopped' | 'ended'
  /** links to Slack that are up */
  links: number
  pid: number
  /** why it ended, if by itself */
  error?: string
}

/**
 * GET /api/events?as=NAME&since=SEQ, text/event-stream. Each event's id is the number of the
 * last event it includes, and its data one of these. The stream begins with what came after
 * since; "reload" says that this is no longer known, and the state is to be fetched anew.
 */
export type Happening =
  | { kind: 'message'; message: Message; how: 'posted' | 'updated' | 'deleted' }
  | { kind: 'modal'; view: View | null }
  | { kind: 'home'; view: View | null }
  /** Slack itself tells the person that something failed */
  | { kind: 'notice'; channel: string; text: string }
  | { kind: 'channels'; channels: Channel[] }
  | { kind: 'phone'; phone: Phone }
  | { kind: 'process'; process: Process }
  | { kind: 'reload' }

/**
 * POST /api/NAME with Content-Type: application/json. The answer is 200 with what is named
 * below ({} where nothing is), or 4xx/5xx with {"error": a sentence}.
 */
export interface Posts {
  /** a line beginning with / is a slash command (not in a thread), all else a message; @name and #channel become mentions */
  say: { as: string; channel: string; thread_ts?: string; text: string }
  /** press a button or choose from a menu or picker in a message or the Home tab, or one in a modal that tells the app at once */
  act: { as: string; place: Place; block_id: string; action_id: string; value: Chosen }
  /** fill in one control of the modal; the app is told only where Slack tells it */
  fill: { as: string; view: string; block_id: string; action_id: string; value: Chosen }
  /** answers {options: Option[]} */
  suggest: { as: string; place: Place; block_id: string; action_id: string; typed: string }
  /** answers {} or {errors: {block_id: sentence}} */
  submit: { as: string; view: string }
  close: { as: string; view: string }
  shortcut: { as: string; callback_id: string; message?: { channel: string; ts: string } }
  /** the person opens the Home tab */
  home: { as: string }
  delete: { as: string; channel: string; ts: string }
  /** the business: menu lets a recorded menu talk; complete ends the call as told */
  phone:
    | { call: string; do: 'answer' | 'busy' | 'hang_up' | 'menu' | 'cancel' }
    | { call: string; do: 'say'; text: string }
    | { call: string; do: 'complete'; outcome: string; summary: string }
    | { do: 'manual'; on: boolean }
    | { do: 'credits'; credits: number }
  /** the bot is restarted for it, since its waits scale too */
  speed: { speed: number }
  fault: { of: 'provider'; is: Phone['provider'] } | { of: 'slack'; is: Phone['slack'] } | { of: 'links'; is: 'dropped' }
  process: { do: 'kill' | 'start' | 'restart' }
  /** a workflow comes to the app's step */
  step: { number: string; objective: string; channel: string }
}

export type Place = { channel: string; ts: string } | { view: string }
/** null: a button, or nothing chosen. A text: typed, a date, a time, Unix seconds, an option's value, an ID. A list: several. */
export type Chosen = string | string[] | null
export interface Option { text: string; description?: string; value: string; group?: string }

/** GET /api/inspect?as=&channel=&ts= */
export interface Inspection {
  revisions: Message[]
  /** Web API calls that made the message, oldest first */
  calls: { seq: number; method: string; args: Record<string, string>; time: string; took_ms: number; ok: boolean; error?: string; response?: unknown }[]
  /** envelopes about it: what was typed or pressed that led to it, or on it */
  envelopes: { seq: number; id: string; type: string; time: string; took_ms: number; state: string; payload: unknown; answer?: unknown }[]
}

/** GET /api/scenario, text/plain: what was done, as the txtar script of a scenario. */
