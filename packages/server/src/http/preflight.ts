/** What a page of another origin may ask for. Changes are refused when it comes to them (`same-origin.ts`). */
export const preflight = {
  'access-control-allow-methods': '*',
  'access-control-allow-headers': 'Authorization,*',
  'access-control-max-age': '86400',
} as const
