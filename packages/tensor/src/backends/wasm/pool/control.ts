/**
 * The words at the start of memory over which threads talk, by their index in an Int32Array. What different
 * threads write often lies on different cache lines (16 words).
 */
export const control = {
  /** `round << 9 | joined << 1 | open`: whether what is open takes helpers, and how many have joined. */
  join: 16,
  /** How many of those that joined have nothing left to do. */
  finished: 32,
  /** The conductor sleeps until `finished` changes. */
  waiting: 33,
  /** First chunk that nobody has taken. */
  next: 48,
  /** Chunks done since the start of time: still moving means still alive. */
  progress: 49,
  /** Threads that sleep until `join` changes. */
  sleepers: 64,
  /** Addresses of the first launch that is open, and of the one after the last. */
  launch: 80,
  launchEnd: 81,
  /** 1 + the position of the first kernel that met an index out of range, else 0. */
  fault: 82,
  /** Address of the first module, 0 if there is none. Modules are a chain: [next, bytes, …code]. */
  modules: 83,
  /** Length of the text of the first error in a thread, else 0; the text begins at `errorText`. */
  error: 84,
  errorText: 192,
  /**
   * Raised by a thread that must not block when it wants `runLaunches` launches at `runAddress` conducted.
   */
  command: 96,
  runAddress: 97,
  runLaunches: 98,

  /** Not a position: the value of `join` and `command` that ends threads. */
  ended: -1,
} as const
export type Control = typeof control

/** Most characters of an error's text that threads hand on. */
export const ERROR_CHARACTERS = 512

/** Bytes at the start of memory that hold all this. */
export const CONTROL_BYTES = 4096

/**
 * A launch in memory: the words [module, function (position among the module's exports), address of the
 * arguments, units, grain, address of the threads' scratch, bytes of scratch per thread, launches that are open
 * together with it, whether these are worth sharing, launches of its chain, address of the words about slots of
 * its own].
 *
 * Launches that are open together need nothing of each other, but for those of a chain: these have equally many
 * chunks, and each goes on with a chunk where the one before has left it. Those that follow wait for all of them.
 *
 * A launch of a chain may have slots that hold one chunk, in the scratch of the thread that does it (0 if there
 * are none). The words about them are [bytes of all of them, words of arguments, words that follow, then for each
 * argument that points into one of them its position, what is to be added to the address of the scratch, and how
 * many bytes a chunk is]. The thread makes its own copy of the arguments, behind those slots.
 */
export const LAUNCH_WORDS = 11
