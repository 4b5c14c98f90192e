import { describeDriver } from '@filegate/conformance'
import { ftpHarness } from './testing/harness.ts'
import { startFtpServer } from './testing/server.ts'

const lineBreaks = ['a newline', 'a carriage return'].map((label) => ({
  test: `a name with ${label} stays as it is`,
  reason: 'FTP has no way to say such a name',
}))

describeDriver('an FTP server that knows MLSD', ftpHarness(await startFtpServer()), { except: lineBreaks })
describeDriver(
  'an FTP server that knows LIST only',
  ftpHarness(await startFtpServer({ facts: false }), {
    force_list_hidden: true,
    writing_mdtm: true,
    disable_epsv: true,
  }),
  { except: lineBreaks },
)
