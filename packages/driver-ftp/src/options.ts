import {
  description,
  duration,
  encoding,
  flag,
  integer,
  requiredText,
  secretText,
  strictOptions,
  text,
} from '@filegate/core/options'
import type { z } from 'zod'

export const options = strictOptions({
  host: requiredText().describe('Name or address of the FTP server.'),
  port: integer({ minimum: 1, maximum: 65_535 })
    .prefault(21)
    .describe('Its port. Servers with implicit TLS mostly listen on 990.'),
  user: text().describe('Who logs in. Empty: anonymous.'),
  pass: secretText().describe('The password.'),
  tls: flag().prefault(false).describe('Encrypt from the first byte on (implicit TLS).'),
  explicit_tls: flag().prefault(false).describe('Connect in plain text and encrypt before the login (AUTH TLS).'),
  no_check_certificate: flag().prefault(false).describe('Take any certificate, whoever signed it.'),
  tls_cache_size: integer({ minimum: 0 })
    .prefault(32)
    .describe(
      'TLS sessions of control connections that are kept for their data connections, which many servers insist on. 0: none.',
    ),
  concurrency: integer({ minimum: 0 })
    .prefault(0)
    .describe('The most connections at a time; each transfer takes one. 0: as many as are needed.'),
  idle_timeout: duration().prefault(60).describe('How long connections that nobody uses are kept. 0: for good.'),
  close_timeout: duration()
    .prefault(60)
    .describe('How long a server may take to confirm the end of a download, before its connection is given up.'),
  shut_timeout: duration()
    .prefault(60)
    .describe('How long a server may take to confirm the end of an upload, before the upload counts as failed.'),
  disable_epsv: flag().prefault(false).describe('Never ask for data connections with EPSV, but with PASV.'),
  disable_mlsd: flag()
    .prefault(false)
    .describe('Do not use MLSD and MLST, even where the server offers them; LIST tells less.'),
  disable_utf8: flag().prefault(false).describe('Names at the server are in Latin-1, not in UTF-8.'),
  force_list_hidden: flag()
    .prefault(false)
    .describe('List with LIST -a, which shows hidden files where LIST does not. MLSD is not used then.'),
  writing_mdtm: flag().prefault(false).describe('Set times with MDTM where the server has no MFMT, as with vsftpd.'),
  ask_password: flag()
    .prefault(false)
    .describe('There is nobody to ask for a password here, so this is refused unless pass is given.'),
  socks_proxy: secretText().describe('Connect through this SOCKS 5 proxy: host:port or user:password@host:port.'),
  http_proxy: secretText().describe(
    'Connect through this HTTP proxy, which must allow CONNECT: http://user:password@host:port.',
  ),
  // Slash, Del, Ctl, RightSpace, Dot.
  encoding: encoding(35_749_890),
  description: description(),
})

export type FtpOptions = z.output<typeof options>
