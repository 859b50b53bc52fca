export { ABUSE_READER, type FindAbuseParts, findAbuse, forgetCallers } from './find-abuse.ts';
export { gatewayAbuseRoutes } from './routes.ts';
