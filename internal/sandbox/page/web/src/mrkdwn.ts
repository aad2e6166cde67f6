// Reads Slack's mrkdwn into a tree. It knows of no document: text.tsx draws the tree.

export type Inline =
  | { is: 'text'; text: string }
  | { is: 'bold' | 'italic' | 'strike'; inside: Inline[] }
  | { is: 'code'; text: string }
  | { is: 'user'; id: string; label?: string }
  | { is: 'channel'; id: string; label?: string }
  | { is: 'group'; id: string; label?: string }
  | { is: 'broadcast'; name: string }
  | { is: 'date'; seconds: number; format: string; url?: string; fallback: string }
  | { is: 'link'; url: string; label?: string }

export type Paragraph = { is: 'lines' | 'quote'; inside: Inline[] } | { is: 'fence'; text: string }

/** unescape undoes the three entities that Slack knows. */
export function unescape(text: string): string {
  return text.replace(/&(amp|lt|gt);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>' })[name] ?? '')
}

/** safeURL is the address if it may be followed, and null for any scheme that could run something. */
export function safeURL(url: string): string | null {
  return /^(https?:\/\/|tel:|mailto:)[^\s]+$/i.test(url) ? url : null
}

/** parse reads mrkdwn; bare links become links unless the text is verbatim. */
export function parse(text: string, verbatim = false): Paragraph[] {
  const out: Paragraph[] = []
  text.split('```').forEach((part, i, parts) => {
    // an odd last part has a fence that is never closed
    if (i % 2 === 1 && i < parts.length - 1) {
      out.push({ is: 'fence', text: unescape(part.replace(/^\n|\n$/g, '')) })
      return
    }
    lines(i % 2 === 1 ? '```' + part : part, i > 0, i < parts.length - 1, verbatim, out)
  })
  return out
}

function lines(text: string, afterFence: boolean, beforeFence: boolean, verbatim: boolean, out: Paragraph[]): void {
  if (afterFence) text = text.replace(/^\n/, '')
  if (beforeFence) text = text.replace(/\n$/, '')
  if (text === '') return
  let run: string[] = []
  let quoted = false
  const flush = () => {
    if (run.length > 0) out.push({ is: quoted ? 'quote' : 'lines', inside: inline(run.join('\n'), verbatim) })
    run = []
  }
  for (const line of text.split('\n')) {
    const quote = /^(?:&gt;|>) ?/.exec(line)
    if ((quote !== null) !== quoted) {
      flush()
      quoted = quote !== null
    }
    run.push(quote ? line.slice(quote[0].length) : line)
  }
  flush()
}

const styles = { '*': 'bold', _: 'italic', '~': 'strike' } as const

/** inline reads what stands in one paragraph. */
export function inline(text: string, verbatim = false): Inline[] {
  const out: Inline[] = []
  let plain = ''
  const push = (node: Inline) => {
    if (plain !== '') out.push(...links(plain, verbatim))
    plain = ''
    out.push(node)
  }
  for (let i = 0; i < text.length; ) {
    const c = text[i]!
    if (c === '<') {
      const end = text.indexOf('>', i)
      const node = end > 0 ? angle(text.slice(i + 1, end)) : null
      if (node) {
        push(node)
        i = end + 1
        continue
      }
    } else if (c === '`') {
      const end = text.indexOf('`', i + 1)
      if (end > i + 1 && !text.slice(i, end).includes('\n')) {
        push({ is: 'code', text: unescape(text.slice(i + 1, end)) })
        i = end + 1
        continue
      }
    } else if (c === '*' || c === '_' || c === '~') {
      const end = closing(text, i, c)
      if (end > 0) {
        push({ is: styles[c], inside: inline(text.slice(i + 1, end), verbatim) })
        i = end + 1
        continue
      }
    }
    plain += c
    i++
  }
  if (plain !== '') out.push(...links(plain, verbatim))
  return out
}

const wordy = /[\p{L}\p{N}_]/u

/** closing is where the style that a marker opens ends; -1: it opens none. */
function closing(text: string, open: number, marker: string): number {
  if (open > 0 && (wordy.test(text[open - 1]!) || text[open - 1] === marker)) return -1
  if (/^(\s|$)/.test(text.slice(open + 1)) || text[open + 1] === marker) return -1
  for (let i = open + 2; i < text.length && text[i] !== '\n'; i++) {
    if (text[i] === '<') {
      const end = text.indexOf('>', i)
      if (end > 0) i = end
      continue
    }
    const next = text[i + 1]
    if (text[i] === marker && !/\s/.test(text[i - 1]!) && (next === undefined || (!wordy.test(next) && next !== marker))) return i
  }
  return -1
}

/** angle reads what stands between < and >. */
export function angle(inside: string): Inline | null {
  const bar = inside.indexOf('|')
  const head = bar < 0 ? inside : inside.slice(0, bar)
  const label = bar < 0 || bar === inside.length - 1 ? undefined : unescape(inside.slice(bar + 1))
  switch (head[0]) {
    case '@':
      return { is: 'user', id: head.slice(1), label }
    case '#':
      return { is: 'channel', id: head.slice(1), label }
    case '!': {
      const [name, ...rest] = head.slice(1).split('^')
      if (name === 'subteam') return { is: 'group', id: rest[0] ?? '', label }
      if (name === 'date') {
        return { is: 'date', seconds: Number(rest[0]), format: rest[1] ?? '', url: rest[2], fallback: label ?? '' }
      }
      return { is: 'broadcast', name: name ?? '' }
    }
  }
  const url = safeURL(unescape(head))
  return url === null ? null : { is: 'link', url, label }
}

function links(text: string, verbatim: boolean): Inline[] {
  if (verbatim || !text.includes('://')) return [{ is: 'text', text: unescape(text) }]
  const out: Inline[] = []
  let at = 0
  for (const m of text.matchAll(/https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]]/gi)) {
    if (m.index > at) out.push({ is: 'text', text: unescape(text.slice(at, m.index)) })
    out.push({ is: 'link', url: unescape(m[0]) })
    at = m.index + m[0].length
  }
  if (at < text.length) out.push({ is: 'text', text: unescape(text.slice(at)) })
  return out
}

/** plain is the tree as one line of text, for names that are read aloud. */
export function plain(nodes: Inline[], name: (node: Inline) => string): string {
  return nodes.map((n) => ('inside' in n ? plain(n.inside, name) : n.is === 'text' || n.is === 'code' ? n.text : name(n))).join('')
}
