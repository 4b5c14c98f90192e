/** Which of the services of a storage account. */
export type Service = 'blob' | 'file'
