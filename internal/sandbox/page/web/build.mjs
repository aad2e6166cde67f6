// Builds the page into ../dist, which the Go program embeds: the same sources give the same bytes.
import { build } from 'esbuild'
import { copyFile, mkdir, rm } from 'node:fs/promises'

const dist = new URL('../dist/', import.meta.url)
await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })
await build({
  absWorkingDir: new URL('.', import.meta.url).pathname,
  entryPoints: { app: 'src/main.tsx' },
  outdir: dist.pathname,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022', 'chrome115', 'firefox125', 'safari17'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
})
for (const name of ['index.html', 'icon.svg']) {
  await copyFile(new URL('src/' + name, import.meta.url), new URL(name, dist))
}
