// Builds the console into dist/: messages from proto/, one script and one stylesheet with their hash in the name, the service
// worker, and what the server needs to know (console.json). «--tests» bundles test/ for node's runner, «--watch» rebuilds.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const proto = join(here, '../../proto');
const at = (...parts) => join(here, ...parts);

const TYPES = {
  html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml',
  png: 'image/png', woff2: 'font/woff2', webmanifest: 'application/manifest+json',
};
const SQUEEZED = new Set(['html', 'js', 'css', 'svg', 'webmanifest']);

/** Grpc.Tools' own protoc, as MSBuild names it (PROTOC, PROTOC_INCLUDE) or as the package folder has it; else the system's. */
function protoc() {
  if (process.env.PROTOC) return { program: process.env.PROTOC, include: process.env.PROTOC_INCLUDE ? [process.env.PROTOC_INCLUDE] : [] };
  const folder = join(process.env.NUGET_PACKAGES ?? join(homedir(), '.nuget/packages'), 'grpc.tools');
  const newest = existsSync(folder) ? readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1) : undefined;
  return newest === undefined
    ? { program: 'protoc', include: [] }
    : { program: join(folder, newest, 'tools/linux_x64/protoc'), include: [join(folder, newest, 'build/native/include')] };
}

function run(program, args, cwd, what) {
  const done = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (done.status === 0) return;
  process.stderr.write((done.stdout ?? '') + (done.stderr ?? '') + (done.error ? `${done.error.message}\n` : ''));
  process.stderr.write(`error: console: ${what} failed.\n`);
  process.exit(1);
}

function generate() {
  const { program, include } = protoc();
  const files = readdirSync(join(proto, 'edgeassist/v1')).filter(name => name.endsWith('.proto')).map(name => `edgeassist/v1/${name}`);
  rmSync(at('gen'), { recursive: true, force: true });
  mkdirSync(at('gen'));
  run(program, [
    `--plugin=protoc-gen-ts=${at('node_modules/.bin/protoc-gen-ts')}`, `--ts_out=${at('gen')}`, '--ts_opt=long_type_number,eslint_disable,ts_nocheck',
    '-I', '.', ...include.flatMap(path => ['-I', path]), ...files,
  ], proto, 'protoc');
}

async function bundleTests() {
  rmSync(at('obj/test'), { recursive: true, force: true });
  await esbuild.build({
    entryPoints: readdirSync(at('test')).filter(name => name.endsWith('.test.ts')).map(name => at('test', name)),
    outdir: at('obj/test'), bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning', external: ['node:*'],
  });
}

async function bundle(out) {
  const built = await esbuild.build({
    entryPoints: { app: at('src/main.ts') }, outdir: join(out, 'assets'), bundle: true, minify: true, format: 'esm', target: 'es2023', metafile: true,
    entryNames: '[name]-[hash]', assetNames: '[name]-[hash]', loader: { '.woff2': 'file' }, logLevel: 'warning', legalComments: 'eof',
  });
  const names = Object.keys(built.metafile.outputs).map(path => basename(path));
  const script = names.find(name => name.endsWith('.js')), style = names.find(name => name.endsWith('.css'));
  cpSync(at('assets'), out, { recursive: true });
  writeFileSync(join(out, 'index.html'), readFileSync(at('index.html'), 'utf8').replace('%SCRIPT%', `/assets/${script}`).replace('%STYLE%', `/assets/${style}`)
    .replace('%FONT%', `/assets/${names.find(name => /^inter-latin-wght.*woff2$/.test(name))}`));

  // The worker knows the shell by name, and a new shell is a new worker.
  const shell = ['/', ...list(out).filter(path => path !== 'index.html').map(path => `/${path}`)];
  const version = createHash('sha256').update(list(out).map(path => readFileSync(join(out, path))).reduce((all, each) => Buffer.concat([all, each]))).digest('hex').slice(0, 16);
  await esbuild.build({
    entryPoints: [at('src/worker/sw.ts')], outfile: join(out, 'sw.js'), bundle: true, minify: true, format: 'iife', target: 'es2023', logLevel: 'warning',
    define: { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(version) },
  });
}

/** Every file under a folder, with its path relative to it. */
function list(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1)).sort();
}

function squeeze(out) {
  const files = list(out).map(path => {
    const kind = path.split('.').at(-1), bytes = readFileSync(join(out, path));
    if (!(kind in TYPES)) throw new Error(`${path}: what type is that?`);
    if (SQUEEZED.has(kind)) {
      writeFileSync(join(out, `${path}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
      writeFileSync(join(out, `${path}.gz`), gzipSync(bytes, { level: 9 }));
    }
    return { path, type: TYPES[kind], immutable: path.startsWith('assets/'), encodings: SQUEEZED.has(kind) ? ['br', 'gz'] : [] };
  });
  writeFileSync(join(out, 'console.json'), JSON.stringify({ files }, null, 1) + '\n');
}

function sizes(out) {
  const of = path => (existsSync(path) ? readFileSync(path).length : 0);
  for (const { path, encodings } of JSON.parse(readFileSync(join(out, 'console.json'), 'utf8')).files)
    if (encodings.length > 0 || path.endsWith('woff2'))
      console.log(`${path.padEnd(40)} ${String(of(join(out, path))).padStart(8)} B, gzip ${of(join(out, `${path}.gz`))}, brotli ${of(join(out, `${path}.br`))}`);
}

async function build() {
  // Whole or not at all: two builds at once, or one that is ended, leave no half of one.
  const part = at(`obj/dist-${process.pid}`), dist = at('dist');
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  await bundle(part);
  squeeze(part);
  const old = at(`obj/old-${process.pid}`);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(part, dist);
  rmSync(old, { recursive: true, force: true });
}

mkdirSync(at('obj'), { recursive: true });
if (process.argv.includes('--sizes')) sizes(at('dist'));
else if (process.argv.includes('--tests')) {
  if (!existsSync(at('gen'))) generate();
  await bundleTests();
} else if (process.argv.includes('--watch')) {
  const { watch } = await import('node:fs');
  generate();
  await build();
  let again;
  watch(at('src'), { recursive: true }, () => {
    clearTimeout(again);
    again = setTimeout(() => build().then(() => console.log(new Date().toLocaleTimeString(), 'built'), failed => console.error(failed.message)), 100);
  });
} else {
  generate();
  run(at('node_modules/.bin/tsc'), ['--noEmit', '-p', here], here, 'the type check');
  await build();
}
