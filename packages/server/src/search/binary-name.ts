import { extname } from 'node:path'

/**
 * Endings of names whose files hold no lines: in practice each such file has a NUL in it, by which a search would give it up
 * after fetching it.
 */
const binaryEndings: ReadonlySet<string> = new Set(
  [
    // Pictures, without SVG.
    'avif bmp cr2 dng gif heic heif ico jfif jp2 jpeg jpg jxl nef png psd tif tiff webp',
    // Sound and moving pictures.
    '3gp aac aiff avi flac flv m4a m4v mka mkv mov mp3 mp4 mpeg mpg oga ogg ogv opus wav webm wma wmv',
    // Archives and images of disks.
    '7z apk br bz2 cab deb dmg ear gz iso jar lz4 lzma qcow2 rar rpm tgz tbz2 txz vdi vhd vhdx vmdk war xz zip zst',
    // Documents that are archives inside.
    'docx epub odp ods odt pptx xlsx',
    // Programs and what compilers leave behind.
    'a class dll dylib exe ko node o pdb pyc pyd so wasm',
    // Fonts.
    'eot otf ttc ttf woff woff2',
    // Databases and tables.
    'arrow avro mdb npy npz orc parquet sqlite sqlite3',
  ].flatMap((row) => row.split(' ')),
)

/** Whether a file is not worth fetching to look for lines in it, by its name. */
export const hasBinaryName = (name: string): boolean => binaryEndings.has(extname(name).slice(1).toLowerCase())
