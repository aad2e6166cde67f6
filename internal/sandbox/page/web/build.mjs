// Builds the page into ../dist, which the Go program embeds: the same sources give the same bytes.
import { build } from 'esbuild'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'

const dist = new URL('../dist/', import.meta.url)
await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })
const { metafile } = await build({
  absWorkingDir: new URL('.', import.meta.url).pathname,
  metafile: true,
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

// The licences of the packages that are in it ask to stand where they are.
const packages = Object.keys(metafile.inputs).map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1])
const notices = []
for (const name of [...new Set(packages)].filter((name) => name !== undefined).sort()) {
  const folder = new URL(`node_modules/${name}/`, import.meta.url)
  const { version, license } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8'))
  const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file))
  const text = await readFile(new URL(licence, folder), 'utf8')
  notices.push(`${name} ${version} (${license})\n\n${text.trim()}\n`)
}
await writeFile(new URL('licenses.txt', dist), notices.join('\n\n'))
