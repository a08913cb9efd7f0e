// Every fetch of the program goes through here: Emscripten's own has no way to ask for `keepalive` (bn_fetch_keepalive, lib_fetch.js).
var keepaliveFetch = false;
var fetch = (url, options) => globalThis.fetch(url, keepaliveFetch ? { ...options, keepalive: true } : options);
