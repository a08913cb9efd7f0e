// Two corrections to Emscripten's Fetch: after a connection was cut, its XHR look-alike would hand the last chunk over once more; and it
// knows no `keepalive`, which pre_fetch.js adds.
addToLibrary({
  bn_fetch_keepalive: (on) => { keepaliveFetch = !!on; },
  bn_fetch_forget_chunk__deps: ['$Fetch'],
  bn_fetch_forget_chunk: (id) => {
    if (Fetch.xhrs.has(id)) Fetch.xhrs.get(id).response = null;
  },
});
