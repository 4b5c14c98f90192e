import { describe, expect, it } from 'vitest'
import { directLink } from './link.ts'

describe('a link to the bytes', () => {
  it.each([
    [
      'personal',
      'https://1drv.ms/u/s!a?b',
      'https://api.onedrive.com/v1.0/shares/u!aHR0cHM6Ly8xZHJ2Lm1zL3UvcyFhP2I/root/content',
    ],
    [
      'business',
      'https://contoso-my.sharepoint.com/:t:/g/personal/ada_contoso_com/EdToken',
      'https://contoso-my.sharepoint.com/personal/ada_contoso_com/_layouts/15/download.aspx?share=EdToken',
    ],
    [
      'documentLibrary',
      'https://contoso.sharepoint.com/:t:/s/team/EdToken',
      'https://contoso.sharepoint.com/sites/team/_layouts/15/download.aspx?share=EdToken',
    ],
    ['business', 'https://contoso-my.sharepoint.com/other/form', 'https://contoso-my.sharepoint.com/other/form'],
  ] as const)('on a %s drive, of %s, is %s', (type, link, direct) => {
    expect(directLink(link, type)).toBe(direct)
  })
})
