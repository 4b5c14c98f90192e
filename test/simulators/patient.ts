/**
 * How the simulators listen: nobody who stood still for a while, as a busy machine makes one, finds the connection closed. Real services
 * close them too, of course; tests about that break connections on purpose.
 */
export const patient = { requestTimeout: 0, keepAliveTimeout: 0 } as const
