/** What is known of a published data set. */
export interface DatasetInfo {
  readonly name: string
  /** By label: class `t` is `classes[t]`. */
  readonly classes: readonly string[]
  /** Under which it may be used; as its authors say it. */
  readonly license: string
  readonly homepage: string
}
