/** What is refused, in the shape of the errors of the vendor's library. */
export async function refusalOf(answer: Response): Promise<Error & { readonly error: unknown }> {
  const error = jsonOr(await answer.text())
  const { status, headers } = answer
  return Object.assign(new Error(`Dropbox answered ${status}.`), { status, headers, error })
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
