// What this machine says to other clients of storage, or of a proxy that it is behind, is none of the business of tests that
// talk to loopback only: programs that they start, and clients of vendors in this process, would go by it.
const foreign = /^(?:AWS|AZURE|CEPH|CLOUDSDK|GOOGLE|RCLONE)_|^(?:all|http|https|no)_proxy$/i
for (const name of Object.keys(process.env)) if (foreign.test(name)) delete process.env[name]
