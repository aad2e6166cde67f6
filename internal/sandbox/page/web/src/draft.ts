// What can complete what a person is typing: a slash command, a person, or a channel.
import type { Channel, Command, Person } from './api'

export interface Completion {
  kind: 'command' | 'person' | 'channel'
  /** where in the text the completed word stands */
  from: number
  to: number
  items: { insert: string; name: string; detail: string }[]
}

export interface Known { commands: Command[]; people: Pick<Person, 'name' | 'real_name'>[]; channels: Pick<Channel, 'name' | 'kind'>[]; bot: string }

/** complete returns what fits the word before the caret, or null. */
export function complete(text: string, caret: number, known: Known): Completion | null {
  const before = text.slice(0, caret)
  const command = /^\/\S*$/.exec(before)
  if (command) {
    const items = known.commands
      .filter((c) => c.name.startsWith(before.toLowerCase()))
      .map((c) => ({ insert: c.name + ' ', name: `${c.name} ${c.usage_hint}`.trim(), detail: c.description }))
    return items.length > 0 ? { kind: 'command', from: 0, to: caret, items } : null
  }
  const word = /(?:^|[\s(])([@#])([\p{L}\p{N}._-]*)$/u.exec(before)
  if (!word) return null
  const typed = word[2]!.toLowerCase()
  const from = caret - word[2]!.length - 1
  const items =
    word[1] === '@'
      ? [...known.people, { name: known.bot, real_name: '' }]
          .filter((p) => p.name.toLowerCase().startsWith(typed) || p.real_name.toLowerCase().split(' ').some((n) => n !== '' && n.startsWith(typed)))
          .map((p) => ({ insert: `@${p.name} `, name: `@${p.name}`, detail: p.real_name || 'App' }))
      : known.channels
          .filter((c) => c.kind !== 'dm' && c.name.slice(1).toLowerCase().startsWith(typed))
          .map((c) => ({ insert: `${c.name} `, name: c.name, detail: c.kind === 'private' ? 'Private channel' : 'Channel' }))
  return items.length > 0 ? { kind: word[1] === '@' ? 'person' : 'channel', from, to: caret, items: items.slice(0, 8) } : null
}

/** usage is the hint of the command that is being typed, as long as nothing follows it. */
export function usage(text: string, known: Pick<Known, 'commands'>): string | null {
  const m = /^(\/\S+)\s+$/.exec(text)
  return known.commands.find((c) => c.name === m?.[1])?.usage_hint || null
}
