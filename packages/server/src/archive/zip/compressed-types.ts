/** Formats that hold compressed data already: deflating them again costs time and gains nothing. */
const extensions: ReadonlySet<string> = new Set(
  [
    [
      '7z',
      'br',
      'bz2',
      'cab',
      'gz',
      'lz',
      'lz4',
      'lzma',
      'lzo',
      'rar',
      'tbz2',
      'tgz',
      'txz',
      'tzst',
      'xz',
      'zip',
      'zst',
    ],
    ['apk', 'crx', 'deb', 'dmg', 'ear', 'epub', 'ipa', 'jar', 'msix', 'nupkg', 'rpm', 'vsix', 'war', 'whl', 'xpi'],
    ['docm', 'docx', 'odg', 'odp', 'ods', 'odt', 'pptm', 'pptx', 'xlsm', 'xlsx'],
    ['avif', 'gif', 'heic', 'heif', 'jp2', 'jpeg', 'jpg', 'jxl', 'png', 'webp'],
    ['3gp', 'avi', 'flv', 'm2ts', 'm4v', 'mkv', 'mov', 'mp4', 'mpeg', 'mpg', 'ogv', 'vob', 'webm', 'wmv'],
    ['aac', 'ac3', 'ape', 'flac', 'm4a', 'mp3', 'oga', 'ogg', 'opus', 'wma'],
    ['woff', 'woff2'],
  ].flat(),
)

export function isCompressedAlready(name: string): boolean {
  return extensions.has(name.slice(name.lastIndexOf('.') + 1).toLowerCase())
}
