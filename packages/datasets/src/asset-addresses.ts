// These lines are here and not beside what uses them: the folder `atlas` is one up from `src/`, and from `dist/`
// too, where everything is in files of one folder. Bundlers know the pattern and bring the files along.
// Functions, so that bundles of what does not ask drop them.

/** Where the emoji of each vendor are. */
export const emojiAtlases: Readonly<Record<'google' | 'twitter', () => URL>> = {
  google: () => new URL('../atlas/google.png', import.meta.url),
  twitter: () => new URL('../atlas/twitter.png', import.meta.url),
}

/** Which emoji is where in them. */
export const emojiIndex = (): URL => new URL('../atlas/sprites.json', import.meta.url)
