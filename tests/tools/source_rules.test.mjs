// Rules of design.md section 2 that the include path cannot enforce. The arrows between folders themselves are enforced by the
// build: see cmake/binnacle_modules.cmake.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

function sources(folder) {
    const at = path.join(root, folder);
    if (!fs.existsSync(at)) return [];
    return fs.readdirSync(at, { recursive: true })
        .filter((name) => /\.(cpp|hpp|h|cc|inl)$/.test(name))
        .map((name) => ({ name: `${folder}/${name}`, folder: name.split('/')[0], text: fs.readFileSync(path.join(at, name), 'utf8') }));
}

// Comments and string literals blanked, lines kept.
function code_only(text) {
    return text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|R"(\w*)\([\s\S]*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'/g,
        (match) => match.replace(/[^\n]/g, ' '));
}

function offences(files, pattern, { raw = false } = {}) {
    const found = [];
    for (const { name, text } of files) {
        (raw ? text : code_only(text)).split('\n').forEach((line, index) => {
            if (pattern.test(line)) found.push(`${name}:${index + 1}: ${text.split('\n')[index].trim()}`);
        });
    }
    return found;
}

const all = sources('src');
const product = all.filter(({ name }) => !name.includes('/testing/'));
const in_folders = (...names) => product.filter(({ folder }) => names.includes(folder));
const shared = in_folders('base', 'wire', 'net', 'state', 'model', 'hub', 'kube', 'ui');
const below_gateway = [...shared, ...in_folders('web')];
const includes = (...headers) => new RegExp(`^\\s*#\\s*include\\s*[<"](${headers.join('|')})[>"]`);

const rules = [
    ['no emscripten header outside src/web', product.filter(({ folder }) => folder !== 'web'), includes('emscripten.*', 'GLES.*'), true],
    ['no Dear ImGui below src/ui', in_folders('base', 'wire', 'net', 'state', 'model', 'hub', 'kube'), includes('imgui.*'), true],
    ['no threads, files or sockets below the gateway', shared,
        includes('thread', 'mutex', 'future', 'condition_variable', 'fstream', 'iostream', 'filesystem', 'sys/.*', 'unistd\\.h', 'boost/.*'), true],
    ['no exceptions below the gateway', below_gateway, /\b(throw|try|catch)\b\s*[({;]|\bthrow\s+\w/, false],
    ['no run-time type information below the gateway', below_gateway, /\b(dynamic_cast|typeid)\b/, false],
    ['no <format>', product, includes('format', 'print', 'generator', 'stacktrace'), true],
    ['no using namespace at file level in a header', all.filter(({ name }) => /\.(hpp|h)$/.test(name)),
        /^using namespace\b(?!.*literals)/, false],
    ['product code includes no fakes', product, /#\s*include\s*"[^"]*testing\//, true],
];

for (const [what, files, pattern, raw] of rules) {
    test(what, () => assert.deepEqual(offences(files, pattern, { raw }), []));
}

test('every header opens with what it is for', () => {
    const headers = product.filter(({ name }) => /\.(hpp|h)$/.test(name));
    assert.deepEqual(headers.filter(({ text }) => !/^\s*(#pragma once\s*)?(\/\/|\/\*)/.test(text)).map(({ name }) => name), []);
});

// What runs in the page: scripts of the tab, of the shell, of the other pages.
const scripts = ['src/web', 'shell', 'web'].flatMap((folder) => fs.readdirSync(path.join(root, folder), { recursive: true })
    .filter((name) => /\.(js|html)$/.test(name))
    .map((name) => ({ name: `${folder}/${name}`, text: fs.readFileSync(path.join(root, folder, name), 'utf8') })));

test('no script listens to other windows or speaks to them [F1 F2 F3]', () => {
    assert.ok(scripts.length > 10);
    const listens = /addEventListener\(\s*['"`]message['"`]|\b(window|self|globalThis|parent|top|opener)\??\.(onmessage|postMessage)\b|\.(contentWindow|opener)\b|\b(parent|top)\.postMessage/;
    assert.deepEqual(offences(scripts, listens, { raw: true }), []);
    // What is posted goes through a channel: of this origin's tabs, or of the event loop to itself.
    const posts = scripts.flatMap(({ name, text }) => [...text.matchAll(/(\w+)\??\.postMessage\(/g)].map((match) => `${name}: ${match[1]}`));
    assert.deepEqual([...new Set(posts)].sort(), ['src/web/js/lib_loop.js: port', 'src/web/js/lib_tabs.js: channel']);
});

test('no script makes code or markup of text [F5]', () => {
    const makes = /\b(innerHTML|outerHTML|srcdoc|insertAdjacentHTML|setHTMLUnsafe|createContextualFragment)\b|document\.write|\beval\s*\(|\bnew\s+Function\b|set(Timeout|Interval)\(\s*['"`]/;
    assert.deepEqual(offences(scripts, makes, { raw: true }), []);
});

test('the repository names no machine of ours', () => {
    const own = new RegExp(['/work' + '/', '\\.\\./' + 'shared/'].join('|'));
    const files = ['src', 'tests', 'cmake'].flatMap((folder) => sources(folder));
    assert.deepEqual(offences(files, own, { raw: true }), []);
});
