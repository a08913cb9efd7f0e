// Time: the task queue (MessageChannel), one timer, one animation frame, randomness. See bindings.hpp.
addToLibrary({
  $bnLoop: {
    self: 0,
    port: null,
    timer: 0,
    frame: 0,
    dead: false,
    // A trap leaves the program in no state to go on; the page shows the error (shell/boot.js).
    enter(call) {
      if (bnLoop.dead || ABORT) return;
      try {
        call();
      } catch (error) {
        bnLoop.dead = true;
        throw error;
      }
    },
  },

  bn_loop_start__deps: ['$bnLoop'],
  bn_loop_start: (self) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => bnLoop.enter(() => _bn_loop_tick(self));
    bnLoop.port = channel.port2;
    bnLoop.self = self;
  },
  bn_loop_post__deps: ['$bnLoop'],
  bn_loop_post: () => bnLoop.port.postMessage(0),

  bn_loop_set_timer__deps: ['$bnLoop'],
  bn_loop_set_timer: (delayMs) => {
    clearTimeout(bnLoop.timer);
    bnLoop.timer = setTimeout(() => bnLoop.enter(() => _bn_loop_timer(bnLoop.self)), delayMs);
  },
  bn_loop_clear_timer__deps: ['$bnLoop'],
  bn_loop_clear_timer: () => clearTimeout(bnLoop.timer),

  bn_frame_request__deps: ['$bnLoop'],
  bn_frame_request: (self) => {
    bnLoop.frame = requestAnimationFrame(() => {
      bnLoop.frame = 0;
      bnLoop.enter(() => _bn_frame(self));
    });
  },
  bn_frame_cancel__deps: ['$bnLoop'],
  bn_frame_cancel: () => {
    cancelAnimationFrame(bnLoop.frame);
    bnLoop.frame = 0;
  },

  // At most 65,536 bytes a call, as the specification says.
  bn_random: (pointer, size) => {
    for (let at = 0; at < size; at += 65536) {
      crypto.getRandomValues(HEAPU8.subarray(pointer + at, pointer + Math.min(size, at + 65536)));
    }
  },
});
