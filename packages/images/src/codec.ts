import { compileInstalled } from './wasm.node.ts'

/** What the codecs share, which Emscripten wrote. */
export interface CodecModule {
  readonly HEAPU8: Uint8Array
}

/** Pixels as codecs give them: always red, green, blue, alpha. */
export interface DecodedPixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

type Factory<Module> = (options: object) => Promise<Module>

/** An instance that has grown beyond is not kept for the next picture. */
const MAX_KEPT_BYTES = 2 ** 28

/**
 * Hands out an instance of a codec, and the warnings it gave while it worked. One that has failed is thrown
 * away: it ends where it stands, and what it had allocated is never freed.
 */
export class Codec<Module extends CodecModule> {
  readonly #load: () => Promise<Factory<Module>>
  readonly #file: string
  #compiled: Promise<WebAssembly.Module | undefined> | undefined
  #instance: Promise<Module> | undefined
  #messages: string[] = []

  /** @param file of the package, such as `@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm` */
  constructor(file: string, load: () => Promise<{ readonly default: unknown }>) {
    this.#file = file
    this.#load = async () => (await load()).default as Factory<Module>
  }

  /**
   * Runs `work` on an instance.
   *
   * @returns the result, undefined when it failed, and what the codec said
   */
  async run<Result>(
    work: (module: Module) => Result,
  ): Promise<{ readonly result: Result | undefined; readonly messages: readonly string[]; cause?: unknown }> {
    this.#instance ??= this.#instantiate()
    const instance = this.#instance
    const module = await instance.catch((error: unknown) => {
      this.#drop(instance)
      throw error
    })
    const messages: string[] = []
    this.#messages = messages
    try {
      const result = work(module)
      if (module.HEAPU8.length > MAX_KEPT_BYTES) this.#drop(instance)
      return { result, messages }
    } catch (cause) {
      this.#drop(instance)
      return { result: undefined, messages, cause }
    }
  }

  /** Unless another has taken its place. */
  #drop(instance: Promise<Module>): void {
    if (this.#instance === instance) this.#instance = undefined
  }

  async #instantiate(): Promise<Module> {
    const factory = await this.#load()
    this.#compiled ??= compileInstalled(this.#file)
    const compiled = await this.#compiled
    const say = (text: string): void => void this.#messages.push(text)
    return factory({
      noInitialRun: true,
      print: say,
      printErr: say,
      ...(compiled && { instantiateWasm: instantiateFrom(compiled) }),
    })
  }
}

function instantiateFrom(compiled: WebAssembly.Module) {
  return (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => {
    const instance = new WebAssembly.Instance(compiled, imports)
    done(instance)
    return instance.exports
  }
}
