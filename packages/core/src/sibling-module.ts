/**
 * The address of a module beside the calling one, for `new Worker`. From source that is a `.ts` file, from a build a
 * `.js` one, and the compiler rewrites imports but not addresses.
 */
export function siblingModule(caller: string, name: string): URL {
  return new URL(`${name}${caller.slice(caller.lastIndexOf('.'))}`, caller)
}
