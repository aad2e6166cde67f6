// The few icons of the page, drawn by themselves; each is decoration beside a name that is read aloud.
const paths = {
  hash: 'M7 3 5.5 17M14.5 3 13 17M3.5 7.5h13.5M3 12.5h13.5',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  thread: 'M3 4h14v10H9l-4 3v-3H3zM6.5 8h7M6.5 10.8h4.5',
  more: 'M10 4.5v.01M10 10v.01M10 15.5v.01',
  inspect: 'M7 5 2.5 10 7 15M13 5l4.5 5-4.5 5M11.5 3.5l-3 13',
  close: 'm5 5 10 10M15 5 5 15',
  bolt: 'M11 2.5 4.5 11H9l-1 6.5L15 9h-4.5z',
  phone: 'M6.8 3 8.5 6.8 6.9 8.3a9 9 0 0 0 4.8 4.8l1.5-1.6L17 13.2c-.2 2.2-1.5 3.8-3.3 3.8C8.5 17 3 11.5 3 6.3 3 4.5 4.6 3.2 6.8 3z',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1',
  moon: 'M16.5 12A7 7 0 0 1 8 3.5 7 7 0 1 0 16.5 12z',
  send: 'M3 16.5 17.5 10 3 3.5l2 6.5zM5 10h6',
  home: 'M3 9.5 10 3.5l7 6M5 8.5V16.5h10V8.5',
  file: 'M5 2.5h6.5L15.5 6.5v11H5zM11.5 2.5v4h4',
  link: 'M8.5 11.5a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.3l1-1',
  trash: 'M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11.5h7.4l.8-11.5',
  eye: 'M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10zM10 7.7a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6',
  down: 'm5 8 5 5 5-5',
  copy: 'M7 7h9.5v9.5H7zM4 13H3.5V3.5H13V4',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width={name === 'more' ? 2.6 : 1.5} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
