/** What is known of a published data set. */
export interface DatasetInfo {
  readonly name: string
  /** By label: class `t` is `classes[t]`. */
  readonly classes: readonly string[]
  /** By value in a mask, where that is not by label: those of `classes`, otherwise. */
  readonly maskClasses?: readonly string[]
  /** Under which it may be used; as its authors say it. */
  readonly license: string
  readonly homepage: string
  /** Red, green and blue of each class, from 0 to 255, where its authors draw masks in colours. */
  readonly colors?: readonly (readonly [red: number, green: number, blue: number])[]
  /** The splits its authors made. */
  readonly splits?: readonly string[]
  /** MD5 of the published files, where they are known. */
  readonly checksums?: Readonly<Record<string, string>>
}
