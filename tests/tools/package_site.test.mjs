// cmake/package_site.mjs on a small made-up site.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const script = fileURLToPath(new URL('../../cmake/package_site.mjs', import.meta.url));
const kPage = `<!doctype html><html lang="en"><head><title>t</title>{{preload}}<link rel="stylesheet" href="{{shell.css}}"></head>
<body data-wasm="{{wasm}}" data-fonts="{{fonts}}"><script src="{{shell.js}}"></script></body></html>`;

function make_source(t, files = {}) {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-site-'));
    t.after(() => fs.rmSync(root, { recursive: true, force: true }));
    const all = {
        'shell/index.html': kPage,
        'shell/shell.css': 'canvas { outline: none }\n'.repeat(50),
        'shell/shell.js': 'export const assets = {{assets}};\n',
        'web/embed.js': '// embed\n',
        'assets/samples/shop.json': '{}',
        'fonts/inter-400.ttf': 'font'.repeat(500),
        'fonts/LICENSE-inter.txt': 'OFL',
        'out.js': 'var createBinnacle = 1;\n'.repeat(100),
        'out.wasm': '\0asm'.repeat(1000),
        ...files,
    };
    for (const [name, text] of Object.entries(all)) {
        if (text === null) continue;
        fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
        fs.writeFileSync(path.join(root, name), text);
    }
    return root;
}

function command_line(root) {
    const at = (name) => path.join(root, name);
    return [script, '--root', root, '--out', at('dist'), '--js', at('out.js'), '--wasm', at('out.wasm'),
        '--fonts', at('fonts'), '--cache', at('cache'), '--sizes', at('sizes.json')];
}

function files_of(folder, prefix = '') {
    return fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) =>
        entry.isDirectory() ? files_of(path.join(folder, entry.name), `${prefix}${entry.name}/`) : [prefix + entry.name]);
}

test('names carry the hash of the content, and the page names them', (t) => {
    const root = make_source(t);
    execFileSync('node', command_line(root));
    const files = files_of(path.join(root, 'dist'));
    const wasm = files.find((name) => /^assets\/binnacle\.[0-9a-f]{8}\.wasm$/.test(name));
    const shell = files.find((name) => /^assets\/shell\.[0-9a-f]{8}\.js$/.test(name));
    assert.ok(wasm && shell, files.join(' '));
    const page = fs.readFileSync(path.join(root, 'dist/index.html'), 'utf8');
    assert.ok(page.includes(`data-wasm="${wasm}"`));
    assert.ok(page.includes(`<script src="${shell}">`));
    assert.ok(page.includes(`<link rel="preload" href="${wasm}" as="fetch" type="application/wasm" crossorigin>`));
    assert.match(page, /data-fonts="\{&quot;inter-400&quot;:&quot;assets\/inter-400\.[0-9a-f]{8}\.ttf&quot;\}"/);
    assert.ok(fs.readFileSync(path.join(root, 'dist', shell), 'utf8').includes(wasm), 'shell.js knows the other assets');
});

test('the same sources make the same site, another wasm changes its name and those that mention it', (t) => {
    const root = make_source(t);
    execFileSync('node', command_line(root));
    const first = files_of(path.join(root, 'dist'));
    execFileSync('node', command_line(root));
    assert.deepEqual(files_of(path.join(root, 'dist')), first);
    fs.writeFileSync(path.join(root, 'out.wasm'), 'other'.repeat(1000));
    execFileSync('node', command_line(root));
    const second = files_of(path.join(root, 'dist'));
    const changed = second.filter((name) => !first.includes(name) && !/\.(br|gz)$/.test(name)).map((name) => name.split('.')[0]);
    assert.deepEqual(changed, ['assets/binnacle', 'assets/shell']);
});

test('compressed copies decompress to the file, and exist only where they are smaller', (t) => {
    const root = make_source(t, { 'assets/tiny.json': '{}' });
    execFileSync('node', command_line(root));
    const dist = path.join(root, 'dist');
    const small = files_of(dist).filter((name) => name.endsWith('.br'));
    assert.ok(small.some((name) => name.includes('.wasm.br')) && small.some((name) => name.includes('.ttf.br')));
    for (const name of small) {
        const plain = fs.readFileSync(path.join(dist, name.slice(0, -3)));
        assert.deepEqual(zlib.brotliDecompressSync(fs.readFileSync(path.join(dist, name))), plain);
        assert.deepEqual(zlib.gunzipSync(fs.readFileSync(path.join(dist, `${name.slice(0, -3)}.gz`))), plain);
    }
    assert.ok(!files_of(dist).includes('assets/tiny.json.br'));
});

test('config.json names the gateway unless web/ has its own', (t) => {
    const root = make_source(t);
    execFileSync('node', command_line(root));
    const config = JSON.parse(fs.readFileSync(path.join(root, 'dist/config.json'), 'utf8'));
    assert.deepEqual(config, { backends: [{ name: 'gateway', kind: 'kubeorch', url: '/v1/api', default: true }] });
    fs.writeFileSync(path.join(root, 'web/config.json'), '{"backends":[]}');
    execFileSync('node', command_line(root));
    assert.equal(fs.readFileSync(path.join(root, 'dist/config.json'), 'utf8'), '{"backends":[]}');
});

for (const [what, page, message] of [
    ['an inline script', '<script>run()</script>', /inline <script>/],
    ['an inline style', '<style>p {}</style>', /inline <style>/],
    ['a style attribute', '<p style="color: red">', /inline style=/],
    ['an event attribute', '<p onclick="run()">', /inline onclick=/],
    ['an unknown placeholder', '<p>{{nothing}}', /unknown placeholder \{\{nothing\}\}/],
]) {
    test(`${what} in the page is refused, and the old site stays`, (t) => {
        const root = make_source(t);
        execFileSync('node', command_line(root));
        fs.writeFileSync(path.join(root, 'shell/index.html'), page);
        const result = spawnSync('node', command_line(root), { encoding: 'utf8' });
        assert.equal(result.status, 1);
        assert.match(result.stderr, message);
        assert.ok(fs.readFileSync(path.join(root, 'dist/index.html'), 'utf8').includes('data-wasm'));
    });
}

test('the program\'s other parts are named for the page, and are not of the first visit', (t) => {
    const root = make_source(t, { 'shell/index.html': kPage.replace('data-wasm', 'data-parts="{{parts}}" data-wasm'), 'later.wasm': '\0later'.repeat(1000) });
    const sizes = () => JSON.parse(fs.readFileSync(path.join(root, 'sizes.json'), 'utf8'));
    execFileSync('node', command_line(root));
    assert.ok(fs.readFileSync(path.join(root, 'dist/index.html'), 'utf8').includes('data-parts="{}"'));
    const alone = sizes();
    execFileSync('node', [...command_line(root), '--part', `later=${path.join(root, 'later.wasm')}`]);
    const page = fs.readFileSync(path.join(root, 'dist/index.html'), 'utf8');
    const name = /data-parts="\{&quot;later&quot;:&quot;(assets\/later\.[0-9a-f]{8}\.wasm)&quot;\}"/.exec(page)?.[1];
    assert.ok(name && fs.existsSync(path.join(root, 'dist', name)), page);
    assert.doesNotMatch(page, /preload[^>]*later/);
    assert.equal(sizes().program_bytes, alone.program_bytes);
    assert.equal(sizes().program_limit_bytes, sizes().program_budget_bytes, 'the budget is a limit');
    assert.equal(sizes().parts_bytes.later, fs.statSync(path.join(root, 'dist', `${name}.br`)).size);
});

test('a data block is not an inline script', (t) => {
    const root = make_source(t, { 'shell/index.html': '<script type="application/json">{"a":1}</script>' });
    execFileSync('node', command_line(root));
});

test('sizes are those of a first visit, compressed', (t) => {
    const root = make_source(t);
    execFileSync('node', command_line(root));
    const sizes = JSON.parse(fs.readFileSync(path.join(root, 'sizes.json'), 'utf8'));
    const dist = path.join(root, 'dist');
    const program = files_of(dist).filter((name) => /binnacle\.\w+\.(js|wasm)\.br$/.test(name));
    assert.equal(sizes.program_bytes, program.reduce((sum, name) => sum + fs.statSync(path.join(dist, name)).size, 0));
    assert.ok(sizes.first_visit_bytes > sizes.program_bytes);
});
