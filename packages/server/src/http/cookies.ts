/** The value of a cookie: RFC 6265, section 5.4. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  const found = header?.split(';', 100).find((pair) => pair.trimStart().startsWith(`${name}=`))
  return found?.trim().slice(name.length + 1)
}
