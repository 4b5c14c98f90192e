/** https://support.microsoft.com/office/64883a5d-228e-48f5-b3d2-eb39e07630fa, on restrictions and limitations */
const reason = 'OneDrive allows no such names; what encoding makes of them is tested with rclone'
/** Rules of the conformance suite about names that OneDrive does not allow. */
export const impossibleNames = [
  'a newline',
  'a carriage return',
  'a tab',
  'a control character',
  'a DEL character',
  'a colon',
  'a backslash',
  'a backslash at its end',
  'quotation marks',
  'characters that Windows forbids',
  'a fragment and a query',
  'a dot at its end',
  'a space at its end',
  'a space at its start',
  'dots only',
  'a tilde at its start',
  'a device of old',
].map((label) => ({ test: `a name with ${label} stays as it is`, reason }))
