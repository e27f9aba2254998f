import { type OfferedNetwork, offeredNetworks } from './offered-networks.ts'

/** What was chosen: a network that comes with the page, or a file. */
export type ChosenNetwork = OfferedNetwork | File

/** The list of networks: those that come with the page, one of the visitor's own, and a way to open that. */
export class NetworkPicker {
  readonly #list: HTMLSelectElement
  readonly #onChoose: (network: ChosenNetwork) => void
  /** In the order of the list. */
  #networks: readonly ChosenNetwork[] = offeredNetworks
  /** What the list held, and where it stood, when a network was last opened. */
  #opened = { networks: this.#networks, selected: 0 }

  /** @param input takes a file when it is clicked */
  constructor(list: HTMLSelectElement, input: HTMLInputElement, onChoose: (network: ChosenNetwork) => void) {
    this.#list = list
    this.#onChoose = onChoose
    this.#fill(0)
    list.addEventListener('change', () => {
      const chosen = this.#networks[list.selectedIndex]
      if (chosen) return onChoose(chosen)
      this.revert()
      input.click()
    })
    input.addEventListener('change', () => {
      const [file] = input.files ?? []
      input.value = ''
      if (file) this.choose(file)
    })
  }

  /** Puts a file into the list, and opens it. */
  choose(file: File): void {
    this.#networks = [...offeredNetworks, file]
    this.#fill(offeredNetworks.length)
    this.#onChoose(file)
  }

  /** What was chosen last has been opened. */
  confirm(): void {
    this.#opened = { networks: this.#networks, selected: this.#list.selectedIndex }
  }

  /** What was chosen last could not be opened: the list goes back to what is open. */
  revert(): void {
    this.#networks = this.#opened.networks
    this.#fill(this.#opened.selected)
  }

  #fill(selected: number): void {
    const names = [...this.#networks.map(({ name }) => name), 'Open a checkpoint…']
    this.#list.replaceChildren(...names.map((name) => new Option(name)))
    this.#list.selectedIndex = selected
  }
}
