/** Every error that badak throws on purpose. The text is `operation: what differs: the values`. */
export class BadakError extends Error {
  override name = 'BadakError'
}

/** Shapes, axes or sizes do not fit. */
export class ShapeError extends BadakError {
  override name = 'ShapeError'
}

/** An element type does not fit the operation. */
export class DTypeError extends BadakError {
  override name = 'DTypeError'
}

/** An argument is outside of its range. */
export class ValueError extends BadakError {
  override name = 'ValueError'
}

/** An index points outside of the axis it selects from. */
export class IndexError extends BadakError {
  override name = 'IndexError'
}

/** A graph can no longer be evaluated or differentiated as asked. */
export class GraphError extends BadakError {
  override name = 'GraphError'
}

/** A graph was built on a value of a Parameter or State that has been replaced since. */
export class VersionError extends GraphError {
  override name = 'VersionError'
}

/** A first NaN or infinity, found by `debug: 'eager'`. */
export class NumericError extends BadakError {
  override name = 'NumericError'
}

/** A file does not hold what its format says. */
export class FormatError extends BadakError {
  override name = 'FormatError'
}

/** Memory could not be had. */
export class MemoryError extends BadakError {
  override name = 'MemoryError'
}

/** A backend is unknown or cannot do what is asked here. */
export class BackendError extends BadakError {
  override name = 'BackendError'
}
