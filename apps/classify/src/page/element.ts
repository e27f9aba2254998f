/** An element of the page. @throws TypeError when it is not there, or another one */
export function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id)
  if (found instanceof type) return found
  throw new TypeError(`there is no ${type.name} with the id "${id}"`)
}
