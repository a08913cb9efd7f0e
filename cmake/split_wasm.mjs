// Splits the program in two: node cmake/split_wasm.mjs --wasm-split PATH --wasm binnacle.wasm --primary OUT --deferred OUT
//
// Hub and cluster (namespaces hub:: and kube::, and libyaml, which only the hub uses) go to the deferred part, which a page that has a backend never downloads. The input
// is linked with --profiling-funcs, for the functions' names; neither output keeps them. A deferred function that is called before
// its part was loaded goes through a placeholder (import namespace `placeholder.deferred`, named by its table slot): shell/boot.js
// loads the part then and there. Both parts share memory and table.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const kDeferred = /\b(?:kube|hub)::|^yaml_|N(?:K?S?_?)*4kube|N(?:K?S?_?)*3hub/;
// What clang 21 emits here; more of them (--all-features) would allow encodings that browsers do not read yet.
const kFeatures = ['simd', 'bulk-memory', 'bulk-memory-opt', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals', 'multivalue', 'call-indirect-overlong'];

const kSmallestDeferred = 200; // bytes

function fail(message) {
    console.error(`split_wasm: ${message}`);
    process.exit(1);
}

function parse_arguments(words) {
    const result = {};
    for (let i = 0; i < words.length; i += 2) result[words[i].replace(/^--/, '')] = words[i + 1];
    for (const name of ['wasm-split', 'wasm', 'primary', 'deferred']) if (!result[name]) fail(`--${name} is missing`);
    return result;
}

// Every defined function as {name, size}: bodies from the code section, names from the `name` section (WebAssembly core
// specification, 5.5.13 and appendix "Name Section").
function functions_of(bytes) {
    let at = 8;
    const leb = () => {
        for (let value = 0, shift = 0; ; shift += 7) {
            const byte = bytes[at++];
            value += (byte & 127) * 2 ** shift;
            if (byte < 128) return value;
        }
    };
    const text = () => {
        const size = leb();
        at += size;
        return bytes.subarray(at - size, at).toString('utf8');
    };
    const sizes = [];
    const names = new Map(); // index among all functions, imported ones first
    let highest = -1;
    while (at < bytes.length) {
        const id = bytes[at++];
        const end = leb() + at;
        if (id === 10) {
            for (let count = leb(); count > 0; --count) {
                const size = leb();
                sizes.push(size);
                at += size;
            }
        } else if (id === 0 && text() === 'name') {
            while (at < end) {
                const kind = bytes[at++];
                const subsection_end = leb() + at;
                for (let count = kind === 1 ? leb() : 0; count > 0; --count) {
                    const index = leb();
                    names.set(index, text());
                    highest = Math.max(highest, index);
                }
                at = subsection_end;
            }
        }
        at = end;
    }
    const imported = highest + 1 - sizes.length;
    return sizes.map((size, i) => ({ name: names.get(imported + i) ?? '', size }));
}

const args = parse_arguments(process.argv.slice(2));
// Binaryen merges functions with equal bodies and keeps one of the names: what is small, or a library template over one of
// our types, may well be another module's too, and stays.
const deferred = functions_of(fs.readFileSync(args.wasm))
    .filter(({ name, size }) => kDeferred.test(name) && !name.includes('\n') && !/^(?:void |bool )?std::/.test(name) && size >= kSmallestDeferred)
    .map(({ name }) => name);
if (deferred.length < 100) fail(`only ${deferred.length} functions of hub and cluster are named in ${args.wasm}; was it linked with --profiling-funcs?`);
for (const file of [args.primary, args.deferred]) fs.mkdirSync(path.dirname(file), { recursive: true });
const list = `${args.deferred}.functions`;
fs.writeFileSync(list, deferred.join('\n') + '\n');
execFileSync(args['wasm-split'], [...kFeatures.map((name) => `--enable-${name}`), '--split', args.wasm, '-o1', args.primary, '-o2', args.deferred,
    `--split-funcs=@${list}`, '--export-prefix=%', '--import-namespace=primary', '--placeholder-namespace=placeholder', '--strip-debug'], { stdio: 'inherit' });
for (const file of [args.primary, args.deferred]) {
    if (!WebAssembly.validate(fs.readFileSync(file))) fail(`${file} is not valid`);
}
