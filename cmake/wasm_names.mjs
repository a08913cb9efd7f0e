// What a wasm linked with --profiling-funcs says of its own functions. Used by split_wasm.mjs and record_first_visit.mjs.

// Every defined function as {name, size}, in order: bodies from the code section, names from the `name` section (WebAssembly core
// specification, 5.5.13 and appendix "Name Section").
export function functions_of(bytes) {
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

// What is smaller costs about as much by its slot in the table as it saves.
const kSmallestDeferred = 64; // bytes
export const is_separable = ({ name, size }) => size >= kSmallestDeferred && name !== '' && !name.includes('\n');

const kCluster = /\b(?:kube|hub)::|^yaml_|N(?:K?S?_?)*4kube|N(?:K?S?_?)*3hub/;
// Binaryen merges functions with equal bodies and keeps one of the names: what is small, or a library template over one of our types, may
// well be another module's too.
const kSmallestOfCluster = 200;
// Hub and cluster: the namespaces hub:: and kube::, and libyaml, which only the hub uses.
export const is_cluster = ({ name, size }) => size >= kSmallestOfCluster && is_separable({ name, size }) && kCluster.test(name) && !/^(?:void |bool )?std::/.test(name);

// Runs or not by the moment, and no recording sees all of it: how tabs find each other, with its timers, and what is asked for when the
// answer that was asked for ahead has not come yet.
export const is_timed = ({ name }) => /net::(?:Channel|TabGroup)|web::BackendFinder/.test(name);

// A name as it stands in first_visit.txt: without what changes by itself when code nearby does (numbers of lambdas, suffixes of clones).
export const key_of = (name) => name.replace(/\.(?:llvm\.\d+|cold|part|isra|constprop|\d+)(?:\.\d+)*/g, '').replace(/\$_\d+/g, '$_').replace(/'lambda\d*'/g, "'lambda'");
