import { credentialsFile, flag, secretText, text } from '@filegate/core/options'
import type { z } from 'zod'

const lentByServer = 'A server allows it with --credentials-dir only.'

/** The options of every way to log in that both services have. */
export const loginOptions = {
  account: text().describe('Name of the storage account. Not needed where a URL holds it.'),
  key: secretText().describe('A key of the account, in Base64 as the portal shows it.'),
  sas_url: secretText().describe('URL with a shared access signature, instead of an account and a key.'),
  endpoint: text().describe('URL of the service. Empty: that of the account at Azure.'),
  env_auth: flag()
    .prefault(false)
    .meta({ machineCredentials: true })
    .describe(
      `Log in with what the machine has: variables of the environment, then its workload or managed identity, then the program az. ${lentByServer}`,
    ),
  tenant: text().describe('Identifier or domain of the Entra tenant.'),
  client_id: text().describe('Identifier of the application (service principal) in the tenant.'),
  client_secret: secretText().describe('A secret of the application.'),
  client_certificate_path: credentialsFile().describe(
    'File with a certificate of the application and its key, as PEM or PKCS #12.',
  ),
  client_certificate_password: secretText().describe('Password of the file with the certificate.'),
  client_send_certificate_chain: flag()
    .prefault(false)
    .describe('Send the certificate along (x5c), for applications that trust its issuer and name.'),
  username: text().describe('A user of the tenant, instead of an application. Not for accounts with a second factor.'),
  password: secretText().describe('Password of the user.'),
  service_principal_file: credentialsFile().describe(
    'JSON file with appId, password and tenant, as az ad sp create-for-rbac writes it.',
  ),
  use_msi: flag()
    .prefault(false)
    .meta({ machineCredentials: true })
    .describe(`Log in as the managed identity of the machine. ${lentByServer}`),
  msi_object_id: text().describe('Which managed identity, by its object; one of the three ways to say that.'),
  msi_client_id: text()
    .meta({ machineCredentials: true })
    .describe(
      'Which managed identity, by its client. With tenant and client_id and without use_msi: the identity stands surety for that application.',
    ),
  msi_mi_res_id: text().describe('Which managed identity, by its resource.'),
}

type CommonOptions = z.output<z.ZodObject<typeof loginOptions>>

/** What decides about the login. The last four are options of one of the services only. */
export interface LoginOptions extends CommonOptions {
  readonly use_emulator?: boolean | undefined
  readonly use_az?: boolean | undefined
  readonly disable_instance_discovery?: boolean | undefined
  readonly connection_string?: string | undefined
}

export const useEmulator = () =>
  flag().prefault(false).describe('Connect to the emulator on this machine (Azurite), with its well-known account.')

export const useAz = () =>
  flag()
    .prefault(false)
    .meta({ machineCredentials: true })
    .describe(`Log in with the program az of the machine. ${lentByServer}`)

export const disableInstanceDiscovery = () =>
  flag().prefault(false).describe('Do not ask Microsoft whether the login service is genuine, for disconnected clouds.')

export const connectionString = () =>
  secretText().describe('Connection string of the account, instead of account, key, sas_url and endpoint.')
