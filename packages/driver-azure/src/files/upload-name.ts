/** Unfinished files stand beside their destination under such names, and are shown to nobody. */
export const uploadName = (): string => `.filegate-${crypto.randomUUID()}.part`

export const isUploadName = (name: string): boolean => /^\.filegate-[0-9a-f-]{36}\.part$/.test(name)
