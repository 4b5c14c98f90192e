import { describeDriver } from '@filegate/conformance'
import { ftpHarness } from './testing/harness.ts'
import { startFtpServer } from './testing/server.ts'
import { forbiddenNames } from '../../../test/simulators/vendor-names.ts'

const except = forbiddenNames('ftp')

describeDriver('an FTP server that knows MLSD', ftpHarness(await startFtpServer()), { except })
describeDriver(
  'an FTP server that knows LIST only',
  ftpHarness(await startFtpServer({ facts: false }), {
    force_list_hidden: true,
    writing_mdtm: true,
    disable_epsv: true,
  }),
  { except },
)
