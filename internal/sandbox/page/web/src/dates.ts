// Dates as Slack writes them, in the time zone of the person who looks.

const formats = new Map<string, Intl.DateTimeFormat>()

/** formatter keeps formatters: to make one takes longer than to use it a hundred times. */
function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options)
  let f = formats.get(key)
  if (!f) {
    try {
      f = new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone || undefined })
    } catch {
      f = new Intl.DateTimeFormat('en-US', options) // a zone that this browser does not know
    }
    formats.set(key, f)
  }
  return f
}

/** prepareDates makes the first formatter, for which the browser reads what it knows of the calendar: that takes as long as to draw many messages. */
export function prepareDates(): void {
  wall(Date.now(), '')
}

export interface Wall { year: number; month: number; day: number; hour: number; minute: number; second: number }

/** wall is what clocks and calendars show in a zone. */
export function wall(ms: number, zone: string): Wall {
  const parts: Record<string, number> = {}
  const options = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const
  for (const p of formatter(zone, options).formatToParts(ms)) parts[p.type] = Number(p.value)
  return parts as unknown as Wall
}

/** moment is when the clocks of a zone show that; of two such times the first, and of none the one after the gap. */
export function moment(w: Omit<Wall, 'second'>, zone: string): number {
  const wanted = Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute)
  const offsets = [-1, 1].map((day) => offset(wanted + day * 86_400_000, zone))
  const fits = offsets.map((o) => wanted - o).filter((t) => t + offset(t, zone) === wanted)
  return fits.length > 0 ? Math.min(...fits) : wanted - Math.min(...offsets)
}

function offset(ms: number, zone: string): number {
  const w = wall(ms, zone)
  return Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second) - Math.floor(ms / 1000) * 1000
}

const pad = (n: number) => String(n).padStart(2, '0')

export const dateNumber = (w: Wall) => `${w.year}-${pad(w.month)}-${pad(w.day)}`
export const timeNumber = (w: Wall) => `${pad(w.hour)}:${pad(w.minute)}`

/** nearby is "today", "yesterday" or "tomorrow", or nothing. */
function nearby(ms: number, now: number, zone: string): string | null {
  const day = (t: number) => {
    const w = wall(t, zone)
    return Date.UTC(w.year, w.month - 1, w.day) / 86_400_000
  }
  return { '-1': 'yesterday', '0': 'today', '1': 'tomorrow' }[String(day(ms) - day(now))] ?? null
}

const long = { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' } as const
const longFull = { month: 'long', day: 'numeric', year: 'numeric' } as const
const short = { month: 'short', day: 'numeric', year: 'numeric' } as const

/** token is one {token} of Slack's date formats; null: there is no such. */
function token(name: string, ms: number, now: number, zone: string): string | null {
  const as = (o: Intl.DateTimeFormatOptions) => formatter(zone, o).format(ms).replace(/\u202f/g, ' ')
  const unlessThisYear = <T extends { year?: unknown }>(all: T): Omit<T, 'year'> => {
    const { year: _, ...yearless } = all
    return wall(ms, zone).year === wall(now, zone).year ? yearless : all
  }
  switch (name) {
    case 'date_num':
      return dateNumber(wall(ms, zone))
    case 'date_slash':
      return as({ month: '2-digit', day: '2-digit', year: 'numeric' })
    case 'date_long':
      return as(long)
    case 'date_long_full':
      return as(longFull)
    case 'date_long_pretty':
      return nearby(ms, now, zone) ?? as(long)
    case 'day_divider_pretty':
      return nearby(ms, now, zone) ?? as(unlessThisYear(long))
    case 'date':
      return as(unlessThisYear(longFull))
    case 'date_pretty':
      return nearby(ms, now, zone) ?? as(unlessThisYear(longFull))
    case 'date_short':
      return as(unlessThisYear(short))
    case 'date_short_pretty':
      return nearby(ms, now, zone) ?? as(unlessThisYear(short))
    case 'time':
      return as({ hour: 'numeric', minute: '2-digit' })
    case 'time_secs':
      return as({ hour: 'numeric', minute: '2-digit', second: '2-digit' })
    case 'ago':
      return ago(ms, now)
  }
  return null
}

function ago(ms: number, now: number): string {
  const s = Math.round(Math.abs(now - ms) / 1000)
  const [n, unit] = s < 60 ? [s, 'second'] : s < 3600 ? [Math.floor(s / 60), 'minute'] : s < 86_400 ? [Math.floor(s / 3600), 'hour'] : [Math.floor(s / 86_400), 'day']
  const text = `${n} ${unit}${n === 1 ? '' : 's'}`
  return ms > now ? `in ${text}` : `${text} ago`
}

/** format writes a date as Slack's format says, and the fallback if it names no date that exists. */
export function format(pattern: string, seconds: number, fallback: string, zone: string, now = Date.now()): string {
  if (!Number.isFinite(seconds)) return fallback
  let known = true
  const text = pattern.replace(/\{(\w+)\}/g, (all, name: string, at: number) => {
    const t = token(name, seconds * 1000, now, zone)
    if (t === null) known = false
    return t === null ? all : at === 0 ? t[0]!.toUpperCase() + t.slice(1) : t
  })
  return known ? text : fallback
}

/** full is a date and time for a tooltip. */
export function full(ms: number, zone: string): string {
  return format('{date_long} at {time_secs}', ms / 1000, '', zone)
}

/** clock is a length of time as players show it. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  return `${Math.floor(s / 60)}:${pad(s % 60)}`
}
