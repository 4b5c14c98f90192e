// The health check of the container: exits with 0 when the server answers. What moves the server has to come from the
// environment for it to be found here: FILEGATE_PORT, FILEGATE_PATH_PREFIX and FILEGATE_TLS_CERT.
import http from 'node:http'
import https from 'node:https'

const { FILEGATE_PORT = '5000', FILEGATE_PATH_PREFIX = '', FILEGATE_TLS_CERT } = process.env
const { request, scheme } = FILEGATE_TLS_CERT
  ? { request: https.get, scheme: 'https' }
  : { request: http.get, scheme: 'http' }
const prefix = FILEGATE_PATH_PREFIX.replace(/^\/*(.*?)\/*$/, '$1')
const path = `${prefix && `/${prefix}`}/api/v1/files/health`

// The certificate is for the name that clients use; whether it is valid is not what is asked here.
request(`${scheme}://127.0.0.1:${FILEGATE_PORT}${path}`, { rejectUnauthorized: false, timeout: 4000 })
  .on('response', (response) => process.exit(response.statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
