// cmake/split_wasm.mjs on a made-up program, with wasm-split of the toolchain where it is at hand.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { functions_of, is_timed, is_cluster, is_separable, key_of } from '../../cmake/wasm_names.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kNames = 120;

function find_tool(name) {
    const line = fs.existsSync(path.join(root, '.toolchain/emscripten.cmake')) ? fs.readFileSync(path.join(root, '.toolchain/emscripten.cmake'), 'utf8') : '';
    const emscripten = /BINNACLE_EMSCRIPTEN_ROOT\s+"?([^")\s]+)/.exec(line)?.[1] ?? '';
    return [path.join(emscripten, '../../bin', name), path.join(emscripten, '../bin', name)].find((file) => emscripten && fs.existsSync(file));
}
const tools = { split: find_tool('wasm-split'), as: find_tool('wasm-as') };

// `start` calls one function of each part; each adds its own number through a long body.
function source() {
    const long = (value) => `(local.get 0) ${`(i32.const ${value}) i32.add (i32.const ${value}) i32.sub `.repeat(60)} (i32.const ${value}) i32.add`;
    const functions = [];
    for (let i = 0; i < kNames; ++i) {
        functions.push(`(func $"kube::Store::put_${i}(int)" (param i32) (result i32) ${long(1)})`, `(func $"ui::settings_${i}(int)" (param i32) (result i32) ${long(10)})`);
    }
    return `(module (memory (export "memory") 1) (table (export "table") 1 funcref)
        ${functions.join('\n')}
        (func $"ui::canvas(int)" (param i32) (result i32) ${long(100)})
        (func (export "start") (param i32) (result i32) (call $"ui::canvas(int)" (call $"kube::Store::put_3(int)" (call $"ui::settings_7(int)" (local.get 0))))))`;
}

function split(t, first_visit) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-split-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const at = (name) => path.join(folder, name);
    fs.writeFileSync(at('program.wat'), source());
    execFileSync(tools.as, ['-g', at('program.wat'), '-o', at('program.wasm')]);
    fs.writeFileSync(at('first_visit.txt'), first_visit);
    const result = spawnSync('node', [path.join(root, 'cmake/split_wasm.mjs'), '--wasm-split', tools.split, '--wasm', at('program.wasm'), '--first-visit', at('first_visit.txt'), '--out', at('out')],
                             { encoding: 'utf8' });
    return { result, read: (name) => fs.readFileSync(path.join(folder, 'out', name)) };
}

// As shell/boot.js does it: parts are linked into the table when a placeholder is called.
function run(parts) {
    const early = [];
    const imports = {};
    let primary = null;
    for (const part of ['later', 'cluster']) {
        imports[`placeholder.${part}`] = new Proxy({}, { get: (_, slot) => (...words) => {
            early.push(part);
            new WebAssembly.Instance(new WebAssembly.Module(parts.read(`${part}.wasm`)), { ...imports, primary: primary.exports });
            return Object.values(primary.exports).find((value) => value instanceof WebAssembly.Table).get(Number(slot))(...words);
        } });
    }
    primary = new WebAssembly.Instance(new WebAssembly.Module(parts.read('binnacle.wasm')), imports);
    return { start: primary.exports.start, early };
}

const options = { skip: tools.split && tools.as ? false : 'wasm-split is not at hand' };

test('what a first visit runs stays, the rest is in two parts that come when they are called, and nothing is lost', options, (t) => {
    const parts = split(t, '# recorded\nui::canvas(int)\n');
    assert.equal(parts.result.status, 0, parts.result.stderr);
    const { start, early } = run(parts);
    assert.equal(start(0), 111);
    assert.deepEqual(early.sort(), ['cluster', 'later']);
    assert.equal(start(1), 112);
    assert.equal(early.length, 2, 'once linked, calls go straight');
    assert.ok(parts.read('binnacle.wasm').length < parts.read('later.wasm').length * 3);
    const slots = Object.values(JSON.parse(parts.read('slots.json')));
    assert.ok(slots.includes('ui::settings_7(int)') && slots.includes('kube::Store::put_3(int)'), slots.join(', '));
});

test('with nothing recorded only hub and cluster are apart', options, (t) => {
    const parts = split(t, '# nothing yet\n');
    assert.equal(parts.result.status, 0, parts.result.stderr);
    const { start, early } = run(parts);
    assert.equal(start(0), 111);
    assert.deepEqual(early, ['cluster']);
    assert.equal(parts.read('later.wasm').length, 8);
});

test('a program without names is refused', options, (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-split-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    fs.writeFileSync(path.join(folder, 'program.wat'), '(module (func (export "f")))');
    execFileSync(tools.as, [path.join(folder, 'program.wat'), '-o', path.join(folder, 'program.wasm')]);
    fs.writeFileSync(path.join(folder, 'list'), '');
    const result = spawnSync('node', [path.join(root, 'cmake/split_wasm.mjs'), '--wasm-split', tools.split, '--wasm', path.join(folder, 'program.wasm'), '--first-visit', path.join(folder, 'list'),
                                      '--out', folder], { encoding: 'utf8' });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /--profiling-funcs/);
});

test('names are compared without what changes by itself', () => {
    assert.equal(key_of("ui::draw()::'lambda3'(int)::operator()(int) const"), key_of("ui::draw()::'lambda'(int)::operator()(int) const"));
    assert.equal(key_of('ui::draw()::$_12::operator()() const'), key_of('ui::draw()::$_3::operator()() const'));
    assert.equal(key_of('ui::draw().llvm.123456'), 'ui::draw()');
    assert.notEqual(key_of('ui::draw(int)'), key_of('ui::draw(char)'));
    const large = (name) => ({ name, size: 1000 });
    assert.ok(is_cluster(large('hub::Runner::run()')) && is_cluster(large('yaml_parser_parse')) && is_cluster(large('base::UniqueFunction<void (hub::X)>::call()')));
    assert.ok(!is_cluster(large('void std::sort<hub::X*>(hub::X*)')) && !is_cluster(large('model::App::run()')) && !is_cluster({ name: 'hub::small()', size: 199 }));
    assert.ok(!is_separable(large('')) && !is_separable({ name: 'f', size: 63 }) && is_separable(large('f')));
    assert.ok(is_timed(large("base::UniqueFunction<void ()>::Holder<net::ChannelClient::Impl::arm()::'lambda'()>::call()")) && !is_timed(large('net::Router::route()')));
});

test('the sizes and names of functions are read from the binary', options, (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-split-'));
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    fs.writeFileSync(path.join(folder, 'p.wat'), '(module (import "env" "log" (func $log)) (func $first (call $log)) (func $second (export "s") (nop) (nop)))');
    execFileSync(tools.as, ['-g', path.join(folder, 'p.wat'), '-o', path.join(folder, 'p.wasm')]);
    assert.deepEqual(functions_of(fs.readFileSync(path.join(folder, 'p.wasm'))), [{ name: 'first', size: 4 }, { name: 'second', size: 4 }]);
});
